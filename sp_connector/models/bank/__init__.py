# Before the others: sp.settlement, which they use, stands on these.
from . import ages
from . import sp_settlement_payment
from . import sp_settlement_proposal
from . import sp_bank_journal
from . import sp_bank_pool
from . import sp_bank_match
from . import sp_bank_entry
from . import sp_bank_words
