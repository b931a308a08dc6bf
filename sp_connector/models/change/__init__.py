from . import sp_change
from . import sp_settlement_rebook
