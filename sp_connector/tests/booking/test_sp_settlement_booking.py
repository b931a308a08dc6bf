"""The journal entry: right accounts, right signs, Amazon's total."""

from ...engine.tests import helpers
from ..common import SpCase

DEPOSIT = "Amazon Clearing"
SALE, SHIPPING = "Order/ItemPrice/Principal", "Order/ItemPrice/Shipping"
GIFT, FEE = "Order/ItemPrice/GiftWrap", "Order/ItemFees/Commission"


class TestSpSettlementBooking(SpCase):
    # === THE ENTRY === #

    def test_the_entry_of_the_uk_sample(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        self.assertEqual(settlement.state, "booked")
        uk = ", Amazon.co.uk"
        self.assertCountEqual(
            self.entry(settlement),
            [
                ("Sales" + uk, "Amazon Sales", -125.0),
                ("Shipping charged to buyers" + uk, "Amazon Shipping Income", -8.49),
                ("Promotions" + uk, "Amazon Promotions", 3.99),
                ("Refunds" + uk, "Amazon Refunds", 24.0),
                ("Selling fees" + uk, "Amazon Selling Fees", 17.15),
                ("FBA fees" + uk, "Amazon FBA Fees", 10.0),
                ("Sales tax collected" + uk, "Amazon Sales Tax", -4.0),
                ("Tax withheld by the marketplace" + uk, "Amazon Sales Tax", 4.0),
                ("Advertising", "Amazon Advertising", 14.4),
                ("Storage fees", "Amazon Storage Fees", 6.0),
                ("Reimbursements", "Amazon Reimbursements", -16.8),
                ("Subscription", "Amazon Subscription", 30.0),
                (
                    "Reserve held by Amazon: Previous Reserve Amount Balance",
                    "Amazon Reserve",
                    -120.0,
                ),
                ("Reserve held by Amazon: Current Reserve Amount", "Amazon Reserve", 80.0),
                ("Payout 99000000101", DEPOSIT, 84.75),
            ],
        )
        self.assertBalanced(settlement)
        move = settlement.move_id
        self.assertEqual((move.state, move.move_type), ("draft", "entry"))
        self.assertEqual(move.journal_id, self.company.sp_journal_id)
        self.assertEqual(move.company_id, self.company)
        self.assertEqual(str(move.date), "2026-04-22")
        self.assertEqual(move.ref, "Amazon settlement 99000000101")
        self.assertEqual(move.sp_settlement_id, settlement)

    def test_every_proved_sample_posts_to_the_cent(self):
        self.set_all_rates(rate=1.3371)
        names = sorted(
            path.name for path in helpers.SAMPLES.glob("v[12]_*.txt")
            if path.name not in (
                "v2_unknown_words.txt", "v2_no_total.txt", "v2_does_not_sum.txt",
                "v2_two_settlements.txt",
            )
        )  # fmt: skip
        settlements = self.import_sample(*names)
        self.assertEqual(len(settlements), 16)
        for settlement in settlements:
            with self.subTest(settlement.attachment_id.name):
                self.assertIsNone(settlement.action_post(), settlement.hold_reason)
                self.assertEqual(settlement.state, "posted")
                self.assertEqual(settlement.move_id.state, "posted")
                self.assertEqual(settlement.move_id.date, settlement.date)
                self.assertBalanced(settlement)

    def test_each_line_knows_its_journal_item_and_account(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        for line in settlement.line_ids.filtered("amount"):
            self.assertEqual(line.move_line_id.move_id, settlement.move_id)
            self.assertEqual(line.account_id, line.move_line_id.account_id)
            self.assertEqual(line.account_id, self.account_of(line.category))

    def test_booking_twice_makes_one_entry(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        move = settlement.move_id
        settlement.action_book()
        settlement.action_post()
        settlement.action_post()
        self.assertEqual(settlement.move_ids, move)

    def test_foreign_currency_is_converted_at_the_rate_of_its_last_day(self):
        self.set_rate("USD", "2026-06-01", 1.25)
        self.set_rate("USD", "2026-06-30", 1.6)  # the end of the settlement
        self.set_rate("USD", "2026-07-01", 2.0)
        settlement = self.import_sample("v2_us_usd.txt")
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(str(settlement.move_id.date), "2026-06-30")
        items = {line.account_id.name: line for line in settlement.move_id.line_ids}
        reserve = settlement.move_id.line_ids.filtered(
            lambda line: line.account_id.name == "Amazon Reserve"
        )
        # What the former settlement held, and what this one holds.
        self.assertEqual(reserve.mapped("amount_currency"), [-150.0, 18.51])
        self.assertEqual(reserve.mapped("balance"), [-93.75, 11.57])
        loan = items["Amazon Loans"]
        self.assertEqual((loan.amount_currency, loan.balance), (50.0, 31.25))

    def test_facilitator_tax_nets_to_zero_on_its_account(self):
        self.set_rate("USD", "2026-01-01", 1.25)
        settlement = self.import_sample("v2_us_usd.txt")
        settlement.action_book()
        account = self.account_of("sales_tax")
        items = settlement.move_id.line_ids.filtered(lambda line: line.account_id == account)
        self.assertEqual(sorted(items.mapped("amount_currency")), [-6.55, 6.55])

    def test_yen_have_no_decimals(self):
        self.set_rate("JPY", "2026-01-01", 190.5)
        settlement = self.import_sample("v2_jp_jpy.txt")
        settlement.action_post()
        self.assertBalanced(settlement)
        amounts = settlement.move_id.line_ids.mapped("amount_currency")
        self.assertTrue(all(amount == int(amount) for amount in amounts))
        self.assertIn(("Payout 99000000601", DEPOSIT, 5121.0), self.entry(settlement))
        self.assertIn(
            ("Paid to the seller outside Amazon, Amazon.co.jp", "Amazon Direct Payments", 5330.0),
            self.entry(settlement),
        )

    def test_a_zero_settlement_books_income_and_fees_but_no_payout(self):
        """All is held in the reserve."""
        self.set_rate("USD", "2026-01-01", 1.25)
        settlement = self.import_sample("v2_zero.txt")
        settlement.action_post()
        self.assertBalanced(settlement)
        entry = self.entry(settlement)
        self.assertIn(("Sales, Amazon.com", "Amazon Sales", -65.0), entry)
        reserve = [amount for _label, account, amount in entry if account == "Amazon Reserve"]
        self.assertEqual(reserve, [-75.0, 85.51])
        self.assertIn(("Subscription", "Amazon Subscription", 39.99), entry)
        self.assertFalse([item for item in entry if item[0].startswith("Payout")])

    def test_a_negative_settlement_credits_the_clearing_account(self):
        settlement = self.import_sample("v2_negative.txt")
        settlement.action_post()
        self.assertBalanced(settlement)
        entry = self.entry(settlement)
        self.assertIn(("Payout 99000000802", DEPOSIT, -56.06), entry)
        self.assertIn(("Subscription", "Amazon Subscription", 30.0), entry)
        self.assertIn(("Charged to the seller's card", "Amazon Card Charges", -30.0), entry)

    def test_a_chain_of_settlements_nets_on_the_clearing_account(self):
        """What one file leaves payable, the next one clears.

        Facts: docs/facts/chains.md, "Worked chain".
        """
        self.set_rate("CAD", "2026-01-01", 1.75)
        names = ("v1_ca_cad_33_columns.txt", "v1_ca_cad_36_columns.txt", "v1_ca_cad_37_columns.txt")
        clearing, card = self.account_of("deposit"), self.account_of("card_charge")
        # Debt after the first; debt after the second (a micro deposit of 0.01 besides); payout.
        balances = [(-286.93, -32.09), (-6.67, -319.02), (55.72, -319.02)]
        for name, expected in zip(names, balances, strict=True):
            settlement = self.import_sample(name)
            settlement.action_post()
            self.assertBalanced(settlement)
            sums = [
                sum(
                    self.env["account.move.line"]
                    .search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
                    .mapped("amount_currency")
                )
                for account in (clearing, card)
            ]
            for found, wanted in zip(sums, expected, strict=True):
                self.assertAlmostEqual(found, wanted, places=2, msg=name)
        self.assertEqual(settlement.settlement_ref, "99000000903")
        self.assertIn(
            ("Balance carried from the previous settlement: Payable to Amazon", DEPOSIT, 6.68),
            self.entry(settlement),
        )

    def test_the_settlement_s_marketplace_beats_the_general_account(self):
        self.set_all_rates()
        germany = self.env.ref("sp_connector.sp_marketplace_de")
        own = self.make_account("Sales in Germany")
        self.map_category("sales", own, germany)
        settlement = self.import_sample("v2_eu_eur_mix.txt")
        settlement.action_book()
        self.assertBalanced(settlement)
        sales = [item[:2] for item in self.entry(settlement) if item[0].startswith("Sales, ")]
        self.assertEqual(
            sorted(sales),
            [
                ("Sales, Amazon.de", "Sales in Germany"),
                ("Sales, Amazon.es", "Amazon Sales"),
                ("Sales, Amazon.fr", "Amazon Sales"),
                ("Sales, Amazon.it", "Amazon Sales"),
            ],
        )

    def test_a_marketplace_may_have_its_own_clearing_account(self):
        own = self.make_account("Clearing UK", "asset_current", reconcile=True)
        self.map_category("deposit", own, self.env.ref("sp_connector.sp_marketplace_uk"))
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        self.assertIn(("Payout 99000000101", "Clearing UK", 84.75), self.entry(settlement))

    def test_default_taxes_of_an_account_do_not_leak_in(self):
        tax = self.root_env["account.tax"].with_company(self.company).create(
            {
                "name": "VAT 20%",
                "amount": 20,
                "type_tax_use": "sale",
                "company_id": self.company.id,
                "country_id": self.root_env.ref("base.uk").id,
                "tax_group_id": self.root_env["account.tax.group"]
                .create(
                    {
                        "name": "VAT",
                        "company_id": self.company.id,
                        "country_id": self.root_env.ref("base.uk").id,
                    }
                )
                .id,
            }
        )  # fmt: skip
        self.account_of("sales").tax_ids = tax
        self.account_of("selling_fees").tax_ids = tax
        settlement = self.import_sample("v2_uk_gbp.txt")
        # So does the menu "Journal Entries" of Odoo open its list.
        settlement.with_context(account_default_taxes=True).action_post()
        self.assertFalse(settlement.move_id.line_ids.tax_ids)
        self.assertFalse(settlement.move_id.line_ids.tax_line_id)
        self.assertBalanced(settlement)

    # === ROUNDING === #

    def _book_foreign(self, rate, *rows, total):
        self.set_rate("USD", "2026-01-01", rate)
        settlement = self.import_file(self.file(*rows, total=total, currency="USD"))
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertBalanced(settlement)
        lines = settlement.move_id.line_ids.sorted("id")
        return [(line.account_id.name, line.amount_currency, line.balance) for line in lines]

    def test_the_rounding_residue_goes_to_the_clearing_line(self):
        items = self._book_foreign(
            1.5, (SALE, "10.00"), (SHIPPING, "1.00"), (FEE, "-3.00"), total="8.00"
        )
        self.assertEqual(
            items,
            [
                ("Amazon Sales", -10.0, -6.67),
                ("Amazon Shipping Income", -1.0, -0.67),
                ("Amazon Selling Fees", 3.0, 2.0),
                (DEPOSIT, 8.0, 5.34),  # 5.33 by the rate
            ],
        )

    def test_a_residue_larger_than_the_payout_gets_a_line_of_its_own(self):
        """Odoo refuses an item whose balance contradicts its amount in currency."""
        items = self._book_foreign(
            1.5, (SALE, "0.50"), (SHIPPING, "0.50"), (GIFT, "0.50"), (FEE, "-1.49"), total="0.01"
        )
        self.assertEqual(
            items,
            [
                ("Amazon Sales", -0.5, -0.33),
                ("Amazon Shipping Income", -0.5, -0.33),
                ("Amazon Gift Wrap Income", -0.5, -0.33),
                ("Amazon Selling Fees", 1.49, 0.99),
                (DEPOSIT, 0.01, 0.01),
                (DEPOSIT, 0.0, -0.01),
            ],
        )

    def test_a_residue_without_a_payout_gets_a_line_of_its_own(self):
        items = self._book_foreign(
            1.5, (SALE, "1.00"), (SHIPPING, "1.00"), (FEE, "-2.00"), total="0.00"
        )
        self.assertEqual(items[-1], (DEPOSIT, 0.0, 0.01))
        self.assertEqual(len(items), 4)

    def test_the_line_for_the_residue_is_nobody_s_rows(self):
        self._book_foreign(1.5, (SALE, "1.00"), (SHIPPING, "1.00"), (FEE, "-2.00"), total="0.00")
        settlement = self.env["sp.settlement"].search([("settlement_ref", "=", "42")])
        item = settlement.move_id.line_ids.sorted("id")[-1]
        self.assertFalse(item.sp_line_ids)
        self.assertEqual(
            set(settlement.line_ids.move_line_id), set(settlement.move_id.line_ids - item)
        )

    # === COMPANIES === #

    def test_two_companies_each_import_and_book_the_same_settlement(self):
        other = self.make_company("Lamps Inc", "USD")
        self.set_up_accounts(other)
        self.set_rate("GBP", "2026-01-01", 0.8, other)
        mine = self.import_sample("v2_uk_gbp.txt")
        theirs = self.import_sample("v2_uk_gbp.txt", company=other, env=self.root_env)
        self.assertNotEqual(mine, theirs)
        self.assertEqual(theirs.company_id, other)
        mine.action_post()
        theirs.action_post()
        for settlement, company in ((mine, self.company), (theirs, other)):
            self.assertBalanced(settlement)
            items = settlement.move_id.line_ids
            self.assertEqual(items.company_id, company)
            self.assertEqual(items.account_id.company_ids, company)
        (payout,) = theirs.move_id.line_ids.filtered(lambda line: line.name.startswith("Payout"))
        self.assertEqual(payout.amount_currency, 84.75)
        self.assertAlmostEqual(payout.balance, 105.9375, delta=0.02)  # with the residue
        theirs.action_undo()
        self.assertEqual((mine.state, theirs.state), ("posted", "review"))
