from . import file_words
from . import texts
from . import ir_attachment
from . import sp_alarm_mixin
from . import sp_audited
from . import sp_exported
from . import sp_change_mixin
from . import sp_chatter_mixin
