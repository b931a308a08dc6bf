from . import sp_opening
from . import sp_opening_entry
from . import sp_settlement_opening
