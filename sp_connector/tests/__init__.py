# Odoo runs the tests of the files named here, and passes over others without a word.
from . import test_engine
from . import test_fake_amazon
from . import test_fake_amazon_http
from . import test_fake_amazon_sp_api
from . import test_layout
from . import test_packaging
from . import test_security
from . import test_sign_in
from . import test_sp_account_mapping
from . import test_sp_account_setup
from . import test_sp_category_rule
from . import test_sp_settlement
from . import test_sp_settlement_booking
from . import test_sp_settlement_import
from . import test_sp_settlement_intake
from . import test_sp_settlement_undo
from . import test_tours
