"""Whatever people do to the entries in Odoo's own screens, the settlement says so.

A judge that knows nothing of the comparison sums up what is posted: where that is no longer what
it was, the settlement must not say *Posted*; where it is, there must be no alarm. *Undo* and *Post*
then make it right again.
"""

from contextlib import suppress

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

SALE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
DAYS = {
    "plain": ("2026-04-10", "2026-04-12", "2026-04-14"),
    "months": ("2026-04-28", "2026-05-01", "2026-05-03"),
}
KINDS = ("plain", "months", "foreign")
#: What a program may try to write on a journal item and on an entry.
ITEM_FIELDS = (
    "account_id", "partner_id", "amount_currency", "balance", "debit", "credit", "currency_id",
    "tax_ids", "tax_tag_ids", "tax_repartition_line_id", "analytic_distribution", "date",
    "move_id", "parent_state", "display_type", "date_maturity", "quantity", "price_unit", "name",
    "reconciled", "amount_residual", "sequence",
)  # fmt: skip
MOVE_FIELDS = (
    "date", "state", "journal_id", "partner_id", "currency_id", "line_ids", "ref", "name",
    "reversed_entry_id", "sp_settlement_id", "sp_settlement_ref", "sp_date", "sp_reversed",
    "posted_before", "move_type", "auto_post",
)  # fmt: skip


class LedgerCase(SpCase):
    has_tags = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_rate("EUR", "2026-01-01", 1.25)
        cls.other = cls.make_account("Something Else")
        cls.somebody = cls.root_env["res.partner"].create({"name": "Somebody"})
        plan = cls.root_env["account.analytic.plan"].create({"name": "Shops"})
        cls.shop = cls.root_env["account.analytic.account"].create(
            {"name": "Shop", "plan_id": plan.id, "company_id": cls.company.id}
        )
        vat = cls.make_tax("VAT", 20.0, price_include_override="tax_included")
        cls.map_tax("sales", "output_included", vat)
        cls.count = 0

    @classmethod
    def prepare_invoices(cls):
        cls.root_env["account.journal"].create(
            {"name": "Sales", "code": "SPS", "type": "sale", "company_id": cls.company.id}
        )
        amazon = cls.company.sp_partner_id.with_company(cls.company)
        amazon.property_account_receivable_id = cls.make_account(
            "Debtors", "asset_receivable", reconcile=True
        )

    def make(self, kind="plain", post=True):
        """A settlement in the books: of one month, of two ``months``, or ``foreign``."""
        type(self).count += 1
        ref = f"{9000 + self.count}"
        first, second, last = DAYS.get(kind, DAYS["plain"])
        rows = [
            helpers.row(SALE, "120.00", ref=ref, posted_date_time=f"{first} 12:00:00 UTC"),
            helpers.row(FEE, "-20.00", ref=ref, posted_date_time=f"{second} 12:00:00 UTC"),
        ]
        settlement = self.import_file(
            self.file(
                *rows,
                total="100.00",
                ref=ref,
                currency="EUR" if kind == "foreign" else "GBP",
                settlement_start_date=f"{first} 00:00:00 UTC",
                settlement_end_date=f"{last} 23:00:00 UTC",
            )
        )
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        if post:
            settlement.action_post()
            self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
            self.assertEqual(len(settlement.move_ids), 2 if kind == "months" else 1)
        return settlement

    def judge(self, settlement):
        """What is posted of a settlement, by everything but the entry: {what: sums}."""
        self.env.flush_all()
        moves = self.root_env["account.move"].search(
            [("sp_settlement_ref", "=", settlement.settlement_ref), ("state", "=", "posted")]
        )
        sums = {}
        for item in moves.line_ids:
            key = (
                item.account_id.id,
                item.partner_id.id,
                item.currency_id.id,
                item.tax_line_id.id,
                tuple(sorted(item.tax_ids.ids)),
                tuple(sorted(item.tax_tag_ids.ids)) if self.has_tags else (),
                str(item.analytic_distribution or ""),
            )
            amount, balance = sums.get(key, (0.0, 0.0))
            sums[key] = (
                round(amount + item.amount_currency, 2),
                round(balance + item.balance, 2),
            )
        return {key: pair for key, pair in sums.items() if pair != (0.0, 0.0)}

    def assertSays(self, settlement, before):
        """The state says exactly whether the ledger is what it was."""
        now = self.judge(settlement)
        if now != before:
            self.assertNotEqual(settlement.state, "posted")
            self.assertTrue(settlement.state == "booked" or settlement.ledger_note)
        elif settlement.state != "posted":
            self.assertTrue(settlement.ledger_note)

    def assertMendable(self, settlement, before):
        """*Undo* and *Post* make the ledger what it was."""
        settlement.action_undo()
        self.assertEqual(self.judge(settlement), {})
        self.assertEqual(settlement.state, "review", settlement.hold_reason)
        settlement.action_post()
        self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
        self.assertEqual(self.judge(settlement), before)
        self.assertEqual(settlement.amount_difference, 0)

    def reverse(self, move, how="refund_moves", **vals):
        """Press a button of Odoo's reversal wizard as an accountant; return the reversal."""
        wizard = (
            self.root_env["account.move.reversal"]
            .with_user(self.manager)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": move.date, **vals})
        )
        getattr(wizard, how)()
        return move.reversal_move_ids.sorted("id")[-1:].with_user(self.manager)


class TestEveryWay(LedgerCase):
    def _ways(self):
        """{name: (function of the accountant's entry, expected of one entry, of one of two)}."""

        def cancel(move):
            move.button_draft()
            move.button_cancel()

        def delete(move):
            move.button_draft()
            move.with_context(force_delete=True).unlink()

        def add_pair(move):
            move.button_draft()
            move.line_ids = [
                Command.create(
                    {"account_id": self.other.id, "name": "mine", "amount_currency": amount}
                )
                for amount in (10.0, -10.0)
            ]

        def edit(move):
            add_pair(move)
            with self.assertRaises(UserError), self.cr.savepoint():
                move.action_post()

        def replace(move):
            move.button_draft()
            payout = move.line_ids.sorted("id")[-1]
            vals = {
                "account_id": self.other.id,
                "currency_id": payout.currency_id.id,
                "amount_currency": payout.amount_currency,
                "balance": payout.balance,
            }
            move.line_ids = [Command.delete(payout.id), Command.create(vals)]
            with self.assertRaises(UserError), self.cr.savepoint():
                move.action_post()

        def write(**vals):
            return lambda move: move.line_ids.sorted("id")[0].write(vals)

        def reverse_twice(move):
            reversal = self.reverse(move)
            self.reverse(reversal)

        def reverse_in_part(move):
            reversal = self.reverse(move)
            add_pair(reversal)
            reversal.action_post()

        def copy(move):
            twin = move.copy()
            self.assertFalse(twin.sp_settlement_id)
            self.assertIn(move.ref, twin.ref)
            twin.action_post()

        gone = ("changed", "partly")
        return {
            "reset to draft": (lambda move: move.button_draft(), "booked", "partly"),
            "edited": (edit, "booked", "partly"),
            "item replaced": (replace, "booked", "partly"),
            "cancelled": (cancel, *gone),
            "deleted": (delete, *gone),
            "reversed": (self.reverse, *gone),
            "reversed and replaced": (lambda move: self.reverse(move, "modify_moves"), *gone),
            "reversed later": (lambda move: self.reverse(move, date="2026-06-01"), *gone),
            "reversal reversed": (reverse_twice, "posted", "posted"),
            "reversed in part": (reverse_in_part, "changed", "changed"),
            "account": (write(account_id=self.other.id), "changed", "changed"),
            "partner": (write(partner_id=self.somebody.id), "changed", "changed"),
            "analytic": (
                write(analytic_distribution={str(self.shop.id): 100}), "changed", "changed",
            ),
            "label": (write(name="mine"), "posted", "posted"),
            "copied": (copy, "posted", "posted"),
        }  # fmt: skip

    def _take(self, name):
        way, alone, of_two = self._ways()[name]
        for kind in KINDS:
            with self.subTest(kind):
                settlement = self.make(kind)
                before = self.judge(settlement)
                way(settlement.move_ids.sorted("id")[:1].with_user(self.manager))
                self.assertEqual(settlement.state, of_two if kind == "months" else alone)
                self.assertSays(settlement, before)
                if settlement.state != "posted":
                    with self.assertRaises(UserError), self.cr.savepoint():
                        settlement.unlink()
                if name == "copied":
                    continue  # its own ledger is right; booked anew it would count twice
                self.assertMendable(settlement, before)

    def test_a_reset_to_draft(self):
        self._take("reset to draft")

    def test_an_edit(self):
        self._take("edited")

    def test_a_replaced_item(self):
        self._take("item replaced")

    def test_a_cancellation(self):
        self._take("cancelled")

    def test_a_deletion(self):
        self._take("deleted")

    def test_a_reversal(self):
        self._take("reversed")

    def test_a_reversal_with_a_replacement(self):
        self._take("reversed and replaced")

    def test_a_reversal_on_a_later_day(self):
        self._take("reversed later")

    def test_the_reversal_of_a_reversal(self):
        self._take("reversal reversed")

    def test_a_reversal_of_another_amount(self):
        self._take("reversed in part")

    def test_another_account_on_a_posted_item(self):
        self._take("account")

    def test_another_partner_on_a_posted_item(self):
        self._take("partner")

    def test_another_analytic_on_a_posted_item(self):
        self._take("analytic")

    def test_another_label_is_no_change(self):
        self._take("label")

    def test_a_copy_belongs_to_nobody(self):
        self._take("copied")

    def test_post_completes_what_is_missing(self):
        ways = ("reset to draft", "cancelled", "deleted", "reversed", "reversed later")
        for name in ways:
            way, _alone, of_two = self._ways()[name]
            for position in (0, 1):
                with self.subTest(f"{name}, part {position + 1}"):
                    settlement = self.make("months")
                    before = self.judge(settlement)
                    way(settlement.move_ids.sorted("id")[position].with_user(self.manager))
                    self.assertEqual(settlement.state, of_two)
                    if name != "reset to draft":  # a draft still explains its part
                        self.assertNotEqual(settlement.amount_difference, 0)
                    settlement.action_post()
                    self.assertEqual((settlement.state, settlement.ledger_note), ("posted", False))
                    self.assertEqual(self.judge(settlement), before)

    def test_what_was_reversed_in_part_or_edited_is_not_posted_over(self):
        for name in ("reversed in part", "account", "edited"):
            with self.subTest(name):
                settlement = self.make("months")
                self._ways()[name][0](settlement.move_ids.sorted("id")[0].with_user(self.manager))
                before = self.judge(settlement)
                with self.assertRaisesRegex(UserError, "Undo the entry"), self.cr.savepoint():
                    settlement.action_post()
                self.env.invalidate_all()
                self.assertEqual(self.judge(settlement), before)

    def test_an_unmatched_rollover_is_said_and_matched_again(self):
        settlement = self.make("months")
        rollover = settlement.move_ids.line_ids.filtered(
            lambda item: item.account_id == self.account_of("rollover")
        )
        self.assertTrue(all(rollover.mapped("reconciled")))
        rollover.with_user(self.manager).remove_move_reconcile()
        self.assertEqual(settlement.state, "changed")
        self.assertIn("no longer matched", settlement.ledger_note)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertTrue(all(rollover.mapped("reconciled")))

    def test_a_cancelled_entry_is_not_posted_beside_its_successor(self):
        settlement = self.make()
        old = settlement.move_id.with_user(self.manager)
        settlement.action_undo()
        settlement.action_post()
        old.button_draft()
        with self.assertRaisesRegex(UserError, "taken back"), self.cr.savepoint():
            old.action_post()
        # A program that knows better:
        old.sudo().state = "posted"
        self.assertEqual(settlement.state, "changed")
        self.assertIn("not planned", settlement.ledger_note)

    def test_the_note_is_bounded_and_speaks_of_what_differs(self):
        settlement = self.make()
        move = settlement.move_id.with_user(self.manager)
        move.line_ids[0].name = "x" * 5000
        move.line_ids.partner_id = self.somebody
        move.button_draft()
        move.line_ids = [
            Command.create({"account_id": self.other.id, "name": f"{number}", "balance": 0})
            for number in range(30)
        ]
        self.assertLess(len(settlement.ledger_note.splitlines()), 13)
        self.assertLess(len(settlement.ledger_note), 4000)
        self.assertIn("Somebody", settlement.ledger_note)
        self.assertIn("differences more", settlement.ledger_note)


class TestInvoices(LedgerCase):
    """The form of invoices: reversed by a credit note, which a person posts."""

    has_tags = False  # a credit note has the boxes of refunds

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepare_invoices()
        cls.set_booking(booking_form="invoice")

    def test_a_credit_note(self):
        for kind in ("plain", "foreign"):
            with self.subTest(kind):
                settlement = self.make(kind)
                before = self.judge(settlement)
                self.assertEqual(settlement.move_id.move_type, "out_invoice")
                note = self.reverse(settlement.move_id)
                if note.state == "draft":
                    self.assertEqual(settlement.state, "posted")  # a draft is in no books
                    note.action_post()
                self.assertEqual(settlement.state, "changed")
                self.assertSays(settlement, before)
                self.assertMendable(settlement, before)

    def test_a_cancellation_and_an_edit(self):
        settlement = self.make()
        before = self.judge(settlement)
        move = settlement.move_id.with_user(self.manager)
        move.button_draft()
        self.assertEqual((settlement.state, settlement.ledger_note), ("booked", False))
        move.invoice_line_ids[0].price_unit += 1
        self.assertTrue(settlement.ledger_note)
        with self.assertRaisesRegex(UserError, "Undo the entry"), self.cr.savepoint():
            move.action_post()
        move.button_cancel()
        self.assertEqual(settlement.state, "changed")
        self.assertMendable(settlement, before)


class TestRemoteWrites(LedgerCase):
    """Every field of our entries that a program could write with an accountant's rights."""

    def _value(self, record, name):
        field = record._fields[name]
        if name == "analytic_distribution":
            return {str(self.shop.id): 100}
        if name == "line_ids":
            return [Command.clear()]
        if field.type == "many2one":
            company = [("company_id", "in", (False, self.company.id))]
            model = record.env[field.comodel_name].sudo()
            domain = company if "company_id" in model._fields else []
            return model.search(domain, limit=1, order="id desc").id
        if field.type in ("many2many", "one2many"):
            return [Command.clear()] if record[name] else [
                Command.link(record.env[field.comodel_name].sudo().search([], limit=1).id)
            ]  # fmt: skip
        if field.type == "selection":
            values = [key for key, _label in field._description_selection(record.env)]
            return next(key for key in values[::-1] if key != record[name])
        return {
            "char": "other", "text": "other", "boolean": not record[name], "date": "2026-03-03",
            "integer": 7, "float": 7.0, "monetary": 7.0,
        }[field.type]  # fmt: skip

    def _write_each(self, names, records):
        for name in names:
            for position in range(len(records(self.make()))):
                with self.subTest(f"{name} of {position}"):
                    settlement = self.make()
                    before = self.judge(settlement)
                    record = records(settlement)[position].with_user(self.manager)
                    # Odoo or the database may refuse: that is as well.
                    with suppress(Exception), self.cr.savepoint():
                        record.write({name: self._value(record, name)})
                        self.env.flush_all()
                    self.env.invalidate_all()
                    self.assertEqual(settlement.exists(), settlement)
                    self.assertSays(settlement, before)
                    if settlement.state == "posted":
                        self.assertEqual(self.judge(settlement), before)

    def test_each_field_of_an_item(self):
        self._write_each(ITEM_FIELDS, lambda settlement: settlement.move_ids.line_ids.sorted("id"))

    def test_each_field_of_an_entry(self):
        self._write_each(MOVE_FIELDS, lambda settlement: settlement.move_ids)

    def test_nobody_says_which_entry_is_a_settlement_s(self):
        settlement = self.make()
        move = settlement.move_id.with_user(self.manager)
        for vals in (
            {"sp_settlement_id": False},
            {"sp_settlement_ref": False},
            {"sp_date": "2026-01-01"},
            {"sp_reversed": True},
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                move.write(vals)
        values = {"journal_id": self.company.sp_journal_id.id, "date": "2026-04-01"}
        moves = self.env["account.move"].with_user(self.manager)
        for context, vals in (
            ({}, {"sp_settlement_id": settlement.id}),
            ({"default_sp_settlement_id": settlement.id}, {}),
            ({"default_sp_settlement_ref": "9001"}, {}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                moves.with_context(**context).create({**values, **vals})
        move.sudo().sp_reversed = True  # a finding, not a fact: writing it changes nothing
        self.env.invalidate_all()
        self.assertFalse(move.sp_reversed)
        self.assertEqual(settlement.state, "posted")
