from . import test_phone
from . import test_settle_small
from . import test_settlement_form
from . import test_settlement_list
from . import test_sums
from . import test_words_screens
