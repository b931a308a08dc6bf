from . import sp_backfill
from . import sp_connect
from . import sp_debug_download
from . import sp_disconnect
