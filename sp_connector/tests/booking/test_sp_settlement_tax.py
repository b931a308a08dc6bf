"""Tax of a settlement: computed by Odoo's engine, to the cent of Amazon's total."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

PRICE, TAX = "Order/ItemPrice/Principal", "Order/ItemPrice/Tax"
REFUND, FEE = "Refund/ItemPrice/Principal", "Order/ItemFees/Commission"
WITHHELD = "Order/ItemWithheldTax/MarketplaceFacilitatorVAT-Principal"
UK = {"marketplace_name": "Amazon.co.uk"}


class TestSpSettlementTax(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vat = cls.make_tax("VAT", 20.0)
        cls.zero = cls.make_tax("Zero", 0.0)
        cls.input = cls.make_tax("Input", 20.0, "purchase")
        cls.reverse = cls.make_tax("Reverse", 20.0, "purchase", reverse=True)

    def book(self, *rows, total, **options):
        settlement = self.import_file(self.file(*rows, total=total, **options))
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertBalanced(settlement)
        return settlement

    def row(self, words, amount, item="1", sku="LAMP", **cells):
        return helpers.row(words, amount, order_item_code=item, sku=sku, **UK, **cells)

    # === OUTPUT TAX === #

    def test_tax_is_taken_out_of_a_gross_price_and_net_is_the_rest(self):
        self.map_tax("sales", "output_included", self.vat)
        settlement = self.book(self.row(PRICE, "10.01"), total="10.01")
        self.assertEqual(
            self.taxed_entry(settlement),
            [
                ("Amazon Sales", -8.34, "VAT invoice base"),
                ("VAT account", -1.67, "VAT invoice tax"),
                ("Amazon Clearing", 10.01, ""),
            ],
        )
        tax_item = settlement.move_id.line_ids.filtered("tax_repartition_line_id")
        self.assertEqual(tax_item.tax_base_amount, -8.34)  # as Odoo signs it: a credit
        self.assertEqual(settlement.line_ids.tax_ids, self.vat)

    def test_a_refund_takes_the_tax_back_with_the_tags_of_a_refund(self):
        self.map_tax("refunds", "output_included", self.vat)
        settlement = self.book(self.row(REFUND, "-24.00"), total="-24.00")
        self.assertEqual(
            self.taxed_entry(settlement)[:2],
            [
                ("Amazon Refunds", 20.0, "VAT refund base"),
                ("VAT account", 4.0, "VAT refund tax"),
            ],
        )

    def test_prices_of_both_forms_stand_in_one_file(self):
        """Nothing is taxed twice, nothing is left untaxed."""
        self.map_tax("sales", "output_included", self.vat)
        settlement = self.book(
            *(self.row(PRICE, "12.00"), self.row(PRICE, "10.00", "2"), self.row(TAX, "2.00", "2")),
            total="24.00",
        )
        self.assertEqual(
            self.taxed_entry(settlement),
            [
                ("Amazon Sales", -10.0, "VAT invoice base"),
                ("Amazon Sales", -10.0, "VAT invoice base"),
                ("VAT account", -4.0, "VAT invoice tax"),
                ("Amazon Clearing", 24.0, ""),
            ],
        )
        tax_row = settlement.line_ids.filtered(lambda line: line.category == "sales_tax")
        self.assertTrue(tax_row.move_line_id.tax_repartition_line_id)

    def test_amazons_own_tax_counts_where_rounding_makes_another(self):
        self.map_tax("sales", "output_on_net", self.vat)
        rows = []
        for number in range(3):
            item = str(number)
            rows += [self.row(PRICE, "0.13", item), self.row(TAX, "0.03", item)]
        settlement = self.book(*rows, total="0.48")
        self.assertIn(("VAT account", -0.09, "VAT invoice tax"), self.taxed_entry(settlement))

    def test_a_tax_row_of_another_rate_holds_and_says_so(self):
        self.map_tax("sales", "output_included", self.vat)
        settlement = self.import_file(
            self.file(self.row(PRICE, "100.00"), self.row(TAX, "5.00"), total="105.00")
        )
        self.assertHeld(settlement, "Amazon.co.uk", "5.00", "VAT", "20.00", "tax class")
        self.assertTrue(settlement.needs_mapping)

    def test_a_price_without_tax_stays_untaxed(self):
        self.map_tax("sales", "output_included", self.vat)
        settlement = self.book(self.row(PRICE, "10.00"), self.row(TAX, "0.00"), total="10.00")
        self.assertEqual(self.taxed_entry(settlement)[0], ("Amazon Sales", -10.0, ""))

    # === THE MARKETPLACE PAYS === #

    def test_what_the_marketplace_withholds_is_no_tax_of_the_seller(self):
        self.map_tax("sales", "output_included", self.vat)
        self.map_tax("sales", "marketplace", self.zero, tax_form="withheld")
        settlement = self.book(
            self.row(PRICE, "12.00"),
            *(self.row(words, amount, "2") for words, amount in (
                (PRICE, "20.00"), (TAX, "4.00"), (WITHHELD, "-4.00"),
            )),
            total="32.00",
        )  # fmt: skip
        self.assertEqual(
            self.taxed_entry(settlement),
            [
                ("Amazon Sales", -10.0, "VAT invoice base"),
                ("Amazon Sales", -20.0, "Zero invoice base"),
                ("Amazon Sales Tax", -4.0, ""),
                ("Amazon Sales Tax", 4.0, ""),
                ("VAT account", -2.0, "VAT invoice tax"),
                ("Amazon Clearing", 32.0, ""),
            ],
        )
        self.assertTrue(settlement.has_facilitator)
        self.assertEqual(settlement.amount_facilitator, 0)

    def test_what_is_not_withheld_remains_and_is_shown(self):
        settlement = self.book(
            *(self.row(PRICE, "20.00"), self.row(TAX, "4.00"), self.row(WITHHELD, "-3.50")),
            total="20.50",
        )
        self.assertEqual(settlement.amount_facilitator, 0.5)

    # === INPUT TAX === #

    def test_input_tax_is_taken_out_of_a_fee(self):
        self.map_tax("selling_fees", "input_included", self.input)
        settlement = self.book(self.row(FEE, "-6.00"), total="-6.00")
        self.assertEqual(
            self.taxed_entry(settlement)[:2],
            [
                ("Amazon Selling Fees", 5.0, "Input invoice base"),
                ("Input account", 1.0, "Input invoice tax"),
            ],
        )

    def test_a_reverse_charge_is_owed_and_deducted_at_once(self):
        self.map_tax("selling_fees", "reverse_charge", self.reverse)
        settlement = self.book(self.row(FEE, "-6.00"), total="-6.00")
        self.assertEqual(
            sorted(self.taxed_entry(settlement)),
            [
                ("Amazon Clearing", -6.0, ""),
                ("Amazon Selling Fees", 6.0, "Reverse invoice base"),
                ("Reverse account", -1.2, "Reverse invoice tax back"),
                ("Reverse account", 1.2, "Reverse invoice tax"),
            ],
        )

    # === CLASSES OF SKUS === #

    def test_zero_rated_goods_follow_the_class_of_their_sku(self):
        self.map_tax("sales", "output_included", self.vat)
        self.map_tax("sales", "marketplace", self.zero, tax_class="zero")
        settlement = self.import_file(
            self.file(
                *(self.row(PRICE, "12.00"), self.row(PRICE, "5.00", "2", "BOOK-1")),
                total="17.00",
            )
        )
        self.assertEqual(len(settlement.line_ids), 1)
        rows = settlement.row_ids.mapped("line_number")
        self.env["sp.sku.rule"].with_user(self.manager).create(
            {"pattern": "book-*", "tax_class": "zero", "company_id": self.company.id}
        )
        self.assertEqual(settlement.line_ids.mapped("amount"), [12.0, 5.0])
        self.assertEqual(settlement.row_ids.mapped("line_number"), rows)
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(
            self.taxed_entry(settlement)[:3],
            [
                ("Amazon Sales", -10.0, "VAT invoice base"),
                ("Amazon Sales", -5.0, "Zero invoice base"),
                ("VAT account", -2.0, "VAT invoice tax"),
            ],
        )

    def test_zero_rated_goods_with_a_tax_row_of_nothing_are_in_the_tax_return(self):
        self.map_tax("sales", "output_included", self.vat)
        self.map_tax("sales", "output_included", self.zero, tax_class="zero")
        self.env["sp.sku.rule"].with_user(self.manager).create(
            {"pattern": "BOOK-*", "tax_class": "zero", "company_id": self.company.id}
        )
        rows = [self.row(PRICE, "5.00", "2", "BOOK-1"), self.row(TAX, "0.00", "2", "BOOK-1")]
        settlement = self.book(*rows, total="5.00")
        self.assertEqual(
            self.taxed_entry(settlement),
            [("Amazon Sales", -5.0, "Zero invoice base"), ("Amazon Clearing", 5.0, "")],
        )
        self.assertEqual(settlement.line_ids.filtered("has_amount").tax_ids, self.zero)

    def test_a_booked_settlement_keeps_its_lines_until_it_is_taken_back(self):
        settlement = self.book(self.row(PRICE, "5.00", "2", "BOOK-1"), total="5.00")
        line = settlement.line_ids
        self.env["sp.sku.rule"].with_user(self.manager).create(
            {"pattern": "BOOK-*", "tax_class": "zero", "company_id": self.company.id}
        )
        self.assertEqual(settlement.line_ids, line)
        self.assertFalse(line.tax_class)
        settlement.action_undo()
        self.assertEqual(settlement.line_ids.tax_class, "zero")

    # === CURRENCY AND CHANGES === #

    def test_tax_of_a_foreign_currency_balances_in_both(self):
        self.set_rate("EUR", "2026-01-01", 1.1731)
        self.map_tax("sales", "output_included", self.vat)
        self.map_tax("selling_fees", "input_included", self.input)
        settlement = self.book(
            self.row(PRICE, "33.33"), self.row(FEE, "-7.77"), total="25.56", currency="EUR"
        )
        base, tax = settlement.move_id.line_ids.filtered(lambda line: self.vat in (
            line.tax_ids | line.tax_line_id
        )).sorted("id")  # fmt: skip
        self.assertEqual((base.amount_currency, tax.amount_currency), (-27.77, -5.56))
        self.assertEqual((base.balance, tax.balance), (-23.67, -4.74))
        self.assertAlmostEqual(base.balance + tax.balance, -28.41)  # 33.33 / 1.1731

    def test_a_changed_tax_item_cannot_be_posted(self):
        self.map_tax("sales", "output_included", self.vat)
        settlement = self.import_file(self.file(self.row(PRICE, "12.00"), total="12.00"))
        settlement.action_book()
        move = settlement.move_id
        tax = move.line_ids.filtered("tax_repartition_line_id")
        clearing = move.line_ids.filtered(lambda line: line.balance > 0)
        # Without Odoo's own balancing line, which would give it away at once.
        move = move.with_context(check_move_validity=False, skip_invoice_sync=True)
        move.with_user(self.manager).write(
            {
                "line_ids": [
                    Command.update(tax.id, {"amount_currency": -1.0, "balance": -1.0}),
                    Command.update(clearing.id, {"amount_currency": 11.0, "balance": 11.0}),
                ]
            }
        )
        with self.assertRaisesRegex(UserError, "no longer made of its rows"):
            move.action_post()

    # === THE MAPPING REFUSES === #

    def test_a_tax_must_fit_its_mode(self):
        for mode, taxes, words in (
            ("output_included", self.input, "tax on sales"),
            ("input_included", self.vat, "tax on purchases"),
            ("marketplace", self.vat, "rate of zero"),
            ("reverse_charge", self.input, "add up to nothing"),
            ("output_included", self.vat.browse(), "choose the tax"),
            ("none", self.vat, "remove them"),
        ):
            with self.subTest(mode), self.assertRaisesRegex(ValidationError, words):
                self.map_tax("sales", mode, taxes)

    def test_the_payout_has_no_tax(self):
        with self.assertRaisesRegex(ValidationError, "no income or cost"):
            self.map_tax("deposit", "output_included", self.vat)
