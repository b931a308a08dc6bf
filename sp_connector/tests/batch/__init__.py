from . import test_sp_batch
