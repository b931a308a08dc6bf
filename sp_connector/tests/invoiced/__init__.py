from . import test_sp_invoiced
from . import test_sp_invoiced_entry
