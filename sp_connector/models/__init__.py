# Each room's own list stands in its __init__.
from . import common
from . import meaning
from . import amazon
from . import connection
from . import bank
from . import accounting
from . import control
from . import shown
from . import autopost
from . import elsewhere
from . import settlement
from . import booking
from . import change
from . import accrual
from . import home
from . import proposals
from . import batch
