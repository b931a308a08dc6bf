from . import sp_batch
from . import sp_batch_line
from . import sp_batch_run
