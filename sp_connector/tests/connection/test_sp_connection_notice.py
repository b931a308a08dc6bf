"""Who is responsible is told what waits: as often as wanted, not twice, no more than allowed."""

from html import unescape

from odoo.fields import Command
from odoo.tests import freeze_time

from ...engine.files.flat_file import open_reports
from ..settlement.test_sp_settlement_gap import ChainCase

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

    def test_only_of_one_s_own_connection_and_what_one_may_read(self):
        other = self.make_company("Lamps Inc")
        stranger = self.make_user("stranger", "sp_connector.sp_connector_group_user", other)
        stranger.email = "stranger@example.com"
        self.arrive(0, 14)
        self.connection.user_id = stranger
        self.assertFalse(self.watch("2027-01-04 09:00:00"))
        stranger.company_ids = [Command.link(self.company.id)]
        self.assertEqual(self.watch("2027-01-05 09:00:00").email_to, stranger.email_formatted)
        employee = self.make_user("employee", "base.group_user")
        employee.email = "employee@example.com"
        self.connection.user_id = employee
        self.arrive(14, 28)
        self.assertFalse(self.watch("2027-01-06 09:00:00"))

    def test_without_an_address_nothing_is_counted_as_told(self):
        self.arrive(0, 14)
        self.manager.email = False
        self.assertFalse(self.watch("2027-01-04 09:00:00"))
        self.manager.email = "manager@example.com"
        self.assertEqual(len(self.watch("2027-01-05 09:00:00")), 1)

    def test_in_the_user_s_language(self):
        self.root_env["res.lang"]._activate_lang("fr_FR")
        self.manager.lang = "fr_FR"
        view = self.root_env.ref("sp_connector.sp_connection_digest")
        terms = {"Dear": "Bonjour"}
        view.update_field_translations("arch_db", {"fr_FR": terms})
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
        held.sudo().hold_reason = 'Words: <img src="https://x.example/p.png"><a href="x">y</a>'
        self.connection._announce_settlements(held)
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

    def test_nobody_is_told_of_what_he_may_not_read(self):
        self.connection.notice = "each"
        self.connection.user_id = self.make_user("employee", "base.group_user")
        self.assertFalse(self.review(self.arrive(0, 14)))
        other = self.make_company("Lamps Inc")
        self.connection.user_id = self.make_user(
            "stranger", "sp_connector.sp_connector_group_user", other
        )
        self.assertFalse(self.review(self.arrive(14, 28)))

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
