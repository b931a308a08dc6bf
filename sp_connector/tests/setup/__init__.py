from . import test_sp_account_places
from . import test_sp_setup
from . import test_sp_setup_accounts
from . import test_sp_setup_places
from . import test_sp_tax_decisions
from . import test_sp_tax_proposals
from . import test_sp_tax_proposals_countries
from . import test_tax_charts
