from . import test_first_run
from . import test_sp_home
