from . import sp_preview
from . import sp_change_preview
from . import sp_change_preview_settlement
from . import sp_change_preview_line
