from . import test_sp_approval
from . import test_sp_approval_roads
from . import test_approval_tours
