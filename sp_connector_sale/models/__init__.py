from . import res_company
from . import sp_invoiced_finder
from . import sp_settlement_row
