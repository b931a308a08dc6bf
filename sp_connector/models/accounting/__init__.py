from . import res_company
from . import res_currency
from . import account_move
from . import account_move_line
from . import account_bank_statement_line
from . import account_tax
