from . import test_sp_accrual
from . import test_sp_control
from . import test_upgrade
