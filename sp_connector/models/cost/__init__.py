# Before the others: sp.settlement and sp.decision.words stand on two of these.
from . import goods_words
from . import sp_settlement_cost
from . import sp_cost_words
from . import sp_sku_cost
from . import sp_goods
from . import sp_cost
