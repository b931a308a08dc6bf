from . import sp_gap_dismiss
from . import sp_roll_forward
from . import sp_roll_forward_break
from . import sp_settle_small
from . import sp_settlement_import
from . import sp_undo
