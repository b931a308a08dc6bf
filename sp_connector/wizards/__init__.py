from . import sp_settlement_import
from . import sp_account_setup
from . import sp_connect
from . import sp_disconnect
from . import sp_booking_settings
from . import sp_fixed_rate
from . import sp_gap_dismiss
