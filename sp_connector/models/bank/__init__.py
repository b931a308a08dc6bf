from . import ages
from . import sp_settlement_payment
