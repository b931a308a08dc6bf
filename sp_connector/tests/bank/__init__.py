from . import test_sp_settlement_payment
