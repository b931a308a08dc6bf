from . import sp_settlement_import
from . import sp_account_setup
