from . import category_labels
from . import sp_marketplace
from . import sp_category_rule
from . import sp_word_suggestion
from . import sp_sku_rule
from . import sp_account_mapping
from . import sp_word
