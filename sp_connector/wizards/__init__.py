from . import setup
from . import amazon
from . import settlement
