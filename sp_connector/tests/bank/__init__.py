from . import test_any_bank
from . import test_bank_browser
from . import test_account_bank_statement_line
from . import test_bank_oca
from . import test_sp_clearing
from . import test_sp_settlement_payment
from . import test_sp_bank_match
from . import test_sp_bank_proposal
