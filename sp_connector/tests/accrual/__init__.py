from . import test_sp_control
