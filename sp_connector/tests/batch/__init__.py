from . import test_batch_tours
from . import test_sp_batch
