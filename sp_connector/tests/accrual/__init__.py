from . import test_accrual_browser
from . import test_golden_accruals
from . import test_sp_accrual
from . import test_sp_accrual_invoiced
from . import test_sp_accrual_month
from . import test_sp_control
from . import test_upgrade
