"""Whether a payout was paid is what the ledger says, whoever matched it and whoever parts it."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from ..booking.test_sp_settlement_reconcile import FAILED, PAYABLE, SALE, HandedOn
from ..common import USER


class Paid(HandedOn):
    """A company with a bank journal in the settlements' currency, and one in its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sp_bank_auto = False  # the tests match by hand
        cls.suspense = cls.make_account("Suspense", "asset_current")
        cls.fees = cls.make_account("Bank Fees", "expense")
        cls.journal.write({"suspense_account_id": cls.suspense.id})
        cls.euros = cls.journal.copy(
            {
                "name": "Bank in Euro",
                "code": "SPE",
                "currency_id": cls.root_env.ref("base.EUR").id,
                "suspense_account_id": cls.suspense.id,
            }
        )

    def sell(self, number, amount):
        """A posted settlement of one sale."""
        settlement = self.settle(number, (SALE, amount), total=amount)
        settlement.action_post()
        return settlement

    @classmethod
    def bank_line(cls, amount, day="2026-03-30", journal=None, **vals):
        return cls.root_env["account.bank.statement.line"].create(
            {
                "journal_id": (journal or cls.euros).id,
                "date": day,
                "amount": amount,
                "payment_ref": "AMAZON PAYMENTS EUROPE",
                **vals,
            }
        )

    @classmethod
    def match(cls, line, *amounts, fee=0.0):
        """Match a bank line with payouts as any screen does: its suspense item is replaced.

        :param amounts: (settlement, amount in its currency), ``None`` for all that is open
        """
        _liquidity, suspense, _others = line._seek_for_lines()
        commands, wanted = [Command.delete(suspense.id)], []
        rest = suspense.balance
        if fee:
            vals = {"account_id": cls.fees.id, "name": "Fee", "balance": fee}
            commands.append(Command.create(vals | {"currency_id": suspense.currency_id.id}))
            rest -= fee
        for number, (settlement, amount) in enumerate(amounts):
            items = settlement._payout_items().with_env(cls.root_env)
            item = items.filtered(lambda one: not one.reconciled)
            amount = item.amount_residual_currency if amount is None else amount
            part = rest if number == len(amounts) - 1 else -item.amount_residual
            rest -= part
            vals = {
                "name": settlement.settlement_ref,
                "account_id": item.account_id.id,
                "currency_id": item.currency_id.id,
                "amount_currency": -amount,
                "balance": part,
            }
            commands.append(Command.create(vals))
            wanted.append(item)
        line.move_id.with_context(
            skip_readonly_check=True, skip_account_move_synchronization=True, force_delete=True
        ).line_ids = commands
        made = line.move_id.line_ids.sorted("id")[-len(wanted) :]
        for item, own in zip(wanted, made, strict=True):
            (item | own).reconcile()
        return line

    def assertPayment(self, settlement, state, **values):
        found = {name: settlement[name] for name in values}
        self.assertEqual((settlement.payment_state, found), (state, values))


class TestSpSettlementPayment(Paid):
    def test_a_settlement_waits_from_its_posting_until_the_bank_line(self):
        settlement = self.settle(0, (SALE, "100.00"), total="100.00")
        self.assertPayment(settlement, "none", amount_open=0.0, payment_text=False)
        settlement.action_book()
        self.assertPayment(settlement, "none")
        settlement.action_post()
        self.assertPayment(settlement, "waiting", amount_open=100.0, paid_date=False)
        line = self.match(self.bank_line(100.0), (settlement, None))
        self.assertTrue(line.is_reconciled)
        self.assertPayment(
            settlement,
            "paid",
            amount_open=0.0,
            paid_date=fields.Date.to_date("2026-03-30"),
            payment_difference=0.0,
            payment_days=0,
            payment_age=False,
        )
        self.assertEqual(settlement.bank_line_ids, line)
        self.assertIn(line.name, settlement.payment_text)
        self.assertEqual(settlement.action_view_bank_lines()["res_id"], line.id)

    def test_a_match_that_is_removed_elsewhere_is_noticed(self):
        settlement = self.sell(0, "100.00")
        line = self.match(self.bank_line(100.0), (settlement, None))
        settlement._payout_items().with_env(self.root_env).remove_move_reconcile()
        self.assertPayment(settlement, "waiting", amount_open=100.0, paid_date=False)
        self.assertFalse(settlement.bank_line_ids)
        line.action_undo_reconciliation()
        self.match(line, (settlement, None))
        self.assertPayment(settlement, "paid")
        line.action_undo_reconciliation()
        self.assertPayment(settlement, "waiting")

    def test_several_transfers_pay_one_settlement(self):
        settlement = self.sell(0, "100.00")
        first = self.match(self.bank_line(60.0, "2026-03-30"), (settlement, 60.0))
        self.assertPayment(settlement, "partly", amount_open=40.0)
        self.assertIn("40.00", settlement.payment_text)
        second = self.match(self.bank_line(40.0, "2026-04-02"), (settlement, None))
        self.assertPayment(settlement, "paid", paid_date=fields.Date.to_date("2026-04-02"))
        self.assertEqual(settlement.bank_line_ids, first | second)
        self.assertEqual(settlement.bank_line_count, 2)

    def test_one_transfer_pays_several_and_each_bears_its_share_of_the_fee(self):
        first, second = self.sell(0, "75.00"), self.sell(1, "25.00")
        # 75 at 1.1 and 25 at 1.2 are 89.02; 88 at 1.2 are 73.33: booked in the bank's own move.
        self.set_rate("EUR", "2026-03-01", 1.0)
        line = self.bank_line(98.0, "2026-05-30", self.journal)
        self.match(line, (first, None), (second, None), fee=2.0)
        for settlement, share in ((first, -1.5), (second, -0.5)):
            self.assertPayment(settlement, "paid")
            self.assertAlmostEqual(settlement.payment_difference, share, delta=0.1)
        self.assertAlmostEqual(first.payment_difference + second.payment_difference, -2.0)
        self.assertEqual(first.bank_line_ids, second.bank_line_ids)

    def test_what_the_bank_brought_less_what_was_booked_is_gain_and_difference(self):
        settlement = self.sell(0, "110.00")
        payout = settlement._payout_items()
        self.assertAlmostEqual(payout.balance, 100.0)
        line = self.bank_line(103.0, "2026-03-30", self.journal)
        self.match(line, (settlement, None), fee=1.5)
        self.assertPayment(settlement, "paid", payment_gain=4.5, payment_difference=-1.5)
        self.assertAlmostEqual(
            payout.balance + settlement.payment_gain + settlement.payment_difference, line.amount
        )
        clearing = self.account_of("deposit")
        self.assertEqual(self.open_items(clearing), (0.0, 0.0, []))

    def test_a_negative_settlement_waits_for_the_card_or_the_next_one(self):
        charged = self.sell(0, "-40.00")
        self.assertPayment(charged, "waiting", amount_open=-40.0)
        self.match(self.bank_line(-40.0), (charged, None))
        self.assertPayment(charged, "paid")
        owed = self.sell(1, "-30.00")
        taker = self.settle(2, (SALE, "90.00"), (PAYABLE, "-30.00"), total="60.00")
        taker.action_post()
        self.assertPayment(owed, "carried", amount_open=0.0, paid_date=False)
        self.assertIn(taker.settlement_ref, owed.payment_text)
        self.assertPayment(taker, "waiting", amount_open=60.0)

    def test_a_failed_transfer_is_carried_over_and_paid_with_the_later_one(self):
        failed = self.sell(0, "50.00")
        later = self.settle(1, (SALE, "10.00"), (FAILED, "50.00"), total="60.00")
        later.action_post()
        self.assertPayment(failed, "carried")
        self.match(self.bank_line(60.0), (later, None))
        self.assertPayment(later, "paid")
        self.assertPayment(failed, "carried")
        later.action_undo()
        self.assertPayment(failed, "waiting", amount_open=50.0)
        self.assertPayment(later, "none")

    def test_the_form_of_invoices_is_paid_on_the_receivable(self):
        self.invoices()
        settlement = self.sell(0, "100.00")
        self.assertPayment(settlement, "waiting", amount_open=100.0)
        line = self.match(self.bank_line(100.0), (settlement, None))
        self.assertPayment(settlement, "paid")
        self.assertEqual(settlement.bank_line_ids, line)
        failed = self.sell(1, "50.00")
        self.settle(2, (SALE, "10.00"), (FAILED, "50.00"), total="60.00").action_post()
        self.assertPayment(failed, "carried")
        self.assertIn("702", failed.payment_text)

    def test_of_an_entry_by_months_the_payout_alone_counts(self):
        settlement = self.import_chain("de_5")
        settlement.action_post()
        self.assertGreater(len(settlement._active_moves()), 1)
        self.assertPayment(settlement, "waiting", amount_open=settlement.amount_total)
        self.match(self.bank_line(settlement.amount_total), (settlement, None))
        self.assertPayment(settlement, "paid")

    def test_a_payment_that_odoo_registers_pays_and_its_bank_line_is_known(self):
        self.invoices()
        settlement = self.sell(0, "100.00")
        way = self.euros.inbound_payment_method_line_ids[:1]
        way.payment_account_id = self.make_account("On the Way", "asset_current", reconcile=True)
        register = self.root_env["account.payment.register"].with_context(
            active_model="account.move", active_ids=settlement.move_id.ids
        )
        payment = register.create({"journal_id": self.euros.id})._create_payments()
        self.assertPayment(settlement, "paid", bank_line_count=0)
        line = self.bank_line(100.0)
        _liquidity, suspense, _others = line._seek_for_lines()
        suspense.account_id = way.payment_account_id
        on_the_way = payment.move_id.line_ids.filtered(
            lambda item: item.account_id == way.payment_account_id
        )
        (suspense | on_the_way).reconcile()
        self.env.invalidate_all()
        self.assertEqual(settlement.bank_line_ids, line)

    def test_an_entry_by_hand_pays(self):
        settlement = self.sell(0, "100.00")
        move = self.pay("deposit", 100.0, "2026-04-01", settlement=settlement)
        self.assertPayment(settlement, "paid", bank_line_count=0)
        self.assertIn(move.name, settlement.payment_text)

    def test_who_may_not_see_the_bank_sees_the_state_alone(self):
        settlement = self.sell(0, "100.00")
        line = self.match(self.bank_line(100.0), (settlement, None))
        line.journal_id.sudo().name = "Hidden"
        self.root_env["ir.rule"].create(
            {
                "name": "No bank",
                "model_id": self.root_env["ir.model"]._get_id("account.bank.statement.line"),
                "groups": [Command.set(self.root_env.ref(USER).ids)],
                "domain_force": "[(0, '=', 1)]",
            }
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        form = settlement.get_view(view_type="form")
        names = list(form["models"]["sp.settlement"])
        values = settlement.read(names)[0]
        self.assertEqual(values["payment_state"], "paid")
        self.assertEqual((values["bank_line_count"], settlement.bank_line_ids.ids), (0, []))
        self.assertNotIn(line.name, values["payment_text"])

    def test_ages_are_filters_and_groups(self):
        today = fields.Date.context_today(self.env["sp.settlement"])
        settlements = self.env["sp.settlement"].union(*(self.sell(n, "10.00") for n in range(3)))
        paid = self.sell(3, "10.00")
        self.match(self.bank_line(10.0), (paid, None))
        for settlement, days in zip(settlements, (7, 8, 31), strict=True):
            settlement.sudo().date_deposit = fields.Datetime.to_datetime(today - timedelta(days))
        paid.sudo().date_deposit = fields.Datetime.to_datetime(today)
        mine = [("company_id", "=", self.company.id)]
        groups = self.env["sp.settlement"]._read_group(
            [*mine, ("payment_age", "!=", False)], ["payment_age"], ["id:recordset"]
        )
        ages = ("week", "month", "longer")
        self.assertEqual(dict(groups), dict(zip(ages, settlements, strict=True)))
        for settlement, age, days in zip(settlements, ages, (7, 8, 31), strict=True):
            self.assertPayment(settlement, "waiting", payment_age=age, payment_days=days)
            found = self.env["sp.settlement"].search([*mine, ("payment_age", "=", age)])
            self.assertEqual(found, settlement)
