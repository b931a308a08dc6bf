"""What a settlement hands on to a later one closes by itself, in each form and currency."""

from ...engine.tests.helpers import head, row, table
from ..chain_common import ChainCase

HELD = "other-transaction/other-transaction/Current Reserve Amount"
BACK = "other-transaction/other-transaction/Previous Reserve Amount Balance"
PAYABLE = "other-transaction/other-transaction/Payable to Amazon"
FAILED = "other-transaction/other-transaction/Failed Disbursement"
DEBT = "Debt Adjustment/Debt Adjustment/Cross-Account Debt Adjustment {}"
SALE = "Order/ItemPrice/Principal"


class HandedOn(ChainCase):
    """Settlements of consecutive fortnights, each at a rate of its own."""

    RATES = (1.1, 1.2, 1.3, 1.4)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, rate in enumerate(cls.RATES):
            cls.set_rate("EUR", f"2026-{3 + number:02}-02", rate)

    def settle(self, number, *rows, total, env=None):
        """Import the settlement of a month: the 3rd to the 30th, which meets the next one's."""
        start, end = f"2026-{3 + number:02}-03", f"2026-{3 + number:02}-28"
        if number:
            start = f"2026-{2 + number:02}-28"
        data = table(
            head(
                total,
                f"70{number}",
                "EUR",
                **{
                    "settlement-start-date": f"{start} 10:00:00 UTC",
                    "settlement-end-date": f"{end} 10:00:00 UTC",
                    "deposit-date": f"{end} 12:00:00 UTC",
                },
            ),
            *(
                row(
                    words,
                    amount,
                    ref=f"70{number}",
                    **{
                        "posted-date": f"{end}",
                        "posted-date-time": f"{end} 09:00:00 UTC",
                        "marketplace-name": "Amazon.de" if words == SALE else "",
                    },
                )
                for words, amount in rows
            ),
        ).encode()
        settlement = self.import_file(data, f"{number}.txt", env=env)
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        return settlement

    def open_items(self, *accounts):
        """What is open on accounts, in both currencies."""
        items = self.root_env["account.move.line"].search(
            [
                ("account_id", "in", [account.id for account in accounts]),
                ("parent_state", "=", "posted"),
            ]
        )
        return (
            round(sum(items.mapped("amount_residual_currency")), 2),
            round(sum(items.mapped("amount_residual")), 2),
            [item.amount_currency for item in items if not item.reconciled],
        )

    def invoices(self):
        """The company books invoices of a partner with its own receivable account."""
        receivable = self.make_account("Debtors", "asset_receivable", reconcile=True)
        partner = self.root_env["res.partner"].create({"name": "Amazon"})
        partner.with_company(self.company).property_account_receivable_id = receivable
        self.company.write(
            {
                "sp_booking_form": "invoice",
                "sp_partner_id": partner.id,
                "sp_invoice_journal_id": self.root_env["account.journal"]
                .create(
                    {
                        "name": "Amazon Invoices",
                        "code": "AMZI",
                        "type": "sale",
                        "company_id": self.company.id,
                        "default_account_id": self.account_of("sales").id,
                    }
                )
                .id,
            }
        )
        return receivable


class TestReserve(HandedOn):
    def reserves(self):
        return (
            self.settle(0, (SALE, "150.00"), (HELD, "-100.00"), total="50.00"),
            self.settle(1, (SALE, "90.00"), (BACK, "100.00"), (HELD, "-100.00"), total="90.00"),
            self.settle(2, (SALE, "20.00"), (BACK, "100.00"), total="120.00"),
        )

    def test_a_reserve_and_its_release_close_with_their_exchange_difference(self):
        for settlement in self.reserves():
            settlement.action_post()
        reserve = self.account_of("reserve")
        self.assertEqual(self.open_items(reserve), (0, 0, []))
        items = self.root_env["account.move.line"].search([("account_id", "=", reserve.id)])
        self.assertAlmostEqual(sum(items.mapped("balance")), 0, places=2)

    def test_whatever_is_posted_first(self):
        first, second, third = self.reserves()
        (third | first).action_post()
        # The third releases what the second holds, although the first holds as much.
        self.assertEqual(len(self.open_items(self.account_of("reserve"))[2]), 2)
        second.action_post()
        self.assertEqual(self.open_items(self.account_of("reserve")), (0, 0, []))
        release = second._active_moves().line_ids.filtered(
            lambda item: item.account_id == self.account_of("reserve") and item.credit
        )
        partner = release.matched_debit_ids.debit_move_id
        self.assertEqual(partner.move_id.sp_settlement_id, first)

    def test_a_reserve_that_is_still_held_is_open(self):
        first, second, _third = self.reserves()
        (first | second).action_post()
        self.assertEqual(
            self.open_items(self.account_of("reserve")), (100.0, round(100 / 1.2, 2), [100.0])
        )

    def test_undo_opens_it_and_booking_again_closes_it(self):
        settlements = self.env["sp.settlement"].union(*self.reserves())
        settlements.action_post()
        settlements[1].action_undo()
        self.assertEqual(len(self.open_items(self.account_of("reserve"))[2]), 2)
        settlements[1].action_post()
        self.assertEqual(self.open_items(self.account_of("reserve")), (0, 0, []))

    def test_without_an_exchange_journal_two_months_at_two_rates_are_held(self):
        self.company.currency_exchange_journal_id = False
        self.root_env["res.currency.rate"].search([("name", ">", "2026-01-01")]).unlink()
        settlement = self.import_chain("de_5")
        self.assertEqual(settlement.state, "review", "its months have one rate")
        self.set_rate("EUR", "2026-03-02", 1.3)
        settlement.action_check()
        self.assertHeld(settlement, "No journal for exchange differences")


class TestTakenUp(HandedOn):
    def taken_up(self):
        return (
            self.settle(0, (SALE, "-40.00"), total="-40.00"),
            self.settle(1, (SALE, "90.00"), (PAYABLE, "-40.00"), total="50.00"),
            self.settle(2, (SALE, "10.00"), (FAILED, "50.00"), total="60.00"),
        )

    def test_debts_and_failed_transfers_close_in_entries(self):
        for settlement in self.taken_up():
            settlement.action_post()
        self.assertEqual(self.open_items(self.account_of("deposit"))[2], [60.0])

    def test_debts_and_failed_transfers_close_in_invoices(self):
        receivable = self.invoices()
        for settlement in self.taken_up():
            settlement.action_post()
            self.assertEqual(settlement.state, "posted")
            self.assertTrue(settlement.currency_id.is_zero(settlement.amount_difference))
        self.assertEqual(self.open_items(self.account_of("deposit"), receivable)[2], [60.0])
        transfers = self.root_env["account.move"].search([("sp_transfer_id", "!=", False)])
        self.assertEqual(len(transfers), 2)
        self.assertEqual(set(transfers.line_ids.mapped("reconciled")), {True})

    def test_undo_of_either_takes_the_transfer_back(self):
        receivable = self.invoices()
        settlements = self.env["sp.settlement"].union(*self.taken_up())
        settlements.action_post()
        for settlement in settlements:
            with self.subTest(settlement.settlement_ref):
                settlement.action_undo()
                transfers = self.root_env["account.move"].search(
                    [("sp_transfer_id", "!=", False), ("state", "=", "posted")]
                )
                touched = 2 if settlement == settlements[1] else 1
                self.assertEqual(len(transfers), 2 - touched)
                settlement.action_post()
                accounts = self.account_of("deposit"), receivable
                self.assertEqual(self.open_items(*accounts)[2], [60.0])

    def test_the_form_may_change_between_them(self):
        first, second, third = self.taken_up()
        first.action_post()
        receivable = self.invoices()
        second.action_post()
        self.company.sp_booking_form = "entry"
        third.action_post()
        self.assertEqual(self.open_items(self.account_of("deposit"), receivable)[2], [60.0])

    def test_what_fits_two_is_left_to_people(self):
        first = self.settle(0, (SALE, "50.00"), total="50.00")
        second = self.settle(1, (SALE, "50.00"), total="50.00")
        third = self.settle(2, (SALE, "1.00"), total="1.00")
        fourth = self.settle(3, (SALE, "1.00"), (FAILED, "50.00"), total="51.00")
        (first | second | third | fourth).action_post()
        still = sorted(self.open_items(self.account_of("deposit"))[2])
        self.assertEqual(still, [-50.0, 1.0, 50.0, 50.0, 51.0])


class TestDebts(HandedOn):
    def test_a_debt_that_another_account_paid_is_closed(self):
        pays = self.settle(
            0, (SALE, "90.00"), (DEBT.format("against BE, ES"), "-40.00"), total="50.00"
        )
        self.settle(
            1, (DEBT.format("for BE"), "15.00"), (SALE, "-15.00"), total="0.00"
        ).action_post()
        pays.action_post()
        self.assertEqual(len(self.open_items(self.account_of("debt_adjustment"))[2]), 2)
        self.settle(
            2, (DEBT.format("for ES"), "25.00"), (SALE, "-25.00"), total="0.00"
        ).action_post()
        self.assertEqual(self.open_items(self.account_of("debt_adjustment")), (0, 0, []))


class TestOtherSellers(HandedOn):
    def test_another_company_s_items_are_never_matched(self):
        other = self.make_company("Lamps GmbH", "EUR")
        self.set_up_accounts(other)
        self.settle(0, (SALE, "-40.00"), total="-40.00").action_post()
        rows = (SALE, "90.00"), (PAYABLE, "-40.00")
        user = self.make_user("lamps", "sp_connector.sp_connector_group_user", other)
        env = self.root_env(user=user)
        data = table(
            head("50.00", "801", "EUR"), *(row(words, amount, ref="801") for words, amount in rows)
        ).encode()
        theirs = self.import_file(data, "801.txt", company=other, env=env)
        theirs.action_post()
        self.assertEqual(self.open_items(self.account_of("deposit"))[2], [-40.0])
        self.assertEqual(
            sorted(self.open_items(self.account_of("deposit", other))[2]), [40.0, 50.0]
        )
