"""A status that never misleads: whose fault it is, and how it heals."""

import os
from datetime import datetime, timedelta
from unittest.mock import patch

import requests

from odoo.exceptions import UserError

from ...engine.errors import KeyLost, Revoked
from ...engine.vault import make_key
from ...models.amazon.reasons import REASONS
from ..connect_common import ConnectedCase, short_timeout

YEAR = timedelta(days=365)


class TestStates(ConnectedCase):
    def assertState(self, state, reason=False):
        self.assertEqual(
            (self.connection.state, self.connection.state_reason or False), (state, reason)
        )

    def assertHeals(self):
        """Once the trouble is over the next question sets it right, without anybody's help."""
        self.fake.clear_faults()
        self.assertIsNone(self.ask())
        self.assertState("connected")

    def test_trouble_with_login_is_never_the_seller_s(self):
        for kind, reason in (
            ("secret_refused", "invalid_client"),
            ("role_missing", "unauthorized_client"),
            ("500", "out_of_reach"),
            ("503", "out_of_reach"),
            ("html", "out_of_reach"),
            ("empty", "out_of_reach"),
            ("reset", "out_of_reach"),
            ("cut", "out_of_reach"),
        ):
            with self.subTest(kind):
                self.outdate_access_token()
                self.fake.fail("token", kind, times=None)
                self.assertIsNotNone(self.ask())
                self.assertState("attention", reason)
                what, remedy = map(str, REASONS[reason])
                self.assertEqual((self.connection.problem, self.connection.remedy), (what, remedy))
                self.assertHeals()

    def test_trouble_with_the_api_is_never_the_seller_s(self):
        for kind, reason in (
            ("role_missing", "no_access"),
            ("secret_refused", "secret_expired"),
            ("500", "out_of_reach"),
            ("503", "out_of_reach"),
            ("html", "out_of_reach"),
            ("empty", "out_of_reach"),
            ("reset", "out_of_reach"),
            ("cut", "out_of_reach"),
        ):
            with self.subTest(kind):
                self.fake.fail("getReports", kind, times=None)
                self.assertIsNotNone(self.ask())
                self.assertState("attention", reason)
                self.assertHeals()

    def test_waiting_for_one_s_turn_is_no_trouble(self):
        self.fake.fail("getReports", "429", times=None)
        self.assertEqual(self.ask().code, "throttled")
        self.assertState("connected", False)
        self.assertHeals()

    def test_silence_is_never_the_seller_s(self):
        for operation in ("token", "getReports"):
            with self.subTest(operation), short_timeout():
                self.outdate_access_token()
                self.fake.fail(operation, "timeout", times=None)
                self.assertEqual(self.ask().code, "timeout")
                self.assertState("attention", "out_of_reach")
                self.assertHeals()

    def test_the_real_causes_behind_a_refusal(self):
        """The same without faults: a wrong secret, an expired one, a lost role, another region."""
        other = self.fake.add_application(self.theirs.redirect_uris, self.theirs.login_uri)
        right = self.theirs.client_secret
        self.outdate_access_token()
        self.application.client_secret = other.client_secret
        self.ask()
        self.assertState("attention", "invalid_client")
        self.application.client_secret = right
        self.assertHeals()
        self.fake.rotate_secret(overlap=0)
        self.ask()
        self.assertState("attention", "secret_expired")
        self.application.client_secret = self.theirs.client_secret
        self.outdate_access_token()
        self.assertHeals()
        self.change_hosts(api_host_eu=self.fake.hosts()["fe"])
        self.ask()
        self.assertState("attention", "no_access")
        self.change_hosts(api_host_eu=self.fake.hosts()["eu"])
        self.assertHeals()
        self.fake.update_seller(is_active=False)
        self.ask()
        self.assertState("attention", "no_access")
        self.fake.update_seller(is_active=True)
        self.assertHeals()

    def test_a_missing_client_secret_is_ours(self):
        self.outdate_access_token()
        self.root_env["sp.secret"]._set(self.application, "client_secret", "")
        self.ask()
        self.assertState("attention", "no_secret")
        self.application.client_secret = self.theirs.client_secret
        self.assertHeals()

    def test_revocation_requires_reconnecting(self):
        self.fake.revoke()
        self.assertIsInstance(self.ask(), Revoked)
        self.assertState("reconnect_required", "invalid_grant")
        self.connect()
        self.assertState("connected")
        self.assertIsNone(self.ask())

    def test_a_year_later_reconnecting_is_required(self):
        self.fake.advance(YEAR.total_seconds() + 1)
        self.assertIsInstance(self.ask(), Revoked)
        self.assertState("reconnect_required", "invalid_grant")

    def test_passing_trouble_does_not_hide_that_reconnecting_is_required(self):
        self.fake.revoke()
        self.ask()
        for kind in ("503", "secret_refused", "400"):
            self.fake.fail("token", kind)
            self.assertIsNotNone(self.ask())
            self.assertState("reconnect_required", "invalid_grant")

    def test_without_a_token_nobody_is_asked_and_no_state_changes(self):
        draft = self.make_connection("Draft")
        asked = len(self.fake.calls)
        self.assertEqual(self.ask(draft).code, "no_token")
        self.assertEqual((draft.state, len(self.fake.calls)), ("draft", asked))

    def test_an_expired_access_token_is_renewed_before_it_is_used(self):
        self.outdate_access_token()
        asked = len(self.token_calls("refresh_token"))
        for _time in range(3):
            self.assertIsNone(self.ask())
        self.assertEqual(len(self.token_calls("refresh_token")) - asked, 1)

    def test_a_refused_access_token_is_renewed_once_and_the_call_repeated(self):
        for kind in ("expired_token", "revoked"):
            with self.subTest(kind):
                old = self.tokens()["access_token"]
                refreshed = len(self.token_calls("refresh_token"))
                self.fake.fail("getReports", kind)
                self.assertIsNone(self.ask())
                self.assertEqual(len(self.token_calls("refresh_token")) - refreshed, 1)
                self.assertNotEqual(self.tokens()["access_token"], old)
                self.assertState("connected")

    def test_an_access_token_that_is_refused_for_ever_is_not_renewed_for_ever(self):
        refreshed = len(self.token_calls("refresh_token"))
        self.fake.fail("getReports", "expired_token", times=None)
        self.assertEqual(self.ask().code, "token_refused")
        self.assertEqual(len(self.token_calls("refresh_token")) - refreshed, 1)
        self.assertState("attention", "token_refused")
        self.assertHeals()

    def test_the_refresh_token_stays_and_the_access_token_is_new(self):
        old = self.tokens()
        self.outdate_access_token()
        self.ask()
        new = self.tokens()
        self.assertEqual(new["refresh_token"], old["refresh_token"])
        self.assertNotEqual(new["access_token"], old["access_token"])
        self.assertAlmostEqual(
            self.connection.access_token_until,
            datetime.now() + timedelta(minutes=59),
            delta=timedelta(minutes=1),
        )

    def test_both_secrets_work_during_a_rotation(self):
        following = self.fake.rotate_secret(overlap=7 * 86400)
        self.application.next_client_secret = following
        for days in (0, 8):  # before and after the old one's end
            with self.subTest(days):
                self.fake.advance(days * 86400)
                self.outdate_access_token()
                self.assertIsNone(self.ask())
                self.assertState("connected")

    def test_a_new_secret_helps_at_once_after_the_old_one_ended(self):
        """The access token of the old one would be refused for the rest of its hour."""
        for name in ("client_secret", "next_client_secret"):
            with self.subTest(name):
                following = self.fake.rotate_secret(overlap=0)
                self.application[name] = following
                self.assertNotIn("access_token", self.tokens())
                self.assertIsNone(self.ask())
                self.assertState("connected")

    def test_a_token_of_an_ended_secret_is_renewed_with_the_newest(self):
        """Both secrets were here before; the older one ends while its token is used."""
        following = self.fake.rotate_secret(overlap=60)
        self.root_env["sp.secret"]._set(self.application, "next_client_secret", following)
        self.fake.advance(61)
        old = self.tokens()["access_token"]
        self.assertIsNone(self.ask())
        self.assertNotEqual(self.tokens()["access_token"], old)
        self.assertState("connected")

    def test_finishing_a_rotation_leaves_no_token_of_the_old_secret(self):
        self.root_env["sp.secret"]._set(
            self.application, "next_client_secret", self.fake.rotate_secret(overlap=0)
        )
        self.application.action_finish_rotation()
        self.assertNotIn("access_token", self.tokens())
        self.assertIsNone(self.ask())

    def test_the_end_of_the_access_token_is_shown_right_after_it_was_renewed(self):
        self.outdate_access_token()
        self.assertEqual(str(self.connection.access_token_until)[:4], "2020")
        lines = {
            line[0]: line[2] for line in self.env["sp.connection.doctor"]._examine(self.connection)
        }
        self.assertNotIn("–", lines["Token"])
        self.assertGreater(self.connection.access_token_until, datetime.now())

    def test_a_revoked_grant_is_nowhere_good(self):
        self.fake.revoke()
        results = {
            line[0]: line[1] for line in self.env["sp.connection.doctor"]._examine(self.connection)
        }
        self.assertEqual((results["Token"], results["Authorisation"]), ("failed", "failed"))

    def test_the_new_secret_may_come_before_the_rotation(self):
        self.application.next_client_secret = "amzn1.oa2-cs.v1.not-yet"
        self.outdate_access_token()
        self.assertIsNone(self.ask())

    def test_amazon_s_request_id_is_kept_of_the_failure(self):
        self.fake.fail("getReports", "role_missing")
        self.ask()
        self.assertEqual(self.connection.request_ref, self.fake.calls[-1].request_id)
        self.assertTrue(self.connection.request_ref)
        self.assertHeals()
        self.assertFalse(self.connection.request_ref)


class TestSessions(ConnectedCase):
    def test_each_session_with_amazon_is_closed(self):
        opened, closed = [], []
        start, close = requests.Session.__init__, requests.Session.close

        def opening(session):
            start(session)
            opened.append(session)

        def closing(session):
            close(session)
            closed.append(session)

        self.outdate_access_token()
        with (
            patch.object(requests.Session, "__init__", opening),
            patch.object(requests.Session, "close", closing),
        ):
            self.assertIsNone(self.ask())  # a token, and a question
            self.connection.action_test()
            self.fake.fail("getReports", "500")
            self.assertTrue(self.ask())
        self.assertGreater(len(opened), 3)
        self.assertEqual(set(map(id, opened)), set(map(id, closed)))


class TestKeyLost(ConnectedCase):
    """A restored database: its secrets are there, the key file is not."""

    def setUp(self):
        super().setUp()
        secrets = self.root_env["sp.secret"]
        self.addCleanup(secrets._write_key_file, secrets._keys())
        self.old_keys = secrets._keys()

    def lose_key(self):
        os.unlink(self.root_env["sp.secret"]._key_path())
        self.root_env.invalidate_all()

    def test_the_form_says_so_before_anybody_asks_amazon(self):
        self.assertFalse(self.connection.is_key_lost)
        self.lose_key()
        asked = len(self.fake.calls)
        self.assertTrue(self.connection.is_key_lost)
        self.assertEqual(len(self.fake.calls), asked)

    def test_it_is_attention_and_not_the_seller_s_fault(self):
        self.lose_key()
        self.assertIsInstance(self.ask(), KeyLost)
        self.assertEqual(
            (self.connection.state, self.connection.state_reason), ("attention", "key_lost")
        )

    def test_another_key_is_no_better_than_none(self):
        self.root_env["sp.secret"]._write_key_file([make_key()])
        self.assertIsInstance(self.ask(), KeyLost)
        self.assertEqual(self.connection.state_reason, "key_lost")

    def test_the_key_coming_back_heals_it(self):
        self.lose_key()
        self.ask()
        self.root_env["sp.secret"]._write_key_file(self.old_keys)
        self.assertIsNone(self.ask())
        self.assertEqual(self.connection.state, "connected")

    def test_connecting_without_the_key_ends_on_a_page_that_says_so(self):
        url = self.return_url()
        self.lose_key()
        self.assertRefused(url, "key_lost")

    def test_entering_the_secret_again_and_reconnecting_works(self):
        self.lose_key()
        self.ask()
        self.application.client_secret = self.theirs.client_secret
        self.connect()
        self.assertConnected()
        self.assertFalse(self.connection.is_key_lost)
        self.assertIsNone(self.ask())

    def test_a_lost_next_secret_does_not_stand_in_the_way(self):
        self.application.next_client_secret = "amzn1.oa2-cs.v1.next"
        self.lose_key()
        self.application.client_secret = self.theirs.client_secret
        self.connect()
        self.assertConnected()

    def test_finishing_a_rotation_without_the_key_is_refused_in_words(self):
        self.application.next_client_secret = "amzn1.oa2-cs.v1.next"
        self.lose_key()
        with self.assertRaises(UserError):
            self.application.action_finish_rotation()
