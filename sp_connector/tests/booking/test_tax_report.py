"""The boxes of Odoo's tax report equal what Amazon's settlement says."""

from decimal import ROUND_HALF_UP, Decimal

from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")
FEES = ("fba_fees", "storage_fees", "advertising", "subscription")


class TestUnitedKingdomTaxReport(SpCase):
    @classmethod
    def make_company(cls, name, currency="GBP"):
        company = super().make_company(name, currency)
        cls.load_chart(company, "l10n_uk", "uk")
        return company

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tax = cls.env["account.chart.template"].sudo().with_company(cls.company).ref
        cls.standard, cls.zero = tax("ST11"), tax("ST0")
        cls.input, cls.reverse = tax("PT_20_S"), tax("PT_20_RCI")
        for category in SALES:
            cls.map_tax(category, "output_included", cls.standard)
            cls.map_tax(category, "output_included", cls.zero, tax_class="zero")
            cls.map_tax(category, "marketplace", cls.zero, tax_form="withheld")
        for category in FEES:
            cls.map_tax(category, "input_included", cls.input)
        cls.map_tax("selling_fees", "reverse_charge", cls.reverse)
        cls.root_env["sp.sku.rule"].create(
            {"pattern": "TEA-GREEN-*", "tax_class": "zero", "company_id": cls.company.id}
        )

    # === WHAT ODOO'S REPORT SAYS === #

    def boxes(self, *moves):
        """{code of the line: its balance}: Odoo's report, read from its own records.

        The renderer is not in Community. Its engine of tax tags sums the items that have the tag,
        and negates where the formula says so; an aggregation adds such sums.
        """
        report = self.root_env.ref("l10n_uk.tax_report")
        items = self.env["account.move.line"].union(*(move.line_ids for move in moves))
        found = {}
        for line in report.line_ids.filtered("code"):
            for expression in line.expression_ids.filtered(lambda e: e.engine == "tax_tags"):
                tags = expression._get_matching_tags()
                self.assertTrue(tags, expression.formula)
                sign = -1 if expression.formula.startswith("-") else 1
                total = sum(item.balance for item in items if item.tax_tag_ids & tags)
                found[f"{line.code}.{expression.label}"] = sign * round(total, 2)
        for line in report.line_ids.filtered("code"):
            for expression in line.expression_ids.filtered(lambda e: e.engine == "aggregation"):
                if f"{line.code}." in expression.formula:  # of its own parts: sales and purchases
                    terms = expression.formula.split(" + ")
                    found[f"{line.code}.{expression.label}"] = sum(found[term] for term in terms)
        return {
            name.removeprefix("UKTAX_").removesuffix(".balance"): round(amount, 2)
            for name, amount in found.items()
            if name.endswith(".balance")
        }

    # === WHAT AMAZON'S FILE SAYS === #

    def worked_out(self, settlement):
        """The boxes by the arithmetic of the tax return, from the sums of the lines alone."""
        output = net_sales = paid = net_fees = reversed_tax = reversed_net = Decimal(0)
        cent = Decimal("0.01")
        sums = {}
        for line in settlement.line_ids:
            key = line.category, line.tax_class, line.tax_form, line.marketplace_name
            sums[key] = sums.get(key, 0) + Decimal(f"{line.amount:.2f}")
        for (category, tax_class, form, _place), amount in sums.items():
            tax = (amount * 20 / 120).quantize(cent, ROUND_HALF_UP)
            if category in SALES:
                if tax_class == "zero" or form == "withheld":
                    tax = Decimal(0)
                output, net_sales = output + tax, net_sales + amount - tax
            elif category in FEES:
                paid, net_fees = paid - tax, net_fees - amount + tax
            elif category == "selling_fees":
                reversed_net -= amount
                reversed_tax -= (amount / 5).quantize(cent, ROUND_HALF_UP)
        return {
            "1": float(output + reversed_tax),
            "4": float(paid + reversed_tax),
            "6": float(net_sales + reversed_net),
            "7": float(net_fees + reversed_net),
        }

    def check_boxes(self, settlement):
        settlement.action_post()
        self.assertBalanced(settlement)
        found = self.boxes(*settlement._active_moves())
        wanted = self.worked_out(settlement)
        self.assertEqual({name: found[name] for name in wanted}, wanted)
        return found

    def test_the_boxes_of_a_settlement(self):
        """One number worked out by hand as well, so that no formula is its own proof."""
        found = self.check_boxes(self.import_sample("v2_uk_gbp.txt"))
        # Sales 81.00, shipping 8.49, promotions -3.99: 13.50 + 1.42 - 0.67, and 17.15 of fees.
        self.assertEqual(found["1"], 17.68)
        # FBA 10.00, advertising 14.40, storage 6.00, subscription 30.00, and the same fees.
        self.assertEqual(found["4"], 13.50)

    def test_the_boxes_of_one_that_is_all_refunds(self):
        found = self.check_boxes(self.import_sample("v2_negative.txt"))
        self.assertLess(found["1"], 0)
        self.assertLess(found["6"], 0)

    def test_each_month_is_in_its_own_return(self):
        settlement = self.import_sample("v2_uk_gbp_next.txt")
        settlement.action_post()
        first, last = settlement._active_moves().sorted("id")
        april, may = self.boxes(first), self.boxes(last)
        # April: 48.00 zero-rated and 57.00 sold, FBA 7.94, fees 15.75.
        self.assertEqual([april[n] for n in "1467"], [12.65, 4.47, 111.25, 22.37])
        # May: 24.00 and -2.40 zero-rated, 45.00 refunded, FBA 2.94, advertising 9.60, and 2.16 of
        # fees come back.
        self.assertEqual([may[n] for n in "1467"], [-7.93, 1.66, -18.06, 8.29])

    def test_an_entry_taken_back_leaves_the_boxes_empty(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        self.company.fiscalyear_lock_date = "2026-04-30"
        moves = settlement._active_moves()
        settlement.action_undo()
        moves |= settlement.move_ids
        self.assertEqual(len(moves), 2)  # the entry and its reversal
        self.assertFalse(any(self.boxes(*moves).values()))


class TestCashBasis(SpCase):
    """Taxes that wait for a payment: Amazon has paid, so an entry waits for nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tax_exigibility = True
        journal = {"type": "general", "company_id": cls.company.id}
        cls.company.tax_cash_basis_journal_id = cls.root_env["account.journal"].create(
            {**journal, "name": "Cash Basis", "code": "CABA"}
        )
        cls.waiting = cls.make_account("VAT not yet due", "liability_current", reconcile=True)
        cls.vat = cls.make_tax(
            "VAT",
            20.0,
            tax_exigibility="on_payment",
            cash_basis_transition_account_id=cls.waiting.id,
        )
        cls.map_tax("sales", "output_included", cls.vat)

    def book(self):
        settlement = self.import_file(
            self.file(helpers.row("Order/ItemPrice/Principal", "12.00"), total="12.00")
        )
        settlement.action_post()
        return settlement

    def test_the_tax_of_an_entry_is_due_at_once(self):
        settlement = self.book()
        self.assertTrue(settlement.move_id.always_tax_exigible)
        self.assertEqual(
            self.taxed_entry(settlement),
            [
                ("Amazon Sales", -10.0, "VAT invoice base"),
                ("VAT account", -2.0, "VAT invoice tax"),
                ("Amazon Clearing", 12.0, ""),
            ],
        )

    def test_the_tax_of_an_invoice_waits_for_the_payment(self):
        env = self.root_env
        env["account.journal"].create(
            {"name": "Sales", "code": "INV", "type": "sale", "company_id": self.company.id}
        )
        receivable = self.make_account("Debtors", "asset_receivable", reconcile=True)
        partner = env["res.partner"].create({"name": "Amazon", "is_company": True})
        partner.with_company(self.company).property_account_receivable_id = receivable
        self.set_booking(booking_form="invoice", partner_id=partner.id)
        settlement = self.book()
        self.assertEqual(
            self.taxed_entry(settlement),
            [
                ("Amazon Sales", -10.0, ""),
                ("VAT not yet due", -2.0, ""),
                ("Debtors", 12.0, ""),
            ],
        )
        bank = self.make_account("Bank", "asset_cash")
        payment = env["account.move"].create(
            {
                "company_id": self.company.id,
                "journal_id": self.company.tax_cash_basis_journal_id.id,
                "date": "2026-04-17",
                "line_ids": [
                    Command.create({"account_id": bank.id, "debit": 12.0}),
                    Command.create(
                        {"account_id": receivable.id, "credit": 12.0, "partner_id": partner.id}
                    ),
                ],
            }
        )
        payment.action_post()
        debts = (payment | settlement.move_id).sudo().line_ids
        debts.filtered(lambda item: item.account_id == receivable).reconcile()
        due = self.root_env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", settlement.move_id.id)]
        )
        tax = due.line_ids.filtered(lambda item: item.tax_tag_ids.name == "VAT invoice tax")
        self.assertEqual(tax.mapped("balance"), [-2.0])
        self.assertTrue(settlement.move_id.payment_state in ("paid", "in_payment"))
