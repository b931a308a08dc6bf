"""Four eyes: one proposes, another approves exactly that; limits by role."""

from odoo.exceptions import AccessError, UserError, ValidationError

from ..common import MANAGER, USER, SpCase

SALE = "Order/ItemPrice/Principal"
FOUR_EYES = {"sp_four_eyes": True}


class ApprovalCase(SpCase):
    """A company with four eyes and two bookkeepers; ``self.env`` is the first one's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.make_user("second", USER)
        cls.set_rules(**FOUR_EYES)
        cls.settlement = cls.bring("1")

    @classmethod
    def bring(cls, ref, amount="24.00", **options):
        return cls.import_file(cls.file((SALE, amount), total=amount, ref=ref), **options)

    @classmethod
    def set_rules(cls, **vals):
        """Say who approves what, as a manager does on the screen."""
        settings = cls.root_env["sp.approval.settings"].with_user(cls.manager)
        settings.create({"company_id": cls.company.id, **vals}).action_save()

    def by(self, user, settlement=None):
        return (settlement or self.settlement).with_user(user)

    def approvals(self, settlement=None):
        """What was proposed and decided, the oldest first."""
        return [
            (one.operation, one.state, one.user_id, one.decided_by_id)
            for one in (settlement or self.settlement).sudo().approval_ids.sorted("id")
        ]

    def approve_posting(self, settlement=None):
        self.by(self.bookkeeper, settlement).action_post()
        self.by(self.second, settlement).action_approve()

    def assertRefused(self, action, *words):
        """A button says why nothing was done."""
        for word in words:
            self.assertIn(word, action["params"]["message"])
        self.assertEqual(action["params"]["title"], "Nothing was done")


class TestSpApproval(ApprovalCase):
    # === POSTING === #

    def test_one_proposes_another_approves_and_both_are_kept(self):
        settlement = self.settlement
        notice = settlement.action_post()
        self.assertEqual(notice["params"]["title"], "Proposed")
        self.assertEqual((settlement.state, settlement.approval_operation), ("booked", "post"))
        self.assertFalse(settlement.can_approve)
        self.assertIn("another person approves it", settlement.approval_text)
        self.assertTrue(self.by(self.second).can_approve)
        self.assertIsNone(self.by(self.second).action_approve())
        self.assertEqual((settlement.state, settlement.approval_id), ("posted", self.empty()))
        self.assertEqual(self.approvals(), [("post", "approved", self.bookkeeper, self.second)])
        trail = self.env["sp.audit"].search([("res_id", "=", settlement.id)])
        said = "\n".join(filter(None, trail.mapped("note")))
        self.assertRegex(said, "proposed by sp_test_bookkeeper .*; approved by sp_test_second ")
        self.assertBalanced(settlement)

    def empty(self):
        return self.env["sp.approval"]

    def test_who_proposed_does_not_approve_by_any_button(self):
        mine = self.settlement
        mine.action_post()
        self.assertRefused(mine.action_post(), "proposed this yourself")
        self.assertRefused(mine.action_approve(), "proposed this yourself")
        self.assertEqual((mine.state, len(mine.approval_ids)), ("booked", 1))

    def test_to_create_a_draft_proposes_nothing(self):
        self.settlement.action_book()
        self.assertFalse(self.settlement.approval_ids)
        self.assertRefused(self.by(self.second).action_approve(), "Nothing is proposed")

    def test_two_who_press_post_are_two_persons(self):
        self.settlement.action_post()
        self.by(self.second).action_post()
        self.assertEqual(self.settlement.state, "posted")

    def test_what_changed_since_is_proposed_anew_and_not_posted(self):
        self.settlement.action_post()
        self.map_category("sales", self.make_account("Shop Sales"))
        self.env.invalidate_all()
        self.assertIn("booked otherwise now", self.by(self.second).approval_text)
        notice = self.by(self.second).action_approve()
        self.assertIn("proposed again", notice["params"]["message"])
        self.assertEqual(self.settlement.state, "booked")
        self.assertEqual(
            self.approvals(),
            [
                ("post", "closed", self.bookkeeper, self.second),
                ("post", "open", self.second, self.env["res.users"]),
            ],
        )
        self.settlement.action_approve()
        self.assertEqual(self.settlement.state, "posted")
        self.assertIn("Shop Sales", [name for _label, name, _amount in self.entry(self.settlement)])

    def test_other_words_make_it_another_plan_too(self):
        self.settlement.action_post()
        self.map_words(SALE, "other")
        self.map_category("other", self.make_account("Other Income"))
        self.by(self.second).action_approve()
        self.assertEqual(self.settlement.state, "booked")
        self.assertEqual(self.settlement.approval_id.user_id, self.second)

    def test_sent_back_with_a_reason_it_waits_no_more(self):
        self.settlement.action_post()
        wizard = self.env["sp.send.back"].with_user(self.second)
        vals = {"approval_id": self.settlement.approval_id.id, "reason": "Wrong month"}
        wizard.create(vals).action_send_back()
        self.assertFalse(self.settlement.approval_id)
        self.assertIn("Wrong month", self.settlement.approval_text)
        self.assertIn("Wrong month", self.settlement.activity_ids.summary)
        self.assertEqual(self.settlement.activity_ids.user_id, self.bookkeeper)
        self.assertRefused(self.by(self.second).action_approve(), "Nothing is proposed")
        with self.assertRaisesRegex(UserError, "meanwhile"):
            wizard.create(vals).action_send_back()
        self.approve_posting()
        self.assertEqual(self.settlement.state, "posted")
        self.assertFalse(self.settlement.activity_ids)

    def test_undoing_a_draft_takes_the_proposal_back(self):
        self.settlement.action_post()
        self.by(self.second).action_undo()
        self.assertEqual(self.settlement.state, "review")
        self.assertEqual([state for _op, state, *_who in self.approvals()], ["closed"])
        self.settlement.action_book()
        self.assertRefused(self.by(self.second).action_approve(), "Nothing is proposed")

    # === UNDO, BOOK ANEW === #

    def test_undo_of_what_is_posted_needs_two_and_the_trail_stays(self):
        self.approve_posting()
        undo = self.env["sp.undo"].create({"settlement_id": self.settlement.id})
        self.assertIn("Four eyes", undo.outcome)
        undo.action_undo()
        self.assertEqual(
            (self.settlement.state, self.settlement.approval_operation), ("posted", "undo")
        )
        self.assertRefused(self.settlement.action_undo(), "yourself")
        self.by(self.manager).action_approve()
        self.assertEqual(self.settlement.state, "review")
        self.assertEqual(
            self.approvals(),
            [
                ("post", "approved", self.bookkeeper, self.second),
                ("undo", "approved", self.bookkeeper, self.manager),
            ],
        )
        self.settlement.action_post()  # what was approved then is not approved now
        self.assertEqual(self.settlement.state, "booked")

    def test_booking_anew_keeps_the_books_until_another_approves(self):
        self.approve_posting()
        before = self.entry(self.settlement)
        same = self.env["sp.batch"]._press("rebook", self.settlement)
        self.assertEqual(same["params"]["title"], "Proposed", "also where nothing changes")
        self.map_category("sales", self.make_account("Shop Sales"))
        action = self.settlement.action_what_would_change()
        self.assertIn("Four eyes", self.env["sp.change.preview"].browse(action["res_id"]).note)
        self.env["sp.batch"]._press("rebook", self.settlement)
        self.assertEqual(self.entry(self.settlement), before)
        self.assertEqual(self.settlement.approval_operation, "rebook")
        self.by(self.second).action_approve()
        self.assertEqual(self.settlement.state, "posted")
        self.assertIn("Shop Sales", str(self.entry(self.settlement)))
        self.assertEqual(self.approvals()[-1], ("rebook", "approved", self.bookkeeper, self.second))

    def test_booking_anew_otherwise_than_proposed_is_proposed_anew(self):
        self.approve_posting()
        sales = self.map_category("sales", self.make_account("Shop Sales"))
        self.env["sp.batch"]._press("rebook", self.settlement)
        sales.account_id = self.make_account("Other Sales")
        self.by(self.second).action_approve()
        self.assertNotIn("Other Sales", str(self.entry(self.settlement)))
        self.assertEqual(self.settlement.approval_id.user_id, self.second)

    def test_booking_anew_in_a_closed_period_reverses_on_the_day_that_was_proposed(self):
        self.set_booking(lock_policy="next_open")
        self.approve_posting()
        self.company.sudo().fiscalyear_lock_date = self.settlement.move_id.date
        self.map_category("sales", self.make_account("Shop Sales"))
        self.env["sp.batch"]._press("rebook", self.settlement)
        self.by(self.second).action_approve()
        self.assertEqual(self.approvals()[1][1], "approved")
        self.assertIn("Shop Sales", str(self.entry(self.settlement)))
        self.assertEqual(len(self.settlement.move_ids), 3)

    # === LIMITS === #

    def test_larger_ones_wait_for_a_role_that_may_also_with_one_person(self):
        self.set_rules(sp_four_eyes=False, sp_user_approval="limit", sp_user_limit=20.0)
        self.assertIn("more than the", self.settlement.approval_text)
        self.assertRefused(
            self.settlement.action_post(), "£ 24.00".replace(" ", "\N{NO-BREAK SPACE}")
        )
        small = self.bring("2", "20.00")
        self.assertIsNone(small.action_post())
        self.assertIsNone(self.by(self.manager).action_post())
        self.assertEqual((small.state, self.settlement.state), ("posted", "posted"))
        self.assertRefused(self.settlement.action_undo(), "more than the")

    def test_limits_hold_of_who_approves_and_not_of_who_proposes(self):
        self.set_rules(sp_user_approval="none")
        self.settlement.action_post()
        self.assertFalse(self.by(self.second).can_approve)
        self.assertRefused(self.by(self.second).action_approve(), "waits for a manager")
        self.by(self.manager).action_approve()
        self.assertEqual(self.settlement.state, "posted")

    def test_limits_are_in_the_company_s_currency(self):
        self.set_all_rates(rate=2.0)
        self.set_rules(
            sp_four_eyes=False,
            sp_user_approval="limit",
            sp_user_limit=12.0,
            sp_manager_approval="limit",
            sp_manager_limit=12.5,
        )
        self.set_up_exchange()
        ours = self.import_file(self.file((SALE, "24.00"), total="24.00", ref="7", currency="EUR"))
        more = self.import_file(self.file((SALE, "26.00"), total="26.00", ref="8", currency="EUR"))
        self.assertRefused(more.action_post(), "more than anybody")
        self.assertRefused(self.by(self.manager, more).action_post(), "managers may approve")
        self.assertIsNone(ours.action_post())
        self.assertEqual(ours.state, "posted")

    # === SETTINGS === #

    def test_off_by_default_and_a_branch_has_its_root_s(self):
        other = self.make_company("Lamps Inc")
        self.assertFalse(other.sp_four_eyes)
        self.assertEqual(other.sp_user_approval, "any")
        branch = self.root_env["res.company"].create(
            {"name": "Tea Leeds", "parent_id": self.company.id}
        )
        gate = self.env["sp.approval.gate"]
        self.assertTrue(
            gate._has_four_eyes(self.root_env["sp.settlement"].new({"company_id": branch.id}))
        )

    def test_managers_alone_change_them_and_it_is_kept(self):
        kept = self.env["sp.audit"].search([("res_model", "=", "res.company")], limit=1)
        self.assertEqual((kept.user_id, kept.company_id), (self.manager, self.company))
        self.assertIn("one person", kept.before)
        self.assertIn("four eyes", kept.after)
        self.assertDenied(self.env["sp.approval.settings"].create, {})
        admin = self.make_user("admin", "base.group_system")
        with self.assertRaises(AccessError):
            self.company.with_user(admin).sp_four_eyes = False

    def test_limits_that_make_no_sense_are_refused(self):
        limit = {"sp_manager_approval": "limit", "sp_manager_limit": 5.0}
        for vals in (
            {"sp_user_approval": "limit"},
            {"sp_user_approval": "limit", "sp_user_limit": -1.0},
            limit,
            {**limit, "sp_user_approval": "limit", "sp_user_limit": 6.0},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                self.set_rules(**vals)

    def test_turned_off_a_proposal_is_posted_by_anybody_and_closed(self):
        self.settlement.action_post()
        self.set_rules(sp_four_eyes=False)
        self.assertIsNone(self.settlement.action_post())
        self.assertEqual([state for _op, state, *_who in self.approvals()], ["closed"])

    def test_home_counts_what_waits_and_opens_the_same(self):
        self.settlement.action_post()
        cards = {card["key"]: card for card in self.env["sp.home"].get_home()["cards"]}
        self.assertEqual((cards["approval"]["count"], cards["drafts"]["count"]), (1, 0))
        found = self.env["sp.settlement"].search(cards["approval"]["domain"])
        self.assertEqual(found, self.settlement)

    def test_without_a_responsible_user_nobody_gets_an_activity(self):
        self.settlement.action_post()
        self.assertFalse(self.settlement.activity_ids, "Home tells")

    # === COMPANIES === #

    def test_another_company_s_manager_sees_and_decides_nothing(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", MANAGER, other)
        self.settlement.action_post()
        proposal = self.settlement.approval_id
        self.assertDenied(self.by(stranger).action_approve)
        self.assertDenied(proposal.with_user(stranger).read, ["state"])
        wizard = self.env["sp.send.back"].with_user(stranger)
        self.assertDenied(
            lambda: wizard.create({"approval_id": proposal.id, "reason": "x"}).action_send_back()
        )
        settings = self.env["sp.approval.settings"].with_user(stranger)
        self.assertDenied(lambda: settings.create({"company_id": self.company.id}).action_save())
        self.set_up_accounts(other)
        theirs = self.bring("1", company=other, env=self.root_env)
        theirs.with_user(stranger).action_post()
        self.assertEqual(theirs.state, "posted", "four eyes is this company's alone")
