from . import test_sp_cost
from . import test_sp_sku_cost
from . import test_sp_cost_wizards
