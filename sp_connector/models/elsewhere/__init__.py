from . import sp_settlement_elsewhere
from . import sp_elsewhere
