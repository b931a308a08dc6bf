"""Automatic posting: what a manager lets it book, where nothing is new, never the past."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time

from ...engine.books.autopost import CAUTIONS, CODES
from ...engine.lines.flat_file import open_reports
from ...models.autopost.sp_settlement_auto import AUTO_LABELS
from ..settlement.test_sp_settlement_gap import ChainCase

SALE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
TODAY = "2026-02-01 12:00:00"


class AutopostCase(ChainCase):
    """Settlements come by a connection, and the scheduler looks at them."""

    def arrive(self, start, *rows, end=None, total=None):
        """A settlement of a week comes by the connection."""
        rows = rows or ((SALE, "100.00"), (FEE, "-15.00"))
        total = total or f"{sum(float(amount) for _words, amount in rows):.2f}"
        data = self.file(
            *rows,
            total=total,
            ref=f"{start + 100}",
            settlement_start_date=self.moment(start),
            settlement_end_date=self.moment(end or start + 7),
        )
        (report,) = open_reports("file.txt", data)
        return self.env["sp.settlement"]._import_report(
            report, self.company, connection=self.connection
        )

    def run_scheduler(self):
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1.0):
            self.root_env["sp.autopost.run"]._cron_run()
        self.env.invalidate_all()


@freeze_time(TODAY)
class TestSpAutopost(AutopostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.make_connection()
        with freeze_time("2026-01-05 12:00:00"):
            cls.policy = (
                cls.root_env["sp.autopost"]
                .with_user(cls.manager)
                .create(
                    {
                        "connection_id": cls.connection.id,
                        "company_id": cls.company.id,
                        "mode": "post",
                    }
                )
            )

    def arrive(self, *args, **kwargs):
        settlement = super().arrive(*args, **kwargs)
        self.env.flush_all()
        settlement.sudo()._write({"create_date": TODAY})  # PostgreSQL's clock is not frozen
        settlement.invalidate_recordset()
        return settlement

    def first(self):
        """The first settlement, which a person posts."""
        first = self.arrive(7)
        self.run_scheduler()
        self.assertIn("the first is a person's", first.auto_note)
        self.assertTrue(first.is_auto_stopped)
        first.action_post()
        return first

    def test_what_is_like_the_last_ones_is_posted_with_the_rights_of_who_turned_it_on(self):
        first = self.first()
        triggers = self.root_env["ir.cron.trigger"].search_count([])
        second = self.arrive(14)
        self.assertEqual(self.root_env["ir.cron.trigger"].search_count([]), triggers + 1)
        self.run_scheduler()
        self.assertEqual((first.state, second.state), ("posted", "posted"))
        self.assertEqual(second.move_id.create_uid, self.manager)
        self.assertFalse(second.auto_note)
        self.assertTrue(
            any("by itself" in body for body in second.sudo().message_ids.mapped("body"))
        )

    def test_it_stops_at_a_new_word_and_goes_on_once_a_person_posted_that(self):
        self.first()
        rows = ((SALE, "100.00"), (FEE, "-15.00"), ("Order/ItemFees/FixedClosingFee", "-1.00"))
        new = self.arrive(14, *rows)
        self.run_scheduler()
        self.assertEqual(new.state, "review")
        self.assertIn("FixedClosingFee", new.auto_note)
        self.assertEqual(new.auto_code, "auto_new_words")
        unknown = self.arrive(21, *rows, ("A/B/C", "-1.00"))
        self.run_scheduler()
        self.assertEqual((unknown.state, unknown.auto_note), ("held", False))
        new.action_post()
        again = self.arrive(28, *rows, end=30)
        self.map_words("A/B/C", "selling_fees")
        self.run_scheduler()
        self.assertEqual(again.state, "posted")
        self.assertIn("A / B / C", unknown.auto_note)

    def test_a_missing_settlement_and_an_unusual_total_stop_it(self):
        self.first()
        late = self.arrive(21, (SALE, "300.00"), (FEE, "-45.00"))
        self.run_scheduler()
        self.assertEqual(late.state, "review")
        self.assertIn("missing", late.auto_note)
        self.assertIn("is not usual", late.auto_note)

    def test_an_entry_of_somebody_else_stops_it(self):
        self.first()
        second = self.arrive(14)
        accounts = [self.make_account("A", "asset_current"), self.make_account("B")]
        move = self.root_env["account.move"].create(
            {
                "journal_id": self.company.sp_journal_id.id,
                "date": second.date_end.date(),
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in zip(accounts, (85.0, -85.0), strict=True)
                ],
            }
        )
        move.action_post()
        self.run_scheduler()
        self.assertEqual(second.state, "review")
        self.assertIn(move.name, second.auto_note)

    def test_the_past_is_never_booked_by_itself(self):
        with self.assertRaisesRegex(ValidationError, "today or later"), self.cr.savepoint():
            self.policy.date_from = "2026-01-31"
        self.first()
        old = self.arrive(-7, end=0)
        self.run_scheduler()
        self.assertEqual((old.state, old.auto_note), ("review", False))
        self.policy.mode = "off"
        self.policy.mode = "draft"
        self.assertEqual(str(self.policy.date_from), "2026-02-01", "what came meanwhile is past")

    def test_off_drafts_limits_and_days(self):
        self.first()
        second = self.arrive(14)
        self.policy.write({"mode": "off"})
        self.run_scheduler()
        self.assertEqual(second.state, "review")
        self.policy.write({"mode": "draft", "amount_limit": 50.0, "delay_days": 2})
        self.env.flush_all()
        self.policy.sudo()._write({"date_from": "2026-01-05"})
        self.policy.invalidate_recordset()
        self.run_scheduler()
        self.assertIn("the limit of", second.auto_note)
        self.policy.amount_limit = 0
        self.run_scheduler()
        self.assertIn("02/03/2026", second.auto_note)
        self.assertFalse(second.is_auto_stopped)
        with freeze_time("2026-02-03 12:00:00"):
            self.run_scheduler()
        self.assertEqual(second.state, "booked")

    def test_without_the_rights_nothing_is_booked_and_it_is_said(self):
        self.first()
        second = self.arrive(14)
        self.manager.group_ids = self.root_env.ref("base.group_user")
        self.run_scheduler()
        self.assertEqual(second.state, "review")
        self.assertIn("Odoo refused it", second.auto_note)

    def test_who_has_left_posts_nothing(self):
        self.first()
        second = self.arrive(14)
        self.manager.active = False
        self.run_scheduler()
        self.assertEqual(second.state, "review")
        self.assertIn("is archived", second.auto_note)

    def test_every_reason_has_a_few_words_for_lists(self):
        self.assertEqual(set(dict(AUTO_LABELS)), {*CODES, *CAUTIONS})

    def test_what_a_person_freed_goes_on_soon(self):
        self.first()
        held = self.arrive(14, (SALE, "100.00"), ("A/B/C", "-1.00"))
        triggers = self.root_env["ir.cron.trigger"].search(
            [("cron_id", "=", self.root_env.ref("sp_connector.ir_cron_autopost").id)]
        )
        soon = [("cron_id", "=", triggers.cron_id.id)]
        triggers.unlink()
        self.map_words("A/B/C", "selling_fees")
        held.sudo()._check()
        self.assertEqual(held.state, "review")
        self.assertTrue(triggers.search_count(soon))

    def test_with_four_eyes_it_proposes_in_nobody_s_name_and_any_person_approves(self):
        self.first()
        settings = self.root_env["sp.approval.settings"].with_user(self.manager)
        settings.create({"company_id": self.company.id, "sp_four_eyes": True}).action_save()
        self.connection.user_id = self.manager
        second = self.arrive(14)
        self.run_scheduler()
        self.assertEqual((second.state, second.approval_operation), ("booked", "post"))
        self.assertFalse(second.approval_id.user_id)
        self.assertIn("Automatic posting", second.approval_text)
        asked = second.sudo().activity_ids.filtered(
            lambda one: "Automatic posting" in (one.summary or "")
        )
        self.assertEqual(asked.user_id, self.manager, "the responsible user is asked")
        second.action_approve()
        self.assertEqual(second.state, "posted")
        self.assertFalse(asked.exists())

    def test_a_limit_of_the_role_stops_it_and_it_is_said(self):
        self.first()
        second = self.arrive(14)
        settings = self.root_env["sp.approval.settings"].with_user(self.manager)
        limits = {
            f"sp_{role}_{what}": value
            for role in ("user", "manager")
            for what, value in (("approval", "limit"), ("limit", 50.0))
        }
        settings.create({"company_id": self.company.id, **limits}).action_save()
        self.run_scheduler()
        self.assertEqual(second.state, "review")
        self.assertIn("managers may approve", second.auto_note)

    def test_a_connection_brings_its_company(self):
        other = self.make_company("Lampen KG", "EUR")
        self.manager.company_ids += other
        self.policy.unlink()
        both = {"allowed_company_ids": (other | self.company).ids}
        policies = self.root_env(user=self.manager, context=both)["sp.autopost"]
        with Form(policies) as form:
            form.connection_id = self.connection.with_env(policies.env)
        self.assertEqual(form.record.company_id, self.company)

    def test_another_company_s_manager_sees_and_makes_none_for_this_one(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_manager", other)
        self.assertDenied(self.policy.with_user(stranger).read, ["mode"])
        self.assertDenied(self.policy.with_user(stranger).write, {"mode": "off"})
        self.assertDenied(self.policy.with_user(self.bookkeeper).write, {"mode": "off"})
        vals = {"connection_id": self.connection.id, "company_id": self.company.id}
        self.policy.unlink()
        self.assertDenied(self.env["sp.autopost"].with_user(stranger).create, vals)
