"""What goods cost, from Amazon's rows to the entry: counted once, dated, held where unknown."""

from unittest.mock import patch

from ...engine.tests import helpers
from ...models.accounting.res_company import ResCompany
from ..cost_common import FEE, LOST, PRICE, REFUND, CostCase

COLUMNS = helpers.V1_COLUMNS


class TestSpCost(CostCase):
    def settle(self, *rows, total, **options):
        return self.import_file(self.file(*rows, total=total, **options))

    # === COUNTED === #

    def test_a_unit_counts_once_however_many_rows_its_order_item_has(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        rows = [
            self.item(PRICE, "10.00", units="2"),
            self.item("Order/ItemPrice/Shipping", "1.00", units="2"),
            self.item(FEE, "-1.00", units="2"),
            # A second block of the same order, in each cell the same.
            self.item(PRICE, "10.00", units="2"),
        ]
        settlement = self.settle(*rows, total="20.00")
        self.assertEqual(self.goods(settlement), [("sold", "TEA", 4, 2.5, 10.0, "")])
        self.assertEqual(settlement.cost_of_goods, 10.0)

    def test_v1_counts_the_row_that_holds_the_quantity(self):
        self.book_costs(sp_cost_refunds="all")
        self.set_cost("TEA", 2.5)
        cells = {
            "order_id": "999-1",
            "order_item_code": "91",
            "sku": "TEA",
            "marketplace_name": "Amazon.co.uk",
        }
        price = {"price_type": "Principal", **cells}
        # Other programs may write it beside the price, too.
        for ref, beside in (("41", ""), ("42", "3")):
            cells["order_id"] = price["order_id"] = f"999-{ref}"
            rows = [
                helpers.v1_row("Order", ref, quantity_purchased="3", **cells),
                helpers.v1_row(
                    "Order", ref, price_amount="9.00", quantity_purchased=beside, **price
                ),
                helpers.v1_row("Refund", ref, price_amount="-9.00", **price),
            ]
            data = helpers.table(helpers.head("0.00", ref), *rows, columns=COLUMNS).encode()
            settlement = self.import_file(data)
            self.assertEqual(
                self.goods(settlement),
                [("refunded", "TEA", 3, 2.5, -7.5, ""), ("sold", "TEA", 3, 2.5, 7.5, "")],
            )

    def test_orders_of_other_channels_leave_the_stock_without_a_price(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        cells = {"marketplace_name": "Non-Amazon UK", "order": "S1"}
        settlement = self.settle(
            self.item(PRICE, "0.00", **cells), self.item(FEE, "-3.00", **cells), total="-3.00"
        )
        self.assertEqual(self.goods(settlement), [("sold", "TEA", 1, 2.5, 2.5, "")])
        settlement.action_book()
        self.assertEqual([cost for *_item, cost in self.booked_costs(settlement)], [2.5, -2.5])

    def test_the_cost_is_that_of_the_day_in_the_company_s_time_zone(self):
        self.company.sudo().sp_time_zone = "America/Los_Angeles"
        self.book_costs()
        self.set_cost("TEA", 2.0)
        self.set_cost("TEA", 3.0, "2026-04-10")
        eve = self.item(PRICE, "10.00", posted_date_time="2026-04-10 06:59:00 UTC")
        after = self.item(PRICE, "10.00", order="2", posted_date_time="2026-04-10 07:00:00 UTC")
        settlement = self.settle(eve, after, total="20.00")
        self.assertEqual([one[3:5] for one in self.goods(settlement)], [(2.0, 2.0), (3.0, 3.0)])

    def test_rows_before_the_first_day_cost_nothing(self):
        self.book_costs(sp_cost_since="2026-04-11")
        settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
        self.assertFalse(settlement.goods_ids)
        self.assertEqual(settlement.state, "review")

    # === WHAT COMES BACK AND WHAT IS LOST === #

    def refund(self, *refunds, **settings):
        """Sell two units for 20.00 in one settlement and refund in the next; its goods."""
        self.book_costs(**settings)
        self.set_cost("TEA", 2.5)
        sale = self.item(PRICE, "20.00", units="2", settlement_id="41")
        self.settle(sale, total="20.00", ref="41")
        rows = [
            self.item(REFUND, amount, units=units, adjustment_id=f"a{number}")
            for number, (amount, units) in enumerate(refunds)
        ]
        total = sum(float(amount) for amount, _units in refunds)
        return self.settle(*rows, total=f"{total:.2f}")

    def test_refunds_change_nothing_unless_the_company_says_so(self):
        settlement = self.refund(("-20.00", ""))
        self.assertFalse(settlement.goods_ids)
        self.assertEqual(settlement.state, "review")

    def test_a_whole_refund_brings_back_what_was_sold_where_amazon_does_not_say(self):
        settlement = self.refund(("-20.00", ""), sp_cost_refunds="all")
        self.assertEqual(self.goods(settlement), [("refunded", "TEA", 2, 2.5, -5.0, "")])

    def test_a_stated_quantity_counts_and_a_share_of_it_comes_back(self):
        settlement = self.refund(("-10.00", "1"), sp_cost_refunds="share", sp_cost_share=30)
        self.assertEqual(self.goods(settlement), [("refunded", "TEA", 1, 2.5, -0.75, "")])

    def test_a_part_of_a_price_brings_nothing_back_and_says_so(self):
        settlement = self.refund(("-4.00", ""), sp_cost_refunds="all")
        self.assertEqual(self.goods(settlement), [("refunded", "TEA", 1, 0.0, 0.0, "unclear")])
        self.assertIn("does not say how many", settlement.booking_note)

    def test_lost_goods_leave_the_stock_where_the_company_wants_it_and_are_said_where_not(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        settlement = self.settle(self.item(LOST, "8.00", units="2"), total="8.00")
        self.assertEqual(self.goods(settlement), [("lost", "TEA", 2, 2.5, 0.0, "kept")])
        self.assertIn("lost, damaged or found", settlement.booking_note)
        self.book_costs(sp_cost_lost=True)
        self.assertEqual(self.goods(settlement), [("lost", "TEA", 2, 2.5, 5.0, "")])

    # === HELD === #

    def test_a_sku_without_a_cost_holds_until_somebody_says_it(self):
        self.book_costs()
        settlement = self.settle(self.item(PRICE, "10.00", units="2"), total="10.00")
        self.assertHeld(settlement, "2 units in all", "TEA: 2")
        self.assertEqual(settlement.hold_code, "no_cost")
        action = settlement.with_user(self.manager)._mend_action("no_cost")
        entry = self.root_env["sp.cost.entry"].with_user(self.manager).browse(action["res_id"])
        self.assertEqual([(line.sku, line.units) for line in entry.line_ids], [("TEA", 2)])
        entry.line_ids.cost = 3.0
        entry.action_save()
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        self.assertEqual(self.goods(settlement), [("sold", "TEA", 2, 3.0, 6.0, "")])

    def test_what_costs_nothing_is_a_decision_that_is_said(self):
        self.book_costs()
        self.set_cost("TEA", 0.0)
        settlement = self.settle(self.item(PRICE, "10.00", units="2"), total="10.00")
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        self.assertIn("cost nothing, as the costs of their SKUs say: 2", settlement.booking_note)
        settlement.action_book()
        self.assertFalse(self.booked_costs(settlement))

    def test_a_product_s_cost_counts_where_the_list_is_silent(self):
        product = self.root_env["product.product"].create(
            {"name": "Tea", "default_code": "TEA", "company_id": self.company.id}
        )
        product.with_company(self.company).standard_price = 4.0
        self.book_costs("product")
        settlement = self.settle(
            self.item(PRICE, "10.00"), self.item(PRICE, "5.00", "MUG", order="2"), total="15.00"
        )
        self.assertHeld(settlement, "MUG")
        self.set_cost("MUG", 1.0)
        self.assertEqual(
            self.goods(settlement),
            [("sold", "MUG", 1, 1.0, 1.0, ""), ("sold", "TEA", 1, 4.0, 4.0, "")],
        )
        settlement.action_post()
        # Products have no history: what it cost when it was booked stays.
        product.with_company(self.company).standard_price = 9.0
        self.assertFalse(settlement.newer_plan_note)
        # Two products of one reference are no answer.
        product.create({"name": "Other tea", "default_code": "TEA"})
        settlement.action_undo()
        self.assertEqual(settlement.hold_code, "no_cost")

    def test_odoo_s_own_valuation_holds_and_is_not_offered(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        with patch.object(ResCompany, "_sp_values_stock", return_value=True):
            settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
            self.assertHeld(settlement, "perpetual")
            with self.assertRaisesRegex(Exception, "perpetual"):
                self.book_costs()
            self.book_costs("off")
        self.assertEqual(settlement.state, "review", settlement.hold_reason)

    # === BOOKED === #

    def test_the_cost_is_in_the_company_s_currency_whatever_amazon_pays_in(self):
        self.set_all_rates()
        self.book_costs()
        self.set_cost("TEA", 2.55)
        rows = [self.item(PRICE, "10.01", marketplace_name="Amazon.de")]
        settlement = self.settle(*rows, total="10.01", currency="EUR")
        settlement.action_post()
        self.assertEqual(settlement.state, "posted", settlement.ledger_note)
        self.assertEqual(
            self.booked_costs(settlement),
            [
                ("2026-04-15", "Goods sold", "GBP", 2.55),
                ("2026-04-15", "Goods at Amazon", "GBP", -2.55),
            ],
        )
        self.assertEqual(settlement.amount_entry, settlement.amount_total)
        self.assertEqual(settlement.payment_state, "waiting")
        self.assertIn("2.55", str(self.env["sp.settlement.preview"]._render(settlement)))

    def test_an_invoice_carries_the_cost_beside_its_lines(self):
        self.root_env["account.journal"].create(
            {"name": "Sales", "code": "INV", "type": "sale", "company_id": self.company.id}
        )
        partner = self.root_env["res.partner"].create({"name": "Amazon UK"})
        partner.with_company(self.company).property_account_receivable_id = self.make_account(
            "Debtors", "asset_receivable", reconcile=True
        )
        self.set_booking(booking_form="invoice", partner_id=partner.id)
        self.book_costs()
        self.set_cost("TEA", 2.5)
        settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted", settlement.ledger_note)
        self.assertEqual([cost for *_item, cost in self.booked_costs(settlement)], [2.5, -2.5])
        self.assertEqual(settlement.move_id.amount_total, 10.0)
        self.assertEqual(len(settlement.move_id.invoice_line_ids), 1)

    def test_the_set_up_shows_the_cost_beside_its_choices(self):
        self.set_all_rates()
        self.book_costs()
        self.set_cost("TEA", 2.5)
        row = self.item(PRICE, "10.00", marketplace_name="Amazon.de")
        settlement = self.settle(row, total="10.00", currency="EUR")
        setup = self.root_env["sp.setup"].with_user(self.manager)
        setup = setup.create({"company_id": self.company.id, "settlement_id": settlement.id})
        (part,) = setup.entry["parts"]
        money = settlement.company_currency_id.format
        self.assertEqual([item["net"] for item in part["items"][-2:]], [money(-2.5), money(2.5)])
        self.assertFalse(part["taxes"])

    def test_a_changed_cost_shows_and_is_booked_anew(self):
        self.book_costs()
        cost = self.set_cost("TEA", 2.5)
        settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
        settlement.action_post()
        cost.cost = 3.0
        self.assertIn("3.00", settlement.newer_plan_note)
        (outcome,) = self.env["sp.change"]._compare_booked(settlement)
        self.assertEqual([change.after - change.before for change in outcome.changes], [0.5, -0.5])
        self.env["sp.settlement.rebook"]._rebook(settlement)
        self.assertEqual([item[3] for item in self.booked_costs(settlement)], [3.0, -3.0])
        self.assertFalse(settlement.newer_plan_note)
        cost.unlink()
        self.assertIn("held now", settlement.newer_plan_note)

    def test_a_changed_item_of_the_cost_is_seen_in_the_ledger(self):
        self.book_costs()
        self.set_cost("TEA", 2.5)
        settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
        settlement.action_book()
        items = settlement.move_id.line_ids
        for account, balance in ((self.cost_account, 9.0), (self.inventory_account, -9.0)):
            item = items.filtered(lambda item, account=account: item.account_id == account)
            item.sudo().with_context(check_move_validity=False).balance = balance
        self.assertIn("9.00", settlement.ledger_note)

    def test_undo_takes_the_cost_back_and_counts_anew(self):
        self.book_costs()
        cost = self.set_cost("TEA", 2.5)
        settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
        settlement.action_book()
        cost.cost = 4.0
        self.assertEqual(self.goods(settlement), [("sold", "TEA", 1, 2.5, 2.5, "")])
        settlement.action_undo()
        self.assertFalse(settlement.move_id)
        self.assertEqual(self.goods(settlement), [("sold", "TEA", 1, 4.0, 4.0, "")])

    def test_switched_off_nothing_is_counted_or_booked(self):
        self.set_cost("TEA", 2.5)
        settlement = self.settle(self.item(PRICE, "10.00"), total="10.00")
        self.assertFalse(settlement.goods_ids)
        settlement.action_book()
        self.assertEqual(len(settlement.move_id.line_ids), 2)
        self.book_costs()
        self.assertIn("would have the item", settlement.newer_plan_note)
        self.book_costs("off")
        settlement.invalidate_recordset(["newer_plan_note"])
        self.assertFalse(settlement.newer_plan_note)
