from . import accrual
from . import setup
from . import amazon
from . import bank
from . import settlement
from . import held
from . import change
from . import elsewhere
