from . import texts
from . import sp_alarm_mixin
from . import sp_exported
