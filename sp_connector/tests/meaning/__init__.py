from . import test_field_words
from . import test_sp_word
from . import test_sp_account_mapping
from . import test_sp_audited
from . import test_sp_category_rule
from . import test_sp_sku_rule
