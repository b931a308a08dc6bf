from . import test_sp_held
from . import test_sp_balance
