from . import test_sp_opening
