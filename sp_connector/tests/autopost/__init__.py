from . import test_sp_autopost
from . import test_autopost_tours
