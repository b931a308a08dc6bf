"""Who may do what: by group and by company."""

from ..common import MANAGER, USER, SpCase

OPERATIONS = ("read", "write", "create", "unlink")
R, RW, ALL, NONE = "read", "read write", " ".join(OPERATIONS), ""
# model → (bookkeeper, manager)
RIGHTS = {
    "sp.settlement": ("read unlink", "read unlink"),
    "sp.settlement.line": (R, R),
    "sp.settlement.row": (R, R),
    "sp.settlement.item": (R, R),
    "sp.settlement.hold": (NONE, NONE),
    "sp.settlement.invoiced": (NONE, NONE),
    "sp.invoiced": (R, R),
    "sp.settle.small": (ALL, ALL),
    "sp.undo": (ALL, ALL),
    "sp.preview": (ALL, ALL),
    "sp.elsewhere.proposal": (ALL, ALL),
    "sp.settlement.elsewhere": (NONE, NONE),
    "sp.settlement.opening": (NONE, NONE),
    "sp.opening.proposal": (ALL, ALL),
    "sp.opening.proposal.line": (ALL, ALL),
    "sp.change.mixin": (NONE, NONE),
    "sp.change.preview": (ALL, ALL),
    "sp.change.preview.settlement": (ALL, ALL),
    "sp.change.preview.line": (ALL, ALL),
    "sp.marketplace": (R, R),
    "sp.category.rule": (R, ALL),
    "sp.word": (R, R),
    "sp.account.mapping": (R, ALL),
    "sp.sku.rule": (R, ALL),
    "sp.sku.cost": (R, ALL),
    "sp.goods": (R, R),
    "sp.cost.settings": (NONE, ALL),
    "sp.cost.entry": (NONE, ALL),
    "sp.cost.entry.line": (NONE, ALL),
    "sp.cost.import": (NONE, ALL),
    "sp.settlement.cost": (NONE, NONE),
    "sp.fixed.rate": (ALL, ALL),
    "sp.clearing": (ALL, ALL),
    "sp.clearing.account": (ALL, ALL),
    "sp.clearing.item": (ALL, ALL),
    "sp.roll.forward": (ALL, ALL),
    "sp.roll.forward.line": (ALL, ALL),
    "sp.roll.forward.break": (ALL, ALL),
    "sp.settlement.import": (ALL, ALL),
    "sp.settlement.import.line": (ALL, ALL),
    "sp.setup": (NONE, ALL),
    "sp.setup.line": (NONE, ALL),
    "sp.application": (R, ALL),
    "sp.connection": (R, ALL),
    "sp.connection.marketplace": (R, RW),
    "sp.connection.check": (R, R),
    "sp.connect": (NONE, ALL),
    "sp.disconnect": (NONE, ALL),
    "sp.backfill": (NONE, ALL),
    "sp.debug.download": (NONE, ALL),
    "sp.debug.download.line": (NONE, ALL),
    "sp.oauth.state": (NONE, NONE),
    "sp.secret": (NONE, NONE),
    "sp.secret.mixin": (NONE, NONE),
    "sp.alarm.mixin": (NONE, NONE),
    "sp.client": (NONE, NONE),
    "sp.consent": (NONE, NONE),
    "sp.grant": (NONE, NONE),
    "sp.connection.backfill": (NONE, NONE),
    "sp.connection.display": (NONE, NONE),
    "sp.connection.doctor": (NONE, NONE),
    "sp.connection.sync": (NONE, NONE),
    "sp.daily.watch": (NONE, NONE),
    "sp.notice": (NONE, NONE),
    "sp.exported": (NONE, NONE),
    "sp.report": (R, R),
    "sp.autopost": (R, ALL),
    "sp.settlement.auto": (NONE, NONE),
    "sp.audit": (R, R),
    "sp.audited": (NONE, NONE),
    "sp.approval": (R, R),
    "sp.approval.mixin": (NONE, NONE),
    "sp.approval.settings": (NONE, ALL),
    "sp.send.back": (ALL, ALL),
    "sp.settlement.approval": (NONE, NONE),
    "sp.accrual.approval": (NONE, NONE),
    "sp.batch": (R, R),
    "sp.batch.line": (R, R),
    "sp.upload": (R, R),
    "sp.upload.progress": (NONE, NONE),
    "sp.sync.log": (R, R),
    "sp.rate.limit": (NONE, NONE),
    "sp.bank.journal": (R, ALL),
    "sp.bank.proposal": (ALL, ALL),
    "sp.bank.settings": (NONE, ALL),
    "sp.settlement.proposal": (NONE, NONE),
    "sp.settlement.gap": (R, R),
    "sp.settlement.payment": (NONE, NONE),
    "sp.settlement.neighbours": (NONE, NONE),
    "sp.chatter.mixin": (NONE, NONE),
    "sp.settlement.taxes": (NONE, NONE),
    "sp.gap.dismiss": (ALL, ALL),
    "sp.balance": (R, R),
    "sp.held": (ALL, ALL),
    "sp.held.line": (ALL, ALL),
    "sp.held.witness": (ALL, ALL),
    "sp.held.account": (ALL, ALL),
    "sp.accrual": (ALL, ALL),
    "sp.accrual.line": ("read write", "read write"),
    "sp.accrual.tie": (ALL, ALL),
    "sp.accrual.tie.line": (ALL, ALL),
    "sp.accrual.transaction": (R, R),
    "sp.control": (R, R),
    "sp.settlement.control": (NONE, NONE),
}
# They act with the rights of whom they act for, and no program calls them.
SERVICES = (
    "sp.cost",
    "sp.cost.words",
    "sp.account.plan",
    "sp.autopost.run",
    "sp.approval.gate",
    "sp.batch.run",
    "sp.accrual.entry",
    "sp.accrual.invoiced",
    "sp.accrual.proposal",
    "sp.accrual.month",
    "sp.accrual.sync",
    "sp.balance.sync",
    "sp.held.sources",
    "sp.control.sync",
    "sp.bank.entry",
    "sp.bank.match",
    "sp.bank.pool",
    "sp.bank.words",
    "sp.decision.words",
    "sp.home",
    "sp.home.connections",
    "sp.home.first.run",
    "sp.settlement.booking",
    "sp.settlement.check",
    "sp.settlement.double",
    "sp.settlement.entry",
    "sp.settlement.facts",
    "sp.settlement.ledger",
    "sp.settlement.reconcile",
    "sp.settlement.reread",
    "sp.settlement.undo",
    "sp.elsewhere",
    "sp.invoiced.finder",
    "sp.invoiced.match",
    "sp.invoiced.words",
    "sp.opening",
    "sp.opening.entry",
    "sp.settlement.preview",
    "sp.settlement.rebook",
    "sp.change",
    "sp.company.settings",
    "sp.rechecked",
    "sp.word.suggestion",
    "sp.setup.entry",
    "sp.setup.rows",
    "sp.tax.proposals",
)
RIGHTS |= dict.fromkeys(SERVICES, (NONE, NONE))
# What a remote program may call, beside what every model of Odoo has.
PUBLIC = {
    "sp.home": {"get_home"},
    "sp.autopost": {"create", "write"},
    "sp.settlement.auto": set(),
    "sp.audit": {"action_view", "export_data", "write", "unlink"},
    "sp.approval": {"action_view"},
    "sp.approval.mixin": set(),
    "sp.approval.settings": {"action_save"},
    "sp.company.settings": {"action_save"},
    "sp.send.back": {"action_send_back"},
    "sp.settlement.approval": {"action_approve"},
    "sp.accrual.approval": {"action_approve"},
    "sp.audited": {"create", "write", "unlink"},
    "sp.batch": set("action_cancel action_retry action_view_lines action_view_settlements".split()),
    "sp.batch.line": {"action_mend"},
    "sp.upload": {"action_cancel", "action_retry", "action_view_settlements", "message_subscribe"},
    "sp.upload.progress": set(),
    "sp.settlement": set(
        (
            "action_activate_currency action_approve action_ask_control action_ask_opening "
            "action_ask_undo action_book action_check action_cost_settings action_decline_opening "
            "action_download_file action_enter_costs action_find_elsewhere action_keep_stored "
            "action_map_words action_not_elsewhere action_post action_preview "
            "action_propose_opening action_setup action_take_back_opening action_undo "
            "action_unmatch_bank "
            "action_view_bank_lines action_view_bank_proposals "
            "action_view_different_reports action_view_gaps action_view_goods "
            "action_view_invoiced action_view_moves action_view_opening action_view_rates "
            "action_view_reports "
            "action_view_rows action_what_would_change message_subscribe unlink"
        ).split()
    ),
    "sp.accrual": set(
        "action_approve action_ask action_book action_propose action_replace action_tie_out "
        "action_undo action_view_moves action_view_transactions write".split()
    ),
    "sp.accrual.line": {"action_view_transactions"},
    "sp.accrual.tie": {"action_view_waiting"},
    "sp.accrual.tie.line": set(),
    "sp.accrual.transaction": set(),
    "sp.control": set(),
    "sp.balance": set(),
    "sp.held": {"action_ask", "action_show", "action_view_lines"},
    "sp.held.line": {"action_view"},
    "sp.held.witness": {"action_view_balances"},
    "sp.held.account": {"action_view_items"},
    "sp.settlement.control": {"action_ask_control"},
    "sp.settlement.hold": set(
        "action_activate_currency action_check action_map_words action_view_rates".split()
    ),
    "sp.settlement.payment": {"action_view_bank_lines"},
    "sp.settlement.neighbours": {"action_view_gaps"},
    "sp.chatter.mixin": {"message_subscribe"},
    "sp.settlement.taxes": set(),
    "sp.settlement.line": set(
        (
            "action_accept_suggestion action_forget_words action_map_words action_view_mapping "
            "action_view_rows export_data unlink"
        ).split()
    ),
    "sp.settlement.row": {"export_data"},
    "sp.invoiced": {"export_data", "action_view_invoices"},
    "sp.settlement.invoiced": {"action_view_invoiced"},
    "sp.settlement.item": set(),
    "sp.settle.small": {"action_settle"},
    "sp.undo": {"action_undo"},
    "sp.preview": {"action_print"},
    "sp.elsewhere.proposal": {"action_accept", "action_deny", "action_view_move"},
    "sp.settlement.opening": set(
        "action_ask_opening action_decline_opening action_propose_opening "
        "action_take_back_opening action_view_opening".split()
    ),
    "sp.opening.proposal": {"action_create_entry", "action_next_open_day"},
    "sp.opening.proposal.line": set(),
    "sp.settlement.elsewhere": {"action_find_elsewhere", "action_not_elsewhere"},
    "sp.change.mixin": {"action_what_would_change"},
    "sp.change.preview": set(
        (
            "action_back action_choose_all action_choose_none action_company_wide "
            "action_view_older action_rebook action_save action_save_and_rebook "
            "action_save_from_date"
        ).split()
    ),
    "sp.change.preview.settlement": {"action_choose_alike", "action_view"},
    "sp.change.preview.line": set(),
    "sp.marketplace": set(),
    "sp.category.rule": {"action_what_would_change", "create", "write", "unlink"},
    "sp.word": {"action_map_words", "action_view_lines"},
    "sp.account.mapping": {"action_what_would_change", "create", "write", "unlink"},
    "sp.sku.rule": {"action_what_would_change", "create", "write", "unlink"},
    "sp.sku.cost": {"create", "write", "unlink"},
    "sp.rechecked": {"create", "write", "unlink"},
    "sp.goods": {"export_data"},
    "sp.cost.settings": {"action_save"},
    "sp.cost.entry": {"action_save"},
    "sp.cost.entry.line": set(),
    "sp.cost.import": {"action_import"},
    "sp.settlement.cost": {"action_cost_settings", "action_enter_costs", "action_view_goods"},
    "sp.fixed.rate": {"action_apply"},
    "sp.clearing": {"action_show", "action_view_items"},
    "sp.clearing.account": {"action_view_items"},
    "sp.clearing.item": {"action_view"},
    "sp.roll.forward": {"action_show", "action_view_lines"},
    "sp.roll.forward.line": {"action_view_items"},
    "sp.roll.forward.break": {"action_settle", "action_view"},
    "sp.settlement.import": {"action_back", "action_check", "action_import"},
    "sp.settlement.import.line": set(),
    "sp.setup": {"action_apply", "action_what_would_change"},
    "sp.setup.line": set(),
    "sp.application": set(
        "action_connect_account action_finish_rotation create write unlink".split()
    ),
    "sp.connection": set(
        (
            "message_subscribe action_connect action_disconnect action_sync_now action_test "
            "action_view_reports action_view_settlements action_replace_token create unlink write"
        ).split()
    ),
    "sp.connection.marketplace": {"write"},
    "sp.connection.check": set(),
    "sp.report": {"action_retry", "action_view_settlements", "message_subscribe"},
    "sp.sync.log": set(),
    "sp.rate.limit": set(),
    "sp.bank.journal": set(),
    "sp.bank.proposal": set(
        "action_match action_open action_view_line action_view_settlement".split()
    ),
    "sp.bank.settings": {"action_save", "action_view_journals"},
    "sp.settlement.proposal": {"action_unmatch_bank", "action_view_bank_proposals"},
    "sp.settlement.gap": {"action_dismiss", "action_reopen", "message_subscribe"},
    "sp.gap.dismiss": {"action_dismiss"},
    "sp.connect": {"action_connect", "action_describe_application", "create", "write", "unlink"},
    "sp.disconnect": {"action_check", "action_disconnect"},
    "sp.backfill": {"action_start"},
    "sp.debug.download": {"action_ask", "action_back"},
    "sp.debug.download.line": {"action_look_inside"},
    "sp.oauth.state": set(),
    "sp.exported": {"export_data"},
    "sp.secret": set(),
    "sp.secret.mixin": {"create", "write", "unlink"},
    "sp.alarm.mixin": set(),
    "sp.client": set(),
    "sp.consent": set(),
    "sp.grant": set(),
    "sp.connection.backfill": set(),
    "sp.connection.display": set(),
    "sp.connection.doctor": set(),
    "sp.connection.sync": set(),
    "sp.daily.watch": set(),
    "sp.notice": set(),
    "mail.message": {"create"},
    "res.company": {"write"},
    "res.currency": {"write"},
    "account.bank.statement.line": {
        "action_sp_unmatch",
        "action_view_sp_bank_proposals",
        "create",
    },
    "account.move": {
        "action_view_sp_bank_proposals",
        "action_view_sp_opening",
        "action_view_sp_settlement",
        "copy_data",
        "create",
        "write",
    },
    "account.move.line": {"action_view_sp_rows"},
    "account.tax": {"action_what_would_change"},
}
PUBLIC = {name: set() for name in SERVICES} | PUBLIC


class SecurityCase(SpCase):
    """A settlement, and people who may do more or less with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_company("Lamps Inc")
        cls.set_up_accounts(cls.other)
        cls.employee = cls.make_user("employee", "base.group_user")
        cls.accountant = cls.make_user("accountant", "account.group_account_manager")
        cls.stranger = cls.make_user("stranger", MANAGER, cls.other)
        cls.settlement = cls.import_sample("v2_uk_gbp.txt")
        cls.env["sp.settlement.import"].create({}).flush_recordset()

    def people(self):
        return {
            "employee": self.employee,
            "accountant": self.accountant,
            "bookkeeper": self.bookkeeper,
            "manager": self.manager,
        }


class TestSecurity(SecurityCase):
    # === MODELS === #

    def test_the_tables_here_know_every_model(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "sp_connector"
        }
        self.assertEqual(set(RIGHTS), ours)
        self.assertLessEqual(ours, set(PUBLIC))

    def test_rights_by_role(self):
        for model, (bookkeeper, manager) in RIGHTS.items():
            rights = {
                "employee": NONE,
                "accountant": NONE,
                "bookkeeper": bookkeeper,
                "manager": manager,
            }
            for role, user in self.people().items():
                for operation in OPERATIONS:
                    with self.subTest(f"{role} may {operation} {model}"):
                        self.assertEqual(
                            self.env[model].with_user(user).has_access(operation),
                            operation in rights[role].split(),
                        )

    def test_facts_cannot_be_written_or_made_even_by_a_manager(self):
        settlement = self.settlement
        facts = {
            settlement: {"amount_total": 1.0},
            settlement.line_ids[0]: {"category": "other"},
            settlement.row_ids[0]: {"amount": 1.0},
        }
        for user in (self.manager, self.bookkeeper, self.root_env.ref("base.user_admin")):
            for record, vals in facts.items():
                mine = record.with_user(user).with_company(self.company)
                with self.subTest(f"{user.login}: {record._name}"):
                    self.assertDenied(mine.write, vals)
                    self.assertDenied(mine.create, {"settlement_id": settlement.id, **vals})
                    self.assertDenied(mine.copy)
            for record in (settlement.line_ids[0], settlement.row_ids[0]):
                self.assertDenied(record.with_user(user).unlink)
        self.env.invalidate_all()
        self.assertEqual((settlement.amount_total, len(settlement.row_ids)), (84.75, 28))

    def test_rows_cannot_be_changed_through_their_settlement(self):
        row = self.settlement.row_ids[0]
        for commands in ([(1, row.id, {"amount": 5})], [(2, row.id, 0)], [(5, 0, 0)]):
            self.assertDenied(self.settlement.with_user(self.manager).write, {"row_ids": commands})

    def test_an_entry_cannot_be_tied_to_a_settlement_by_hand(self):
        """Nobody may, and were it done with all rights: such an entry was never planned."""
        entry = self.root_env["account.move"].create(
            {
                "journal_id": self.company.sp_journal_id.id,
                "date": "2026-04-22",
                "line_ids": [
                    (0, 0, {"account_id": self.account_of("sales").id, "credit": 1}),
                    (0, 0, {"account_id": self.account_of("deposit").id, "debit": 1}),
                ],
            }
        )
        self.assertDenied(
            entry.with_user(self.manager).write, {"sp_settlement_id": self.settlement.id}
        )
        entry.sp_settlement_id = self.settlement
        with self.assertRaisesRegex(Exception, "no longer made of its rows"):
            entry.with_user(self.manager).action_post()

    def test_the_source_file_follows_its_settlement(self):
        file = self.settlement.attachment_id
        self.assertTrue(file.with_user(self.bookkeeper).raw)
        for user in (self.employee, self.stranger):
            self.assertDenied(file.with_user(user).read, ["raw"])
        # Only who may write the settlement may change its file: nobody.
        for user in (self.bookkeeper, self.manager):
            self.assertDenied(file.with_user(user).write, {"raw": b"other"})
            self.assertDenied(file.with_user(user).unlink)

    # === COMPANIES === #

    def test_records_of_another_company_are_out_of_sight(self):
        mine = self.settlement
        env = self.root_env(user=self.stranger)
        for record in (
            mine,
            mine.line_ids[0],
            mine.row_ids[0],
            self.root_env["sp.account.mapping"].search([("company_id", "=", self.company.id)])[0],
            self.map_words("A/B/C", "sales"),
        ):
            with self.subTest(record._name):
                self.assertFalse(env[record._name].search([("id", "=", record.id)]))
                self.assertDenied(record.with_env(env).read, ["display_name"])
                self.assertTrue(record.with_user(self.manager).read(["display_name"]))

    def test_a_user_of_two_companies_sees_what_is_switched_on(self):
        theirs = self.import_sample("v2_uk_gbp.txt", company=self.other, env=self.root_env)
        both = self.make_user("both", USER)
        both.company_ids = self.company | self.other
        settlements = self.root_env(user=both)["sp.settlement"]
        one = settlements.with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(one.search([]), self.settlement)
        self.assertEqual(one.search([]).row_ids.company_id, self.company)
        two = settlements.with_context(allowed_company_ids=(self.company | self.other).ids)
        self.assertEqual(two.search([]), self.settlement | theirs)

    def test_the_wizard_cannot_import_into_another_company(self):
        before = self.root_env["sp.settlement"].search_count([])

        def smuggle(step):
            file = self.env["ir.attachment"].create(
                {
                    "name": "x.txt",
                    "raw": self.sample("v2_uk_gbp_next.txt"),
                    "res_model": "sp.settlement.import",
                }
            )
            wizard = self.env["sp.settlement.import"].create(
                {"company_id": self.other.id, "attachment_ids": [(6, 0, file.ids)]}
            )
            getattr(wizard, step)()

        for step in ("action_check", "action_import"):
            with self.subTest(step):
                self.assertDenied(smuggle, step)
        self.assertEqual(self.root_env["sp.settlement"].search_count([]), before)
