from . import sp_settlement_auto
from . import sp_autopost
from . import sp_autopost_run
