from . import sp_balance
from . import sp_balance_sync
from . import sp_held_sources
