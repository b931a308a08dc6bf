from . import account_places
from . import account_plan
from . import sp_account_plan
from . import sp_tax_proposals
from . import tax_proposals
