from . import test_change_tours
from . import test_sp_change
from . import test_sp_preview
