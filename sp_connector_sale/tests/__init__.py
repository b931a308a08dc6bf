from . import test_sp_order_report
