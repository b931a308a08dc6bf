from . import test_settlement_list
