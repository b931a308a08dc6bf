from . import test_sp_autopost
