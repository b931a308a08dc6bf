from . import sp_invoiced_words
from . import sp_invoiced
from . import sp_invoiced_finder
from . import sp_invoiced_match
from . import sp_settlement_invoiced
