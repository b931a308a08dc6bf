from . import sp_secret
from . import sp_secret_mixin
from . import sp_application
from . import sp_application_watch
from . import sp_oauth_state
from . import sp_rate_limit
from . import sp_report
from . import sp_sync_log
