from . import test_sp_home
