"""Who is responsible is told what waits: as often as wanted, not twice, no more than allowed."""

from decimal import Decimal
from html import unescape
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ...engine.books.findings import dump, few
from ...engine.books.lines import PlanLine
from ...engine.lines.flat_file import open_reports
from ..settlement.test_sp_settlement_gap import ChainCase

LOGGER = "odoo.addons.sp_connector.models.connection.sp_daily_watch"
SUNDAY, MONDAY = "2026-05-31 09:00:00", "2026-06-01 09:00:00"
TUESDAY, NEXT_MONDAY = "2026-06-02 09:00:00", "2026-06-08 09:00:00"


class NoticeCase(ChainCase):
    def setUp(self):
        super().setUp()
        self.connection = self.make_connection(notice="daily")
        self.connection.state = "connected"
        self.manager.write({"email": "manager@example.com", "tz": "UTC", "lang": "en_US"})

    def arrive(self, start, end, **options):
        return self.settle(start, end, connection=self.connection, **options)

    def mails(self, since=()):
        """The mails to anybody about settlements, but those known already."""
        found = self.root_env["mail.mail"].search([("subject", "like", "Amazon settlements")])
        return found.filtered(lambda mail: mail.id not in since)

    def watch(self, moment):
        """Run the daily action at a moment; return the mails it makes."""
        known = self.mails().ids
        with freeze_time(moment):
            self.run_watch()
        return self.mails(known)

    def told(self, moment):
        """When everything so far was told."""
        self.connection.last_notice_at = moment

    def happen(self, records, moment):
        """Let records be made, and changed, at a moment."""
        records.flush_recordset()
        self.root_env.cr.execute(
            f"UPDATE {records._table} SET create_date = %s, write_date = %s WHERE id = ANY(%s)",  # noqa: S608
            (moment, moment, records.ids),
        )
        records.invalidate_recordset()


class TestDigest(NoticeCase):
    def test_it_tells_what_waits_with_links(self):
        self.told("2026-05-30 09:00:00")
        review = self.arrive(0, 14)
        held = self.arrive(28, 42, total="7.00")
        gap = held.gap_before_ids
        mail = self.watch("2026-12-01 09:00:00")
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.email_to, self.manager.email_formatted)
        self.assertIn("Amazon UK", mail.subject)
        for record in (review, held, gap):
            self.assertIn(f'/odoo/{record._name}/{record.id}"', mail.body_html)
        self.assertIn(review.settlement_ref, mail.body_html)
        first, _line, _rest = held.hold_reason.partition("\n")
        self.assertIn(first, unescape(mail.body_html))
        self.assertIn("Settlement missing", mail.body_html)
        self.assertIn("new</b>", mail.body_html)

    def test_a_break_that_the_same_round_finds_is_in_it(self):
        self.told("2026-05-30 09:00:00")
        self.arrive(0, 14), self.arrive(28, 42)
        self.root_env["sp.settlement.gap"].search([]).unlink()
        mail = self.watch("2026-12-01 09:00:00")
        gap = self.root_env["sp.settlement.gap"].search([])
        self.assertIn(f'/odoo/sp.settlement.gap/{gap.id}"', mail.body_html)

    def test_it_is_nobody_s_chatter(self):
        self.arrive(0, 14)
        mail = self.watch("2026-12-01 09:00:00")
        self.assertFalse(mail.model or mail.res_id)
        self.assertTrue(mail.auto_delete)

    def test_its_template_can_be_edited_and_looked_at_without_anything_to_tell(self):
        template = self.root_env.ref("sp_connector.mail_template_digest")
        body = template._render_field("body_html", self.connection.ids)[self.connection.id]
        self.assertIn(self.connection.name, body)
        template.subject = "Tea: {{ object.name }}"
        self.arrive(0, 14)
        self.connection.last_notice_at = False
        with freeze_time("2026-12-01 09:00:00"):
            self.run_watch()
        found = self.root_env["mail.mail"].search([("subject", "like", "Tea: ")])
        self.assertEqual(found.email_to, self.manager.email_formatted)

    def test_uploaded_files_are_told_by_the_first_connection_of_the_company(self):
        settlement = self.settle(0, 14)
        self.root_env["sp.upload"].create(
            {"name": "broken.txt", "company_id": self.company.id, "state": "failed", "message": "?"}
        )
        second = self.connection.copy({"name": "Amazon DE"})
        second.last_notice_at = False
        mail = self.watch("2026-12-01 09:00:00")
        self.assertEqual(len(mail), 1)
        self.assertIn("Amazon UK", mail.subject)
        self.assertIn(settlement.settlement_ref, mail.body_html)
        self.assertIn("broken.txt", mail.body_html)

    def test_nothing_waits_nothing_is_sent(self):
        self.told(SUNDAY)
        self.assertFalse(self.watch(MONDAY))

    def test_once_a_day_and_only_with_something_new(self):
        first = self.arrive(0, 14)
        self.happen(first, "2026-05-31 20:00:00")
        self.told(SUNDAY)
        self.assertEqual(len(self.watch(MONDAY)), 1)
        self.assertFalse(self.watch("2026-06-01 15:00:00"))
        self.assertFalse(self.watch(TUESDAY))
        second = self.arrive(14, 28)
        self.happen(second, "2026-06-02 10:00:00")
        self.assertFalse(self.watch("2026-06-02 11:00:00"))
        body = self.watch("2026-06-03 09:00:00").body_html
        # The digest is complete, and marks what is new.
        self.assertIn(first.settlement_ref, body)
        self.assertEqual(body.count("new</b>"), 1)

    def test_weekly_is_on_monday_or_the_first_run_after_it(self):
        self.connection.notice = "weekly"
        settlement = self.arrive(0, 14)
        self.happen(settlement, TUESDAY)
        self.told(MONDAY)
        for day in ("2026-06-02 09:00:00", "2026-06-05 09:00:00", "2026-06-07 23:00:00"):
            self.assertFalse(self.watch(day), day)
        self.assertEqual(len(self.watch(NEXT_MONDAY)), 1)
        self.happen(settlement, "2026-06-09 09:00:00")
        self.assertFalse(self.watch("2026-06-10 09:00:00"))
        self.assertEqual(len(self.watch("2026-06-17 09:00:00")), 1)

    def test_the_day_is_that_of_the_user(self):
        self.manager.tz = "Pacific/Auckland"
        self.happen(self.arrive(0, 14), "2026-05-31 11:00:00")
        self.told("2026-05-31 10:00:00")  # 22:00 there
        self.assertFalse(self.watch("2026-05-31 11:30:00"))
        self.assertEqual(len(self.watch("2026-05-31 12:30:00")), 1)

    def test_off_and_at_once_send_no_mail(self):
        self.arrive(0, 14)
        for notice in ("off", "each"):
            self.connection.notice = notice
            self.assertFalse(self.watch("2027-01-04 09:00:00"))

    def assertToldToManagers(self, mails):
        told = mails.mapped("email_to")
        self.assertIn(self.manager.email_formatted, told)
        users = self.root_env["res.users"].search([])
        for user in users.filtered(lambda user: user.email_formatted in told):
            self.assertIn(self.company, user.company_ids)
            self.assertTrue(user.has_group("sp_connector.sp_connector_group_manager"), user.login)

    def test_whoever_may_not_read_it_leaves_it_to_the_managers(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_user", other)
        employee = self.make_user("employee", "base.group_user")
        stranger.email, employee.email = "stranger@example.com", "employee@example.com"
        self.arrive(0, 14)
        for user in (stranger, employee, self.root_env["res.users"]):
            with self.subTest(user.login):
                self.connection.user_id = user
                self.told(SUNDAY)
                self.assertToldToManagers(self.watch("2027-01-04 09:00:00"))
        stranger.company_ids = [Command.link(self.company.id)]
        self.connection.user_id = stranger
        self.told(SUNDAY)
        self.assertEqual(self.watch("2027-01-05 09:00:00").email_to, stranger.email_formatted)

    def test_without_an_address_nothing_is_counted_as_told(self):
        self.arrive(0, 14)
        self.manager.email = False
        self.assertFalse(self.watch("2027-01-04 09:00:00"))
        self.manager.email = "manager@example.com"
        self.assertEqual(len(self.watch("2027-01-05 09:00:00")), 1)

    def test_in_the_user_s_language(self):
        self.root_env["res.lang"]._activate_lang("fr_FR")
        self.manager.lang = "fr_FR"
        template = self.root_env.ref("sp_connector.mail_template_digest")
        body = str(template.body_html).replace("Dear", "Bonjour")
        template.with_context(lang="fr_FR").body_html = body
        self.arrive(0, 14)
        body = self.watch("2027-01-04 09:00:00").body_html
        self.assertIn("Bonjour", body)
        self.assertIn("01/01/2026 – 15/01/2026", body)

    def test_a_long_list_is_cut_and_counted(self):
        self.arrive(0, 14)
        self.connection.last_notice_at = False
        settlement = self.env["sp.settlement"].search([])
        for number in range(24):
            settlement.sudo().copy({"settlement_ref": f"X{number}"})
        body = self.watch("2027-01-04 09:00:00").body_html
        self.assertIn("(25)", body)
        self.assertEqual(body.count("/odoo/sp.settlement/"), 20)
        self.assertIn("5 more", " ".join(body.replace("<t>", "").split()))

    def test_reconnect_is_in_it(self):
        self.told(SUNDAY)
        self.connection._set_state("reconnect_required", "invalid_grant")
        self.happen(self.connection.activity_ids, "2026-05-31 20:00:00")
        mail = self.watch(MONDAY)
        self.assertIn(f'/odoo/sp.connection/{self.connection.id}"', mail.body_html)
        self.assertIn("Press Reconnect", mail.body_html)
        self.assertFalse(self.watch(TUESDAY))


class TestActivities(NoticeCase):
    def review(self, settlement):
        kind = self.root_env.ref("sp_connector.mail_activity_type_review")
        return settlement.sudo().activity_ids.filtered(lambda item: item.activity_type_id == kind)

    def test_each_new_settlement_is_told_once_until_it_is_posted(self):
        self.connection.notice = "each"
        first, held = self.arrive(0, 14), self.arrive(14, 28, total="7.00")
        self.assertEqual(self.review(first).user_id, self.manager)
        self.assertEqual(self.review(first).summary, "Review and post")
        self.assertIn("Held", self.review(held).summary)
        self.assertIn("difference", self.review(held).note)
        self.run_watch()
        held.action_check()
        self.assertEqual((len(self.review(first)), len(self.review(held))), (1, 1))
        first.action_book()
        self.assertTrue(self.review(first))
        first.action_post()
        self.assertFalse(self.review(first))
        self.assertTrue(self.review(held))

    def test_what_a_file_says_stays_text(self):
        self.connection.notice = "each"
        held = self.arrive(14, 28, total="7.00")
        held.sudo().activity_ids.unlink()
        words = ('<img src="https://x.example/p.png">', '<a href="x">y</a>', "")
        line = PlanLine(None, "unknown", None, Decimal(1), words=words)
        held.sudo().hold_findings = dump([few("unknown_words", "lines", [line])])
        self.env["sp.notice"]._announce_settlements(self.connection, held)
        note = self.review(held).note
        self.assertIn("&lt;img", note)
        self.assertNotIn("<img", note)
        self.assertNotIn("<a ", note)

    def test_posting_from_the_entry_ends_it_too(self):
        self.connection.notice = "each"
        settlement = self.arrive(0, 14)
        settlement.action_book()
        settlement.move_id.action_post()
        self.assertFalse(self.review(settlement))

    def test_a_settlement_without_money_asks_for_nothing(self):
        self.connection.notice = "each"
        (report,) = open_reports("empty.txt", self.file(total="0.00"))
        settlement = self.env["sp.settlement"]._import_report(
            report, self.company, connection=self.connection
        )
        self.assertEqual(settlement.state, "empty")
        self.assertFalse(settlement.activity_ids)

    def test_other_settings_and_uploads_raise_none(self):
        for number, notice in enumerate(("daily", "weekly", "off")):
            self.connection.notice = notice
            self.assertFalse(self.arrive(14 * number, 14 * number + 14).activity_ids)
        self.connection.notice = "each"
        self.assertFalse(self.settle(42, 56).activity_ids)

    def test_whoever_may_not_read_it_leaves_it_to_the_managers(self):
        self.connection.notice = "each"
        employee = self.connection.user_id = self.make_user("employee", "base.group_user")
        told = self.review(self.arrive(0, 14)).user_id
        self.assertIn(self.manager, told)
        self.assertNotIn(employee, told)
        other = self.make_company("Lamps Inc")
        stranger = self.connection.user_id = self.make_user(
            "stranger", "sp_connector.sp_connector_group_user", other
        )
        told = self.review(self.arrive(14, 28)).user_id
        self.assertIn(self.manager, told)
        self.assertNotIn(stranger, told)

    def test_reconnect_is_told_whatever_the_setting_and_once(self):
        kind = self.root_env.ref("sp_connector.mail_activity_type_reconnect")
        for notice in ("off", "each", "daily", "weekly"):
            self.connection.notice = notice
            for _time in range(2):
                self.connection._set_state("reconnect_required", "invalid_grant")
            activity = self.connection.activity_ids
            self.assertEqual((activity.activity_type_id, activity.user_id), (kind, self.manager))
            self.connection._set_state("disconnected")
            self.assertFalse(self.connection.activity_ids)


class TestOneThatFails(NoticeCase):
    """What the daily watch cannot do for one is said there, and stops nobody else."""

    def failing(self, name, broken):
        """Let one method of the watch fail for one record."""
        model = self.registry["sp.daily.watch"]
        method = getattr(model, name)

        def fail(watch, record):
            method(watch, record)
            if record == broken:
                record.flush_recordset()
                raise ZeroDivisionError("Oops Atza|SECRET")

        return patch.object(model, name, fail)

    def failures(self, record):
        kind = self.root_env.ref("sp_connector.mail_activity_type_watch")
        return record.sudo().activity_ids.filtered(lambda item: item.activity_type_id == kind)

    def test_chains_and_digests_go_on_and_it_is_told_until_it_is_over(self):
        self.told("2026-05-30 09:00:00")
        self.arrive(0, 14), self.arrive(28, 42)
        self.root_env["sp.settlement.gap"].search([]).unlink()
        self.connection.sudo().authorised_at = "2025-12-03 09:00:00"
        with self.failing("_announce_expiry", self.connection), self.assertLogs(LOGGER) as logs:
            mail = self.watch("2026-12-01 09:00:00")
        self.assertIn("ZeroDivisionError", "".join(logs.output))
        self.assertIn("Settlement missing", mail.body_html)
        told = self.failures(self.connection)
        self.assertEqual(told.user_id, self.manager)
        self.assertIn("Oops", told.note)
        self.assertNotIn("SECRET", told.note)
        self.assertFalse(self.connection.announced_days, "what was half done is undone")
        self.watch("2026-12-02 09:00:00")
        self.assertFalse(self.failures(self.connection))
        self.assertEqual(self.connection.announced_days, 1)

    def test_the_scheduler_does_not_count_it_as_its_own_failure(self):
        with self.failing("_announce_expiry", self.connection), mute_logger(LOGGER):
            self.run_watch()
        self.assertTrue(self.failures(self.connection))

    def test_a_chain_that_fails_is_told_at_a_connection_of_its_company(self):
        self.arrive(0, 14)
        model = self.registry["sp.settlement.gap"]
        with (
            patch.object(model, "_recheck", side_effect=ValueError("Oops")),
            mute_logger(LOGGER),
        ):
            mail = self.watch("2026-12-01 09:00:00")
        self.assertTrue(mail)
        self.assertIn("Oops", self.failures(self.connection).note)

    def test_a_chain_without_any_connection_is_told_to_the_managers(self):
        self.settle(0, 14)
        other = self.make_company("Lamps Inc")
        self.connection.application_id.sudo().company_ids += other
        self.connection.company_id = other
        model = self.registry["sp.settlement.gap"]
        for _time in range(2):
            with (
                patch.object(model, "_recheck", side_effect=ValueError("Oops")),
                mute_logger(LOGGER),
            ):
                self.run_watch()
        kind = self.root_env.ref("sp_connector.mail_activity_type_watch")
        found = self.root_env["mail.activity"].search([("activity_type_id", "=", kind.id)])
        mine = found.filtered(lambda item: item.user_id == self.manager)
        self.assertEqual(len(mine), 1)
        self.assertFalse(mine.res_model)
        self.assertIn(self.company.name, mine.summary)
