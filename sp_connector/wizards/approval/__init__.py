from . import sp_approval_settings
from . import sp_send_back
