from . import sp_settlement_neighbours
from . import sp_settlement_taxes
