from . import cards
from . import sp_home
from . import sp_home_connections
from . import sp_home_first_run
