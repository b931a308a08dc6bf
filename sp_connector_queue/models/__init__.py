from . import sp_connection
from . import sp_report
