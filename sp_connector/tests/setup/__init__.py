from . import test_sp_account_places
from . import test_sp_account_setup
from . import test_sp_account_setup_places
from . import test_sp_setup
from . import test_sp_tax_decisions
from . import test_sp_tax_setup
from . import test_sp_tax_setup_countries
from . import test_tax_charts
