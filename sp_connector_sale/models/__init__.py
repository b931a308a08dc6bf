from . import res_company
from . import sp_invoiced_finder
