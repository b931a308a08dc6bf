from . import sp_settlement
from . import sp_settlement_intake
from . import sp_settlement_double
from . import sp_settlement_unused
from . import sp_settlement_reread
from . import sp_settlement_gap
from . import sp_settlement_line
from . import sp_settlement_row
