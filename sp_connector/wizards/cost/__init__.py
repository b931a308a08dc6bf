from . import sp_cost_settings
from . import sp_cost_entry
from . import sp_cost_import
