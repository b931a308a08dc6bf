from . import test_sp_elsewhere
from . import test_sp_invoiced
