from . import sp_order_report
from . import sp_order_report_kind
from . import sp_order_report_line
