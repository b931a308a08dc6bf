from . import test_crash
from . import test_crash_batch
from . import test_crash_upload
from . import test_two_processes
