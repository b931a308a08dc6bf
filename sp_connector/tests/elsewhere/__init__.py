from . import test_sp_elsewhere
