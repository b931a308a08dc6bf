"""Months, locks, currencies, forms and companies: where and when a settlement is booked."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

PRICE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
RESERVE = "other-transaction/other-transaction/Current Reserve Amount"
PERIOD = {
    "settlement_start_date": "2026-06-24 00:00:00 UTC",
    "settlement_end_date": "2026-07-08 10:00:00 UTC",
    "deposit_date": "2026-07-10 00:00:00 UTC",
}


class PartsCase(SpCase):
    def row(self, words, amount, day, **cells):
        return helpers.row(words, amount, posted_date_time=f"{day} 12:00:00 UTC", **cells)

    def spanning(self, ref="42", **options):
        """10.00 of June and 15.00 of July, of which Amazon keeps 5.00."""
        rows = (
            self.row(PRICE, "10.00", "2026-06-25", ref=ref),
            self.row(PRICE, "15.00", "2026-07-02", ref=ref),
            self.row(RESERVE, "-5.00", "2026-07-08", ref=ref),
        )
        return self.import_file(self.file(*rows, total="20.00", ref=ref, **{**PERIOD, **options}))

    def note(self, settlement):
        return settlement.booking_note.replace("\N{NO-BREAK SPACE}", " ")

    def parts(self, settlement):
        """[(date, [(account's name, amount in currency), …]), …] of the entries."""
        return [
            (
                str(move.date),
                [
                    (line.account_id.name, line.amount_currency)
                    for line in move.line_ids.sorted("id")
                ],
            )
            for move in settlement._active_moves().sorted("id")
        ]


class TestMonths(PartsCase):
    def test_each_month_has_an_entry_and_the_last_pays_out(self):
        settlement = self.spanning()
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(
            self.parts(settlement),
            [
                ("2026-06-30", [("Amazon Sales", -10.0), ("Amazon Rollover", 10.0)]),
                (
                    "2026-07-08",
                    [
                        ("Amazon Sales", -15.0),
                        ("Amazon Reserve", 5.0),
                        ("Amazon Rollover", -10.0),
                        ("Amazon Clearing", 20.0),
                    ],
                ),
            ],
        )
        self.assertEqual(settlement.move_id.date, date(2026, 7, 8))
        self.assertEqual(len(settlement.move_name.split(", ")), 2)
        refs = settlement._active_moves().sorted("id").mapped("ref")
        self.assertEqual(refs, ["Amazon settlement 42, June 2026", "Amazon settlement 42"])

    def test_the_rollover_account_is_reconciled_when_all_is_posted(self):
        settlement = self.spanning()
        settlement.action_book()
        first, last = settlement._active_moves().sorted("id")
        first.action_post()
        rollover = (first | last).line_ids.filtered(
            lambda line: line.account_id.name == "Amazon Rollover"
        )
        self.assertFalse(any(rollover.mapped("reconciled")))
        last.action_post()
        self.assertTrue(all(rollover.mapped("reconciled")))
        self.assertEqual(settlement.state, "posted")

    def test_months_that_cancel_are_cleared_on_the_last_day(self):
        """Nothing is paid and no row is of September: what three months carried is closed there."""
        rows = [
            self.row(PRICE, "10.00", "2026-06-25"),
            *(self.row(PRICE, "5.00", "2026-07-02"), self.row(FEE, "-15.00", "2026-08-02")),
        ]
        period = {**PERIOD, "settlement_end_date": "2026-09-01 10:00:00 UTC"}
        settlement = self.import_file(self.file(*rows, total="0.00", **period))
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(
            self.parts(settlement)[-1],
            (
                "2026-09-01",
                [("Amazon Rollover", -10.0), ("Amazon Rollover", -5.0), ("Amazon Rollover", 15.0)],
            ),
        )

    def test_undo_takes_all_parts_back(self):
        settlement = self.spanning()
        settlement.action_post()
        settlement.action_undo()
        self.assertEqual(settlement.state, "review")
        self.assertFalse(settlement._active_moves())
        settlement.action_post()
        self.assertBalanced(settlement)

    def test_items_stand_in_the_order_of_the_lines_whenever_it_is_booked(self):
        rows = [self.row(FEE, "-2.00", "2026-07-01"), self.row(PRICE, "10.00", "2026-07-01")]
        settlement = self.import_file(self.file(*rows, total="8.00", **PERIOD))
        settlement.action_book()
        at_once = self.parts(settlement)
        settlement.action_undo()
        self.env.invalidate_all()
        settlement.action_book()
        self.assertEqual(self.parts(settlement), at_once)
        accounts = ["Amazon Sales", "Amazon Selling Fees", "Amazon Clearing"]
        self.assertEqual([account for account, _amount in at_once[0][1]], accounts)

    def test_one_entry_where_the_company_wants_one(self):
        self.set_booking(split_months=False)
        settlement = self.spanning()
        settlement.action_book()
        self.assertEqual([day for day, _items in self.parts(settlement)], ["2026-07-08"])

    def test_the_day_of_the_deposit(self):
        self.set_booking(last_date="deposit")
        settlement = self.spanning()
        self.assertEqual(settlement.date, date(2026, 7, 10))
        settlement.action_book()
        self.assertEqual(
            [day for day, _items in self.parts(settlement)], ["2026-06-30", "2026-07-10"]
        )

    def test_the_time_zone_decides_the_month_also_of_what_waits(self):
        settlement = self.import_file(
            self.file(
                helpers.row(PRICE, "10.00", posted_date_time="2026-06-30 23:30:00 UTC"),
                total="10.00",
                **PERIOD,
            )
        )
        self.assertEqual(settlement.line_ids.month, date(2026, 6, 1))
        self.set_booking(time_zone="Europe/London")
        self.assertEqual(settlement.line_ids.month, date(2026, 7, 1))
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual([day for day, _items in self.parts(settlement)], ["2026-07-08"])

    def test_rows_dated_outside_the_period_are_listed(self):
        settlement = self.import_file(
            self.file(
                *(self.row(PRICE, "10.00", "2026-05-25"), self.row(PRICE, "1.00", "2026-07-01")),
                total="11.00",
                **PERIOD,
            )
        )
        late = settlement.line_ids.filtered("is_late")
        self.assertEqual(late.amount, 10.0)
        self.assertIn("Rows dated outside the period: 1, £ 10.00", self.note(settlement))
        settlement.action_book()
        self.assertEqual(
            [day for day, _items in self.parts(settlement)], ["2026-06-30", "2026-07-08"]
        )

    def test_the_form_names_the_parts_before_they_are_booked(self):
        note = self.note(self.spanning())
        self.assertIn("The June 2026 part, £ 10.00, is booked on 06/30/2026.", note)
        self.assertIn("The July 2026 part, £ 10.00, is booked on 07/08/2026.", note)


class TestTakenUp(PartsCase):
    """What one settlement leaves on the clearing account, another takes up."""

    TAKEN = "other-transaction/other-transaction/Payable to Amazon"

    def two(self):
        owes = self.import_file(
            self.file(self.row(FEE, "-10.00", "2026-07-02", ref="41"), total="-10.00", ref="41")
        )
        takes = self.import_file(
            self.file(
                self.row(self.TAKEN, "-10.00", "2026-07-10"),
                self.row(PRICE, "30.00", "2026-07-11"),
                total="20.00",
            )
        )
        return owes, takes

    def open_items(self, settlements):
        items = settlements.move_ids.line_ids.filtered(
            lambda item: (
                item.account_id.name == "Amazon Clearing"
                and item.parent_state == "posted"
                and not item.reconciled
            )
        )
        return items.mapped("amount_currency")

    def test_a_debt_is_matched_whichever_is_posted_first(self):
        for number in range(2):
            owes, takes = self.two()
            (owes, takes)[number].action_post()
            (takes, owes)[number].action_post()
            self.assertEqual(self.open_items(owes | takes), [20.0], "the payout waits for the bank")
            (owes | takes).action_undo()
            self.assertFalse((owes | takes).move_ids.line_ids.filtered("reconciled"))
            (owes | takes).unlink()

    def test_what_fits_twice_is_left_to_people(self):
        owes, takes = self.two()
        other = self.import_file(
            self.file(self.row(FEE, "-10.00", "2026-07-02", ref="40"), total="-10.00", ref="40")
        )
        (owes | other).action_post()
        takes.action_post()
        found = sorted(self.open_items(owes | other | takes))
        self.assertEqual(found, [-10.0, -10.0, 10.0, 20.0])


class TestEffectiveDates(PartsCase):
    def test_a_change_applies_from_its_date_and_old_entries_keep_theirs(self):
        before = self.spanning()
        before.action_post()
        new = self.make_account("New Sales")
        self.map_category("sales", self.account_of("sales")).with_user(self.manager).copy(
            {"account_id": new.id, "date_from": "2026-07-01"}
        )
        after = self.spanning(ref="43")
        sales = after.line_ids.filtered(lambda line: line.category == "sales").sorted("month")
        self.assertEqual(sales.mapped("account_id.name"), ["Amazon Sales", "New Sales"])
        self.assertEqual([str(day) for day in sales.mapping_id.mapped("date_from")],
                         ["False", "2026-07-01"])  # fmt: skip
        after.action_post()
        accounts = [items[0][0] for _day, items in self.parts(after)]
        self.assertEqual(accounts, ["Amazon Sales", "New Sales"])
        accounts = [items[0][0] for _day, items in self.parts(before)]
        self.assertEqual(accounts, ["Amazon Sales", "Amazon Sales"])

    def test_each_line_says_why_it_goes_to_its_account(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        uk = self.env.ref("sp_connector.sp_marketplace_uk")
        self.map_category("sales", self.make_account("UK Sales"), uk)
        line = settlement.line_ids.filtered(lambda line: line.category == "sales")[0]
        self.assertEqual(line.mapping_id.display_name, "Sales, Amazon.co.uk")
        self.assertEqual(line.account_id.name, "UK Sales")
        settlement.action_book()
        self.map_category("sales", self.make_account("Others"), uk)
        self.assertEqual(line.account_id.name, "UK Sales")


class TestLocks(PartsCase):
    def test_the_hold_policy_names_the_day_and_the_lock(self):
        self.company.fiscalyear_lock_date = "2026-06-30"
        settlement = self.spanning()
        self.assertHeld(settlement, "06/30/2026 lies in a locked period", "Global Lock Date")

    def test_the_next_open_day_and_the_original_date_in_the_label(self):
        self.set_booking(lock_policy="next_open")
        self.company.fiscalyear_lock_date = "2026-06-30"
        settlement = self.spanning()
        self.assertEqual(settlement.state, "review")
        self.assertIn(
            "The June 2026 part would land on 07/01/2026 because 06/30/2026 lies in a locked "
            "period: Global Lock Date (06/30/2026).",
            settlement.booking_note,
        )
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(
            [day for day, _items in self.parts(settlement)], ["2026-07-01", "2026-07-08"]
        )
        self.assertIn("of 06/30/2026", settlement._active_moves().sorted("id")[0].ref)

    def test_the_tax_lock_counts_for_entries_with_tax_only(self):
        self.company.tax_lock_date = "2026-07-31"
        self.assertEqual(self.spanning().state, "review")
        self.map_tax("sales", "output_included", self.make_tax("VAT", 20.0))
        self.assertHeld(self.spanning(ref="43"), "Tax Return Lock Date")

    def test_locks_on_sales_and_purchases_do_not_touch_a_general_journal(self):
        self.company.sale_lock_date = self.company.purchase_lock_date = "2026-07-31"
        self.assertEqual(self.spanning().state, "review")

    def test_the_hard_lock_and_an_exception_for_the_user(self):
        self.company.fiscalyear_lock_date = "2026-07-31"
        settlement = self.spanning()
        self.assertEqual(settlement.state, "held")
        self.root_env["account.lock_exception"].create(
            {
                "company_id": self.company.id,
                "user_id": self.bookkeeper.id,
                "fiscalyear_lock_date": "2026-05-31",
                "end_datetime": "2099-01-01",
            }
        )
        self.env.invalidate_all()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.company.hard_lock_date = "2026-05-31"
        self.company.with_user(self.root_env.user).hard_lock_date = "2026-07-31"
        self.assertHeld(self.spanning(ref="43"), "Hard Lock Date")


class TestCurrency(PartsCase):
    def test_each_part_has_the_rate_of_its_date(self):
        self.set_rate("USD", "2026-06-01", 2.0)
        self.set_rate("USD", "2026-07-01", 4.0)
        self.set_up_exchange()
        settlement = self.spanning(currency="USD")
        settlement.action_post()
        self.assertBalanced(settlement)
        moves = settlement._active_moves().sorted("id")
        sales = moves.line_ids.filtered(lambda line: line.account_id.name == "Amazon Sales")
        self.assertEqual(sales.sorted("id").mapped("balance"), [-5.0, -3.75])

    def test_a_part_that_a_lock_moves_keeps_the_rate_of_its_own_date(self):
        self.set_rate("USD", "2026-06-01", 2.0)
        self.set_rate("USD", "2026-07-01", 4.0)
        self.set_up_exchange()
        self.set_booking(lock_policy="next_open")
        self.company.fiscalyear_lock_date = "2026-06-30"
        settlement = self.spanning(currency="USD")
        settlement.action_book()
        june = settlement._active_moves()[0]
        self.assertEqual(str(june.date), "2026-07-01")
        sales = june.line_ids.filtered(lambda line: line.account_id.name == "Amazon Sales")
        self.assertEqual(sales.mapped("balance"), [-5.0])

    def test_the_oldest_missing_rate_holds(self):
        self.set_rate("USD", "2026-07-01", 4.0)
        settlement = self.spanning(currency="USD")
        self.assertHeld(settlement, "rate of USD for 06/30/2026")
        self.assertTrue(settlement.lacks_rate)

    def test_a_fixed_rate_needs_no_rate_of_odoo(self):
        settlement = self.spanning(currency="USD")
        self.assertEqual(settlement.state, "held")
        self.env["sp.fixed.rate"].create(
            {"settlement_id": settlement.id, "rate": 0.8}
        ).action_apply()
        self.assertEqual(settlement.state, "review")
        settlement.action_post()
        self.assertBalanced(settlement)
        items = settlement.move_id.line_ids
        clearing = items.filtered(lambda line: line.account_id.name == "Amazon Clearing")
        self.assertEqual((clearing.amount_currency, clearing.balance), (20.0, 16.0))
        with self.assertRaisesRegex(UserError, "Undo the entry first"):
            self.env["sp.fixed.rate"].create(
                {"settlement_id": settlement.id, "rate": 0.9}
            ).action_apply()

    def test_the_journal_may_have_the_currency(self):
        self.set_rate("USD", "2026-01-01", 1.3331)
        self.company.sp_journal_id = self.root_env["account.journal"].create(
            {
                "name": "Amazon USD",
                "code": "AMUSD",
                "type": "general",
                "company_id": self.company.id,
                "currency_id": self.root_env.ref("base.USD").id,
            }
        )
        settlement = self.spanning(currency="USD")
        settlement.action_post()
        self.assertBalanced(settlement)
        self.assertEqual(settlement.move_id.journal_id.name, "Amazon USD")


class TestMarketplaces(PartsCase):
    def test_rows_without_a_marketplace_go_to_the_chosen_one_visibly(self):
        self.set_rate("EUR", "2026-01-01", 1.2)
        germany = self.env.ref("sp_connector.sp_marketplace_de")
        self.map_category("advertising", self.make_account("German Ads", "expense"), germany)
        settlement = self.import_sample("v2_eu_eur_mix.txt")
        ads = settlement.line_ids.filtered(lambda line: line.category == "advertising")
        self.assertFalse(ads.booked_marketplace_id)
        self.assertEqual(ads.account_id.name, "Amazon Advertising")
        self.set_booking(default_marketplace_ids=[Command.set(germany.ids)])
        self.assertEqual(ads.booked_marketplace_id, germany)
        self.assertEqual(ads.account_id.name, "German Ads")
        self.assertIn("Rows without a marketplace", settlement.booking_note)
        other = settlement.line_ids.filtered(lambda line: line.marketplace_name == "Non-Amazon")
        self.assertEqual(other.booked_marketplace_id.name, "Non-Amazon", "not the default")
        settlement.action_post()
        self.assertBalanced(settlement)

    def test_a_currency_has_one_default(self):
        places = self.env.ref("sp_connector.sp_marketplace_de")
        places |= self.env.ref("sp_connector.sp_marketplace_fr")
        with self.assertRaisesRegex(UserError, "one marketplace for each currency"):
            self.set_booking(default_marketplace_ids=[Command.set(places.ids)])


class TestInvoices(PartsCase):
    def invoice(self):
        self.root_env["account.journal"].create(
            {"name": "Sales", "code": "INV", "type": "sale", "company_id": self.company.id}
        )
        receivable = self.make_account("Debtors", "asset_receivable", reconcile=True)
        partner = self.root_env["res.partner"].create({"name": "Amazon EU", "is_company": True})
        partner.with_company(self.company).property_account_receivable_id = receivable
        self.set_booking(booking_form="invoice", partner_id=partner.id)
        return partner

    def test_each_month_is_an_invoice_and_together_they_are_the_deposit(self):
        partner = self.invoice()
        vat = self.make_tax("VAT", 20.0)
        self.map_tax("sales", "output_included", vat)
        settlement = self.spanning()
        settlement.action_post()
        moves = settlement._active_moves().sorted("id")
        self.assertEqual(moves.mapped("move_type"), ["out_invoice", "out_invoice"])
        self.assertEqual(moves.partner_id, partner)
        self.assertEqual(moves.mapped("amount_total"), [10.0, 10.0])
        self.assertEqual(moves.mapped("amount_tax"), [1.67, 2.5])
        self.assertEqual(moves.mapped("payment_state"), ["not_paid", "not_paid"])
        self.assertEqual(
            self.parts(settlement)[0],
            ("2026-06-30", [("Amazon Sales", -8.33), ("VAT account", -1.67), ("Debtors", 10.0)]),
        )
        self.assertEqual(settlement.state, "posted")
        self.assertEqual((settlement.amount_entry, settlement.amount_difference), (20.0, 0.0))

    def test_a_debt_to_amazon_is_a_credit_note(self):
        self.invoice()
        settlement = self.import_file(
            self.file(self.row(FEE, "-7.00", "2026-07-02"), total="-7.00", **PERIOD)
        )
        settlement.action_post()
        self.assertEqual(settlement.move_id.move_type, "out_refund")
        self.assertEqual(settlement.move_id.amount_total, 7.0)
        self.assertEqual(
            self.parts(settlement)[0][1], [("Amazon Selling Fees", 7.0), ("Debtors", -7.0)]
        )

    def test_a_changed_invoice_cannot_be_posted(self):
        self.invoice()
        settlement = self.spanning()
        settlement.action_book()
        line = settlement.move_id.invoice_line_ids[:1]
        line.with_user(self.manager).price_unit += 1
        with self.assertRaisesRegex(UserError, "no longer made of its rows"):
            settlement.move_id.action_post()

    def test_the_lock_on_sales_holds_an_invoice(self):
        self.invoice()
        self.company.sale_lock_date = "2026-06-30"
        self.assertHeld(self.spanning(), "06/30/2026 lies in a locked period", "Sales Lock Date")

    def test_a_fixed_rate_is_the_rate_of_the_invoice(self):
        self.invoice()
        settlement = self.spanning(currency="USD")
        self.env["sp.fixed.rate"].create(
            {"settlement_id": settlement.id, "rate": 0.8}
        ).action_apply()
        settlement.action_post()
        moves = settlement._active_moves().sorted("id")
        self.assertEqual(moves.mapped("invoice_currency_rate"), [1.25, 1.25])
        receivable = moves.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(sum(receivable.mapped("balance")), 16.0)

    def test_without_a_customer_it_is_held(self):
        self.invoice()
        self.company.sp_partner_id = False
        self.assertHeld(self.spanning(), "No customer for Amazon's invoices")
