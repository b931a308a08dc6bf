from . import sp_change
from . import sp_settlement_preview
from . import sp_settlement_rebook
