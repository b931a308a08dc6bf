from . import sp_control
from . import sp_control_sync
from . import sp_settlement_control
