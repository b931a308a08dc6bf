from . import sp_fixed_rate
from . import sp_setup
from . import sp_setup_entry
from . import sp_setup_line
from . import sp_setup_rows
