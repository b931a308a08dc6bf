"""Opening balances: what Amazon carried before the first settlement that is booked here."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..chain_common import ChainCase
from ..common import MANAGER

RESERVE, CLEARING, DEBT = "reserve", "deposit", "debt_adjustment"


class TestSpOpening(ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tool before booked Amazon's reserve on an account of its own.
        cls.theirs = cls.make_account("Their reserve", "asset_current", reconcile=True)
        cls.payable = cls.make_account("Their clearing", "asset_current", reconcile=True)
        cls.start = cls.make_account("Start", "equity")

    @classmethod
    def entry(cls, account, amount, day="2026-02-12", company=None):
        """What others booked: an amount in EUR on an account."""
        move = cls.root_env["account.move"].create(
            {
                "journal_id": (company or cls.company).sp_journal_id.id,
                "date": day,
                "ref": "Other tool",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": place.id,
                            "currency_id": cls.root_env.ref("base.EUR").id,
                            "amount_currency": sign * amount,
                            "balance": sign * amount / 1.25,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for place, sign in ((account, 1), (cls.start, -1))
                ],
            }
        )
        move.action_post()
        return move

    @classmethod
    def import_one(cls, *names):
        """Import files; each settlement alone, as a form reads it."""
        found = [one.browse(one.id) for one in cls.import_chain(*names)]
        return found if len(found) > 1 else found[0]

    def propose(self, settlement):
        action = settlement.action_propose_opening()
        return settlement.env["sp.opening.proposal"].browse(action["res_id"])

    def open(self, settlement, counter=None):
        """Propose, create and post the opening entry; others carried it on ``counter``."""
        proposal = self.propose(settlement)
        for line in proposal.line_ids.filtered("is_included"):
            line.counter_account_id = line.counter_account_id or counter
        action = proposal.action_create_entry()
        move = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(move.state, "draft")
        move.action_post()
        return move

    def items(self, move):
        return [(line.account_id, line.amount_currency) for line in move.line_ids.sorted("id")]

    def explain(self, day):
        clearing = self.env["sp.clearing"].create({"date": day})
        clearing.action_show()
        self.assertFalse(any(clearing.account_ids.mapped("balance_difference")))
        return [(item.kind, item.amount) for item in clearing.item_ids]

    def breaks(self, date_from, date_to, kind="opening"):
        roll = self.env["sp.roll.forward"].create({"date_from": date_from, "date_to": date_to})
        roll.action_show()
        self.assertFalse(roll.break_ids.filtered(lambda one: one.kind in ("ledger", "other")))
        return roll.break_ids.filtered(lambda one: one.kind == kind)

    def test_a_person_says_that_none_is_needed_and_takes_it_back(self):
        first = self.import_one("de_4")
        self.assertTrue(first.has_opening_due)
        first.action_decline_opening()
        self.assertEqual((first.opening_status, first.opening_note), ("declined", False))
        self.assertFalse(self.env["sp.settlement"].search([("has_opening_due", "=", True)]))
        self.assertEqual(first.opening_declined_user_id, self.env.user)
        self.assertIn("No opening entry", first.message_ids[0].body)
        first.action_ask_opening()
        self.assertEqual(first.opening_status, "due")
        self.assertFalse(first.opening_declined_user_id or first.opening_declined_date)
        stranger = self.make_user("declining", MANAGER, self.make_company("Lamps Ltd"))
        with self.assertRaises(AccessError):
            first.with_user(stranger).action_decline_opening()

    # === WHAT IT GIVES === #

    def test_a_reserve_from_before_is_given_from_where_others_carried_it(self):
        self.entry(self.theirs, 300.0)
        first, second, last = self.import_one("de_4", "de_5", "de_6")
        self.assertEqual(first.opening_status, "due")
        self.assertIn("300.00", first.opening_note.replace("\N{NO-BREAK SPACE}", " "))
        self.assertIn("off by that", "".join(first.message_ids.mapped("body")))
        self.assertFalse(second.opening_note)
        proposal = self.propose(first)
        self.assertEqual(str(proposal.date), "2026-02-11")
        reserve, debt = proposal.line_ids
        self.assertEqual((reserve.counter_account_id, reserve.amount), (self.theirs, 300.0))
        self.assertIn("exactly this", reserve.reason)
        # Its other side is Spain's, which may come yet.
        self.assertEqual((debt.is_included, debt.amount), (False, -25.0))
        move = self.open(first)
        self.assertEqual(
            self.items(move), [(self.account_of(RESERVE), 300.0), (self.theirs, -300.0)]
        )
        self.assertEqual((move.sp_opening_id, str(move.date)), (first, "2026-02-11"))
        self.assertEqual(move.line_ids[0].balance, 240.0)
        (first | second | last).action_post()
        self.assertEqual(first.state, "posted", "the opening entry is no double of it")
        self.assertTrue(move.line_ids[0].reconciled)
        self.assertEqual(self.balances(RESERVE), (0.0,))
        self.assertEqual((first.opening_state, first.opening_status), ("posted", "done"))
        self.assertFalse(first.opening_note)
        self.assertFalse(self.breaks("2026-02-01", "2026-03-31"))
        self.assertFalse(self.breaks("2026-02-01", "2026-03-31", "reserve"))

    def test_with_four_eyes_another_person_posts_the_opening_entry(self):
        settings = self.root_env["sp.approval.settings"].with_user(self.manager)
        settings.create({"company_id": self.company.id, "sp_four_eyes": True}).action_save()
        proposal = self.propose(self.import_one("de_2"))
        proposal.line_ids.filtered("is_included").counter_account_id = self.payable
        move = self.env["account.move"].browse(proposal.action_create_entry()["res_id"])
        for mine in (move, move.with_user(self.root_env.user)):
            with self.assertRaisesRegex(UserError, "Four eyes"), self.cr.savepoint():
                mine.action_post()
        move.with_user(self.manager).action_post()
        self.assertEqual(move.state, "posted")

    def test_a_negative_first_settlement_and_a_balance_owed(self):
        """Begun at de_2, the books end as those of the whole chain, see its README."""
        settlements = self.import_chain("de_2", "de_3", "es_1", "de_4", "es_2", "de_5", "de_6")
        first = settlements[0]
        settlements.action_post()  # before the opening entry
        self.assertEqual(self.breaks("2026-01-01", "2026-01-31").settlement_id, first)
        self.assertEqual(self.breaks("2026-01-01", "2026-01-31").amount, -50.0)
        proposal = self.propose(first)
        self.assertIn("No account carried", proposal.line_ids.reason)
        self.assertFalse(proposal.line_ids.counter_account_id)
        with self.assertRaisesRegex(UserError, "on which account it was carried"):
            proposal.action_create_entry()
        move = self.open(first, self.payable)
        self.assertEqual(
            self.items(move), [(self.account_of("carried_balance"), -50.0), (self.payable, 50.0)]
        )
        self.assertTrue(move.line_ids[0].reconciled)
        self.assertEqual(self.balances(RESERVE, DEBT), (0.0, 0.0))
        self.pay("bank_verification", 0.01, "2026-02-16")
        by_ref = {one.settlement_ref: one for one in settlements}
        for name, amount, day in (
            ("99000002202", 34.0, "2026-03-13"),
            ("99000002105", 182.5, "2026-03-15"),
            ("99000002106", 28.5, "2026-03-29"),
        ):
            self.pay(CLEARING, amount, day, settlement=by_ref[name])
        self.assertEqual(self.balances(CLEARING), (0.0,))
        self.assertEqual(self.explain("2026-04-30"), [("manual", -0.01), ("handed", 0.01)])
        self.assertFalse(self.breaks("2026-01-01", "2026-01-31"))

    def test_a_draft_and_an_entry_before_the_settlement_is_posted_are_named(self):
        self.entry(self.payable, -50.0)
        first = self.import_one("de_2")
        move = self.open(first, self.payable)
        self.assertIn(("opening", -50.0), self.explain("2026-01-20"))
        move.button_draft()
        self.assertEqual((first.opening_state, first.opening_status), ("draft", "draft"))
        self.assertEqual(self.breaks("2026-01-01", "2026-01-31").settlement_id, first)
        due = self.env["sp.settlement"].search([("has_opening_due", "=", True)])
        self.assertEqual(due, first)
        self.assertTrue(first.has_opening_due)
        move.line_ids = [
            Command.update(line.id, {"amount_currency": line.amount_currency * 0.8})
            for line in move.line_ids
        ]
        move.action_post()
        self.assertEqual(first.opening_status, "differs")
        self.assertIn("40.00", first.opening_note)

    def test_a_transfer_that_failed_and_a_debt_from_before(self):
        first = self.import_one("de_5")
        proposal = self.propose(first)
        self.assertEqual(sorted(proposal.line_ids.mapped("amount")), [60.0, 250.0])
        spain = self.import_one("es_2")
        proposal = self.propose(spain)
        debt = proposal.line_ids.filtered(lambda line: not line.is_included)
        self.assertEqual(debt.amount, 25.0)
        debt.is_included = True
        proposal.line_ids.counter_account_id = self.start
        move = self.env["account.move"].browse(proposal.action_create_entry()["res_id"])
        move.action_post()
        spain.action_post()
        self.assertEqual(self.balances(DEBT), (0.0,))
        self.assertEqual(spain.opening_status, "done")

    # === WHERE NOTHING IS PROPOSED === #

    def test_nothing_carried_nothing_proposed(self):
        first, second = self.import_one("de_1", "de_2")
        self.assertFalse(first.opening_note or second.opening_note)
        for settlement in (first, second):
            with self.assertRaisesRegex(UserError, "takes up nothing"):
                settlement.action_propose_opening()
        self.assertFalse(self.env["sp.settlement"].search([("has_opening_due", "=", True)]))

    def test_what_stands_on_the_account_already_is_not_given_twice(self):
        reserve = self.account_of(RESERVE)
        for amount in (200.0, 100.0):
            self.entry(reserve, amount)
        first = self.import_one("de_4")
        self.assertFalse(first.opening_note)
        line = self.propose(first).line_ids[0]
        self.assertFalse(line.is_included)
        self.assertIn("the balance there already", line.reason)
        # One item of that amount, whatever else stands there.
        move = self.entry(reserve, 300.0)
        self.assertIn(move.name, self.propose(first).line_ids[0].reason)

    def test_of_a_company_that_books_invoices(self):
        partner = self.root_env["res.partner"].create({"name": "Amazon Payments"})
        owed = self.make_account("Amazon owes", "asset_receivable", reconcile=True)
        partner.with_company(self.company).property_account_receivable_id = owed
        sales = self.root_env["account.journal"].create(
            {"name": "Sales", "code": "SPV", "type": "sale", "company_id": self.company.id}
        )
        self.company.sudo().write(
            {
                "sp_booking_form": "invoice",
                "sp_partner_id": partner.id,
                "sp_invoice_journal_id": sales.id,
            }
        )
        first = self.import_one("de_4")
        move = self.open(first, self.start)
        self.assertEqual((move.move_type, move.journal_id), ("entry", self.company.sp_journal_id))
        first.action_post()
        self.assertEqual(first.state, "posted")
        self.assertTrue(move.line_ids[0].reconciled)
        self.assertEqual(self.balances(RESERVE), (60.0,))

    def test_what_a_person_matched_is_not_missing(self):
        first = self.import_one("de_4")
        first.action_post()
        self.assertEqual(first.opening_status, "due")
        late = self.entry(self.account_of(RESERVE), 300.0, "2026-02-20")
        taken = first.line_ids.filtered(lambda line: line.amount == 300.0).move_line_id
        (taken.with_env(self.root_env) | late.line_ids[0]).reconcile()
        self.assertFalse(first.opening_note)

    def test_two_accounts_that_fit_are_a_question(self):
        self.entry(self.theirs, 300.0)
        self.entry(self.payable, 300.0)
        first = self.import_one("de_4")
        reserve = self.propose(first).line_ids[0]
        self.assertFalse(reserve.counter_account_id)
        self.assertIn("Several fit", reserve.reason)
        # One open item among others of that account.
        self.entry(self.theirs, 7.0)
        self.entry(self.payable, 7.0)
        self.entry(self.payable, 300.0)
        self.assertFalse(self.propose(first).line_ids[0].counter_account_id)

    def test_after_a_settlement_that_is_booked_elsewhere(self):
        before, first = self.import_one("de_3", "de_4")
        self.assertFalse(first.opening_note)
        before._mark_elsewhere(self.entry(self.theirs, 300.0))
        self.env.invalidate_all()
        self.assertEqual((first.opening_status, before.opening_note), ("due", False))
        move = self.open(first)
        self.assertEqual(move.line_ids[1].account_id, self.theirs)
        before.action_not_elsewhere()
        self.env.invalidate_all()
        self.assertEqual(first.opening_status, "stale")

    # === EARLIER SETTLEMENTS COME LATER === #

    def test_an_earlier_settlement_makes_it_stale_and_it_is_taken_back(self):
        first = self.import_one("de_4")
        move = self.open(first, self.start)
        first.action_post()
        with self.assertRaisesRegex(UserError, "opening entry cannot be deleted"):
            first.action_undo()
            first.unlink()
        before = self.import_one("de_3")
        self.assertEqual(first.opening_status, "stale")
        self.assertIn(before.settlement_ref, first.opening_note)
        broken = self.breaks("2026-02-01", "2026-02-28").settlement_id
        self.assertEqual(broken, first | before)
        self.assertEqual(before.opening_status, "due")  # a balance of 4 that it takes up
        before.action_post()
        first.action_take_back_opening()
        self.assertEqual(move.state, "cancel")
        self.assertFalse(first.opening_state or first.opening_note)
        first.action_post()
        self.assertEqual(self.balances(RESERVE), (60.0,))
        released = first.line_ids.filtered(lambda line: line.amount == 300.0).move_line_id
        self.assertTrue(released.reconciled)
        with self.assertRaisesRegex(UserError, "no opening entry"):
            first.action_take_back_opening()

    def test_a_stale_draft_is_not_posted(self):
        first = self.import_one("de_4")
        proposal = self.propose(first)
        proposal.line_ids.counter_account_id = self.start
        move = self.env["account.move"].browse(proposal.action_create_entry()["res_id"])
        before = self.import_one("de_3")
        with self.assertRaisesRegex(UserError, before.settlement_ref):
            move.action_post()
        first.action_take_back_opening()
        self.assertFalse(move.exists())

    def test_there_is_one_at_a_time(self):
        first = self.import_one("de_4")
        proposals = [self.propose(first) for _twice in range(2)]
        for proposal in proposals:
            proposal.line_ids.counter_account_id = self.start
        proposals[0].action_create_entry()
        with self.assertRaisesRegex(UserError, "there already"):
            proposals[1].action_create_entry()
        with self.assertRaisesRegex(UserError, "there already"):
            self.propose(first)

    def test_reversed_by_hand_it_is_missing_again(self):
        first = self.import_one("de_4")
        move = self.open(first, self.start)
        reversal = move._reverse_moves(cancel=True)
        self.assertEqual(reversal.sp_opening_id, first)
        self.assertEqual((first.opening_state, first.opening_status), (False, "due"))
        self.assertEqual(self.balances(RESERVE), (0.0,))

    # === DAYS AND PEOPLE === #

    def test_a_locked_day_is_said_and_the_next_open_one_chosen(self):
        first = self.import_one("de_4")
        self.company.sudo().fiscalyear_lock_date = "2026-03-15"
        proposal = self.propose(first)
        self.assertIn("locked period", proposal.day_problem)
        proposal.line_ids.counter_account_id = self.start
        with self.assertRaisesRegex(UserError, "locked period"):
            proposal.action_create_entry()
        proposal.action_next_open_day()
        self.assertEqual(str(proposal.date), "2026-03-16")
        self.assertFalse(proposal.day_problem)
        move = self.env["account.move"].browse(proposal.action_create_entry()["res_id"])
        # Odoo would move the day without a word.
        self.company.sudo().fiscalyear_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "locked period"):
            move.action_post()
        self.company.sudo().fiscalyear_lock_date = False
        move.action_post()
        self.assertEqual(str(move.date), "2026-03-16")

    def test_a_day_without_a_rate_is_refused(self):
        first = self.import_one("de_4")
        proposal = self.propose(first)
        proposal.date = "2025-01-01"
        self.assertIn("no exchange rate", proposal.day_problem)

    def test_companies_and_people(self):
        first = self.import_one("de_4")
        other = self.make_company("Lamps Inc")
        self.set_up_accounts(other)
        stranger = self.make_user("stranger", MANAGER, other)
        mine = first.with_user(stranger).with_company(other)
        self.assertDenied(mine.action_propose_opening)
        self.assertDenied(mine.action_take_back_opening)
        proposal = self.propose(first)
        self.assertDenied(proposal.with_user(stranger).read, ["date"])
        self.assertDenied(proposal.line_ids.with_user(self.manager).read, ["amount"])
        proposal.line_ids.counter_account_id = self.start
        move = self.env["account.move"].browse(proposal.action_create_entry()["res_id"])
        self.assertDenied(move.with_user(self.manager).write, {"sp_opening_id": False})
        # The same account's settlements in two companies' books are two chains.
        theirs = self.import_file(
            first.attachment_id.sudo().raw, "de_4.txt", company=other, env=self.root_env
        )
        self.assertEqual(theirs.opening_status, "due")
        due = self.root_env(user=stranger)["sp.settlement"].search([("has_opening_due", "=", True)])
        self.assertEqual(due.ids, theirs.ids)
