"""Which rows tell of goods: each unit once, whatever the form of the file."""

import unittest

from ...cost.units import FOUND, LOST, REFUNDED, SOLD, Tells, tells
from .. import helpers


class TestTells(unittest.TestCase):
    def test_the_price_of_the_goods_counts_and_nothing_beside_it(self):
        for words, told in (
            (("Order", "ItemPrice", "Principal"), Tells(SOLD)),
            (("Order", "ItemPrice", "Tax"), None),
            (("Order", "ItemPrice", "Shipping"), None),
            (("Order", "Promotion", "Principal"), None),
            (("Order", "ItemFees", "Commission"), None),
            (("Refund", "ItemPrice", "Principal"), Tells(REFUNDED)),
            (("Refund", "ItemPrice", "RestockingFee"), None),
            (("Liquidations", "ItemPrice", "Principal"), Tells(SOLD)),
            (("Order", "V1:price-amount", ""), Tells(SOLD, is_bare=True)),
            (("Order", "V1:price-amount", "Principal"), Tells(SOLD)),
            (("Order", "V1:price-amount", "Tax"), None),
            (("Refund", "V1:price-amount", "Principal"), Tells(REFUNDED)),
        ):
            self.assertEqual(tells(words), told, words)

    def test_money_that_goes_back_without_goods_tells_nothing(self):
        for event in ("Chargeback Refund", "A-to-z Guarantee Refund", "Order_Retrocharge"):
            self.assertIsNone(tells((event, "ItemPrice", "Principal")), event)

    def test_reimbursed_goods_were_in_the_stock_or_had_left_it(self):
        v2, v1 = ("other-transaction", "FBA Inventory Reimbursement"), "V1:other-amount"
        for words, told in (
            ((*v2, "WAREHOUSE_LOST"), Tells(LOST)),
            ((*v2, "WAREHOUSE_DAMAGE"), Tells(LOST)),
            (("WAREHOUSE_DAMAGE", v1, ""), Tells(LOST)),
            ((*v2, "COMPENSATED_CLAWBACK"), Tells(FOUND)),
            ((*v2, "REVERSAL_REIMBURSEMENT"), None),
            ((*v2, "MULTICHANNEL_ORDER_LOST"), None),
            ((*v2, "CUSTOMER_RETURN"), None),
            (("Storage Fee", v1, ""), None),
        ):
            self.assertEqual(tells(words), told, words)

    def test_a_sample_s_rows_count_each_unit_once(self):
        """The engine's own count of each line is that of the prices."""
        for name in ("v2_uk_gbp.txt", "v1_ca_cad_36_columns.txt"):
            for settlement in helpers.settlements(helpers.sample(name)).values():
                units = {
                    key: line.quantity
                    for key, line in settlement.lines.items()
                    if (told := tells(key[2:5])) and told.kind == SOLD
                }
                self.assertGreater(sum(units.values()), 0, name)
                others = sum(line.quantity for line in settlement.lines.values()) - sum(
                    units.values()
                )
                refunded = [
                    line.quantity
                    for key, line in settlement.lines.items()
                    if (told := tells(key[2:5])) and told.kind == REFUNDED
                ]
                self.assertEqual(others, sum(refunded), name)
