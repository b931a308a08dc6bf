from . import sp_connection_sync
from . import sp_report
