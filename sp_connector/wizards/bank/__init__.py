from . import sp_clearing
from . import sp_bank_proposal
from . import sp_bank_settings
