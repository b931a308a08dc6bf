"""Test connection: a line per check, each with what was found and what to do."""

import os
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from odoo.exceptions import AccessError

from ...engine.errors import AmazonError
from ...models.amazon.reasons import REASONS
from ..connect_common import MANAGER, ConnectCase, newest_reports, short_timeout

KEY, SECRET, TOKEN = "Key of the secrets", "Client secret", "Token"
ROLE, REPORT, CLOCK, GRANT = "Role and region", "Newest report", "Clock", "Authorisation"


class TestSpConnectionDoctor(ConnectCase):
    def setUp(self):
        super().setUp()
        self.connect()

    def examine(self, connection=None):
        """Press Test; return {name: check}."""
        self.cr.flush()
        connection = connection or self.connection
        connection.action_test()
        connection.invalidate_recordset()
        return {check.name: check for check in connection.check_ids}

    def assertCheck(self, checks, name, result, reason=None):
        self.assertEqual(checks[name].result, result, checks[name].text)
        self.assertTrue(checks[name].text)
        if reason:
            what, remedy = map(str, REASONS[reason])
            self.assertIn(what, checks[name].text)
            self.assertEqual(checks[name].remedy, remedy)
        if result == "failed":
            self.assertTrue(checks[name].remedy)

    def report(self, days):
        now = datetime.now(timezone.utc)
        return self.fake.add_report("", created=now - timedelta(days=days, hours=1))

    def outdate_access_token(self):
        self.root_env["sp.secret"].search([("name", "=", "access_token")]).expires_at = "2020-01-01"

    def test_a_healthy_connection(self):
        self.report(3)
        checks = self.examine()
        for name in (KEY, SECRET, TOKEN, ROLE, REPORT, CLOCK, GRANT, "Amazon.de", "Amazon.fr"):
            self.assertCheck(checks, name, "ok")
            self.assertFalse(checks[name].remedy)
        self.assertIn("3 days", checks[REPORT].text)

    def test_a_marketplace_without_the_seller_is_told(self):
        self.assertIn("Not participating", self.examine()["Amazon.nl"].text)

    def test_suspended_listings_are_told(self):
        for one in self.seller.participations:
            one.has_suspended_listings = True
        self.connect()
        self.assertCheck(self.examine(), "Amazon.de", "warning")

    def test_old_and_missing_reports_are_worth_a_look(self):
        self.assertCheck(self.examine(), REPORT, "warning")
        self.report(40)
        checks = self.examine()
        self.assertCheck(checks, REPORT, "warning")
        self.assertIn("40 days", checks[REPORT].text)
        self.report(2)
        self.assertCheck(self.examine(), REPORT, "ok")

    def test_a_missing_role_is_told_from_a_bad_token(self):
        self.fake.fail("getReports", "role_missing")
        checks = self.examine()
        self.assertCheck(checks, TOKEN, "ok")
        self.assertCheck(checks, ROLE, "failed", "no_role")
        self.assertEqual(self.connection.state_reason, "no_role")

    def test_another_region_is_told_from_a_missing_role(self):
        hosts = self.fake.hosts()
        self.change_hosts(api_host_eu=hosts["fe"], api_host_fe=hosts["eu"])
        self.assertCheck(self.examine(), ROLE, "failed", "region_fe")
        # Amazon's next refusal says less, and what is known stays.
        with self.assertRaises(AmazonError):
            self.env["sp.client"]._ask(self.connection, newest_reports)
        self.assertEqual(self.connection.state_reason, "region_fe")

    def test_a_revoked_grant(self):
        self.fake.revoke()
        self.assertCheck(self.examine(), TOKEN, "failed", "invalid_grant")
        self.assertEqual(self.connection.state, "reconnect_required")

    def test_a_refused_client_secret(self):
        self.outdate_access_token()
        self.fake.fail("token", "secret_refused")
        self.assertCheck(self.examine(), TOKEN, "failed", "invalid_client")

    def test_an_expired_client_secret(self):
        self.fake.fail("getReports", "secret_refused", times=None)
        self.assertCheck(self.examine(), TOKEN, "failed", "secret_expired")

    def test_amazon_s_request_id_is_told_for_its_support(self):
        self.fake.fail("getReports", "role_missing")
        checks = self.examine()
        call = next(call for call in self.fake.calls if call.operation == "getReports")
        self.assertIn(call.request_id, checks[ROLE].text)

    def test_amazon_out_of_reach(self):
        with short_timeout():
            for kind in ("503", "empty", "html", "timeout", "reset"):
                with self.subTest(kind):
                    self.fake.fail("getReports", kind)
                    checks = self.examine()
                    # The token may be good: nothing is known of it.
                    self.assertCheck(checks, "Amazon", "warning")
                    self.assertNotIn(TOKEN, checks)
                    self.assertEqual(self.connection.state, "attention")

    def test_testing_sets_a_healed_connection_right(self):
        self.fake.fail("getReports", "503")
        self.examine()
        self.assertEqual(self.connection.state, "attention")
        self.examine()
        self.assertEqual(self.connection.state, "connected")

    def test_testing_notices_new_marketplaces(self):
        self.fake.sellers.pop(self.seller_ref)
        seller = self.fake.add_seller(("DE", "SE"), selling_partner_id=self.seller_ref)
        for grant in self.fake.grants.values():
            grant.seller = seller
        self.examine()
        self.assertIn("Amazon.se", self.connection.participation_ids.mapped("name"))

    def test_no_token(self):
        draft = self.make_connection("Draft")
        checks = self.examine(draft)
        self.assertCheck(checks, KEY, "ok")
        self.assertCheck(checks, TOKEN, "failed")
        self.assertEqual(set(checks), {KEY, SECRET, TOKEN})
        self.assertEqual(draft.state, "draft")

    def test_no_client_secret(self):
        self.root_env["sp.secret"]._erase(self.application)
        self.outdate_access_token()
        checks = self.examine()
        self.assertCheck(checks, SECRET, "failed", "no_secret")
        self.assertCheck(checks, TOKEN, "failed", "no_secret")

    def test_the_key_is_lost(self):
        secrets = self.root_env["sp.secret"]
        self.addCleanup(secrets._write_key_file, secrets._keys())
        os.unlink(secrets._key_path())
        asked = len(self.fake.calls)
        checks = self.examine()
        self.assertCheck(checks, KEY, "failed", "key_lost")
        self.assertEqual(len(self.fake.calls), asked)
        self.assertEqual(
            (self.connection.state, self.connection.state_reason), ("attention", "key_lost")
        )

    def test_a_client_secret_that_ends_soon(self):
        today = datetime.now().date()
        for age, result in (
            (100, "ok"),
            (149, "ok"),
            (150, "warning"),
            (180, "warning"),
            (181, "failed"),
        ):
            with self.subTest(age):
                self.application.secret_date = today - timedelta(days=age)
                self.assertCheck(self.examine(), SECRET, result)
        self.application.secret_date = False
        self.assertCheck(self.examine(), SECRET, "unknown")

    def test_an_authorisation_that_ends_soon(self):
        now = datetime.now().replace(microsecond=0)
        for age, result in (
            (1, "ok"),
            (303, "ok"),
            (306, "warning"),
            (364, "warning"),
            (366, "failed"),
        ):
            with self.subTest(age):
                self.connection.sudo().authorised_at = now - timedelta(days=age)
                self.assertCheck(self.examine(), GRANT, result)

    def test_the_clock_is_compared_with_amazon_s(self):
        now = datetime.now(timezone.utc)
        for seconds, result in (
            (0, "ok"),
            (90, "ok"),
            (-90, "ok"),
            (150, "warning"),
            (-4000, "warning"),
        ):
            with self.subTest(seconds):
                date = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
                line = self.env["sp.connection.doctor"]._examine_clock(date)
                self.assertEqual((line[0], line[1], bool(line[3])), (CLOCK, result, result != "ok"))
        for date in ("yesterday", "Thu, 99 Foo 2026 12:00:00 GMT"):
            self.assertEqual(self.env["sp.connection.doctor"]._examine_clock(date)[1], "unknown")

    def test_testing_again_replaces_the_lines(self):
        self.examine()
        count = len(self.connection.check_ids)
        self.examine()
        self.assertEqual(len(self.connection.check_ids), count)

    def test_all_selected_connections_at_once(self):
        seller = self.fake.add_seller(("US",))
        second = self.make_connection("America", "us")
        self.connect(second, seller)
        both = self.connection | second
        self.cr.flush()
        action = both.action_test()
        checks = self.env["sp.connection.check"].search(action["domain"])
        self.assertEqual(checks.connection_id, both)
        self.assertEqual(set(both.mapped("state")), {"connected"})

    def test_a_child_is_tested_with_its_parent_s_token(self):
        second = self.make_company("Second Ltd")
        self.manager.sudo().company_ids |= second
        self.application.sudo().company_ids |= second
        env = self.env(context={"allowed_company_ids": [self.company.id, second.id]})
        child = env["sp.connection"].create(
            {
                "name": "Child",
                "company_id": second.id,
                "application_id": self.application.id,
                "region": "eu",
                "marketplace_id": self.connection.marketplace_id.id,
                "parent_id": self.connection.id,
            }
        )
        self.env["sp.grant"]._join_parent(child)
        checks = self.examine(child)
        for name in (KEY, TOKEN, ROLE, GRANT):
            self.assertCheck(checks, name, "ok")

    def test_a_bookkeeper_may_test(self):
        checks = self.examine(self.connection.with_user(self.bookkeeper))
        self.assertCheck(checks, TOKEN, "ok")

    def test_strangers_may_not(self):
        stranger = self.make_user("stranger", MANAGER, self.make_company("Elsewhere Ltd"))
        with self.assertRaises(AccessError):
            self.connection.with_user(stranger).action_test()
        employee = self.make_user("employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.connection.with_user(employee).action_test()

    def test_no_line_holds_a_secret(self):
        for kind in (None, "role_missing", "503", "expired_token", "revoked", "400"):
            if kind:
                self.fake.fail("getReports", kind)
            for check in self.examine().values():
                said = f"{check.text} {check.remedy}"
                self.assertNotIn("Atz", said)
                self.assertNotIn(self.theirs.client_secret, said)
                self.assertNotIn("http", said)
