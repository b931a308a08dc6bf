"""Many workers and one token; many returns and one code: with real transactions.

The other tests share one transaction, in which nothing can happen at once. Here the records are
committed, every worker has a cursor of its own, and ``tearDown`` removes what was committed.
Amazon's token endpoint does not answer the first request before the others wait for a lock in
PostgreSQL, so they meet for certain and nobody sleeps.
"""

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

import odoo.http
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.service import model, security
from odoo.tests import HttpCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ...const import RETURN_ROUTE
from ...engine.errors import KeyLost, NotConnected, Retryable, Revoked
from ...models.amazon import sp_client
from ...models.connection.sp_consent import OUTCOMES
from ..connect_common import TABLES, AmazonMixin
from ..fake_amazon import FakeAmazon, FakeAmazonServer

#: Seconds after which a worker that should wait for a lock counts as one that does not.
PATIENCE = 10


class GatedAmazon(FakeAmazon):
    """Calls ``before_token`` when somebody asks for a token, before it answers."""

    before_token = staticmethod(lambda: None)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/auth/o2/token":
            self.before_token()
        return super().__call__(environ, start_response)


class CommittedCase(AmazonMixin, HttpCase):
    registry_test_mode = False  # real cursors, for requests over HTTP, too

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_key()

    def setUp(self):
        super().setUp()
        # Odoo's runner holds this lock as long as tests run; no other thread would get far.
        self.patch(Registry, "_lock", DummyRLock())
        self.patch(self.registry, "cursor", self.impatient(self.registry.cursor))
        self.before = self.counts()
        self.addCleanup(self.assertCleanedUp)
        self.fake = GatedAmazon(seed=9)
        self.fake.set_options(limits=False)
        self.enterContext(FakeAmazonServer(self.fake))
        self.seller = self.fake.add_seller(("DE",))
        with self.committed() as env:
            company = env["res.company"].search([], limit=1)
            redirect_uri = env["sp.application"].new({}).redirect_uri
            self.theirs = self.fake.add_application([redirect_uri], redirect_uri)
            application = env["sp.application"].create(
                self.application_vals(name="Concurrent", company_ids=company.ids)
            )
            place = env.ref("sp_connector.sp_marketplace_de")
            connection = env["sp.connection"].create(
                {
                    "name": "Concurrent",
                    "company_id": company.id,
                    "application_id": application.id,
                    "region": place.region,
                    "marketplace_id": place.id,
                }
            )
            self.application_id, self.connection_id = application.id, connection.id
        self.addCleanup(self.clean_up)

    @staticmethod
    def impatient(cursor):
        """Workers that lock each other out fail these tests, instead of hanging for ever."""

        def impatient_cursor(readonly=False):
            cr = cursor(readonly=readonly)
            cr.execute(f"SET LOCAL lock_timeout = '{2 * PATIENCE}s'")
            return cr

        return impatient_cursor

    @contextmanager
    def committed(self):
        """An environment of a transaction of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def clean_up(self):
        with self.committed() as env:
            env["sp.connection"].browse(self.connection_id).exists().unlink()
            env["sp.application"].browse(self.application_id).exists().unlink()
            # The first connection switched it on.
            env.ref("sp_connector.ir_cron_daily_watch").active = self.cron_was_active

    def counts(self):
        with self.committed() as env:
            cron = env.ref("sp_connector.ir_cron_daily_watch")
            self.cron_was_active = cron.active
            counts = {}
            for table in (*TABLES, "sp_oauth_state"):
                env.cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
                counts[table] = env.cr.fetchone()[0]
            return counts

    def assertCleanedUp(self):
        self.assertEqual(self.counts(), self.before)

    def grant(self, access_token=""):
        """Store a refresh token, and an access token whose hour is over."""
        grant = self.fake.grant(seller=self.seller)
        with self.committed() as env:
            secrets = env["sp.secret"]
            connection = env["sp.connection"].browse(self.connection_id)
            secrets._set(connection, "refresh_token", grant.refresh_token)
            secrets._set(connection, "access_token", access_token or "Atza|old", "2020-01-01")
            connection._set_state("connected")
        return grant

    def refreshes(self):
        return len(self.token_calls("refresh_token"))

    def waiting(self):
        """How many transactions of this database wait for a lock now."""
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE NOT granted AND datname = current_database()"
            )
            return cr.fetchone()[0]

    def gate(self, others):
        """Let Amazon answer its first token request when so many others wait for a lock."""
        first = threading.Lock()

        def before_token():
            if first.acquire(blocking=False):
                deadline = time.monotonic() + PATIENCE
                while self.waiting() < others and time.monotonic() < deadline:
                    pass

        self.fake.before_token = before_token

    def at_once(self, count, function):
        """Run a function in so many threads; return results, or exceptions in their place."""
        start = threading.Barrier(count)

        def run(_number):
            start.wait()
            try:
                return function()
            except Exception as error:  # whatever it is, the test looks at it
                return error

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    def access_token(self):
        """What a worker does: a transaction of its own, and a question for Amazon."""
        with self.committed() as env:
            connection = env["sp.connection"].browse(self.connection_id)
            return env["sp.client"]._access_token(connection)

    def stored_tokens(self):
        with self.committed() as env:
            connection = env["sp.connection"].browse(self.connection_id)
            return {
                name: env["sp.secret"]._get(connection, name)
                for name in ("refresh_token", "access_token")
            }


@tagged("post_install", "-at_install")
class TestTokensOfManyWorkers(CommittedCase):
    def test_two_workers_refresh_once_and_both_get_the_token(self):
        self.grant()
        self.gate(others=1)
        first, second = self.at_once(2, self.access_token)
        self.assertEqual(self.refreshes(), 1)
        self.assertEqual(first, second)
        self.assertIn(first, self.fake.access_tokens)
        self.assertEqual(self.stored_tokens()["access_token"], first)

    def test_six_workers_refresh_once(self):
        self.grant()
        self.gate(others=5)
        tokens = self.at_once(6, self.access_token)
        self.assertEqual(self.refreshes(), 1)
        self.assertEqual(set(tokens), {self.stored_tokens()["access_token"]})

    def test_two_workers_whose_token_was_refused_refresh_once(self):
        grant = self.grant()
        self.access_token()
        refused = self.stored_tokens()["access_token"]
        asked = self.refreshes()
        self.gate(others=1)

        def renew():
            with self.committed() as env:
                connection = env["sp.connection"].browse(self.connection_id)
                return env["sp.client"]._access_token(connection, refused=refused)

        first, second = self.at_once(2, renew)
        self.assertEqual(self.refreshes() - asked, 1)
        self.assertEqual(first, second)
        self.assertNotEqual(first, refused)
        self.assertEqual(self.stored_tokens()["refresh_token"], grant.refresh_token)

    def test_the_second_worker_tries_itself_when_the_first_one_fails(self):
        self.grant()
        self.gate(others=1)
        self.fake.fail("token", "503")
        results = self.at_once(2, self.access_token)
        failed = [one for one in results if isinstance(one, Retryable)]
        tokens = [one for one in results if isinstance(one, str)]
        self.assertEqual((len(failed), len(tokens)), (1, 1))
        self.assertEqual(self.refreshes(), 2)
        self.assertEqual(self.stored_tokens()["access_token"], tokens[0])

    def test_all_workers_learn_that_the_grant_is_gone(self):
        self.grant()
        self.fake.revoke(self.seller)
        self.gate(others=1)
        results = self.at_once(2, self.access_token)
        self.assertEqual([type(one) for one in results], [Revoked, Revoked])

    def test_a_new_token_stays_when_the_worker_s_own_work_is_undone(self):
        self.grant()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            connection = env["sp.connection"].browse(self.connection_id)
            connection.name = "Never mind"
            token = env["sp.client"]._access_token(connection)
            cr.rollback()
        self.assertEqual(self.stored_tokens()["access_token"], token)
        with self.committed() as env:
            self.assertEqual(env["sp.connection"].browse(self.connection_id).name, "Concurrent")
        self.access_token()
        self.assertEqual(self.refreshes(), 1)

    def test_one_transaction_asks_twice_and_refreshes_once(self):
        """The second question still sees the old token: its snapshot is older."""
        self.grant()
        with self.committed() as env:
            connection = env["sp.connection"].browse(self.connection_id)
            client = env["sp.client"]
            first, second = client._access_token(connection), client._access_token(connection)
        self.assertEqual(first, second)
        self.assertEqual(self.refreshes(), 1)

    def test_a_refresh_token_that_amazon_replaces_is_kept(self):
        self.grant()
        successor = self.fake.grant(seller=self.seller)
        answered = self.fake.grants
        original = type(self.fake).__call__

        def replaced(fake, environ, start_response):
            parts = []

            def start(status, headers, _error=None):
                parts.extend((status, headers))

            body = b"".join(original(fake, environ, start))
            if environ["PATH_INFO"] == "/auth/o2/token":
                old = next(iter(answered)).encode()
                body = body.replace(old, successor.refresh_token.encode())
            start_response(parts[0], [pair for pair in parts[1] if pair[0] != "Content-Length"])
            return [body]

        with patch.object(GatedAmazon, "__call__", replaced):
            self.access_token()
        self.assertEqual(self.stored_tokens()["refresh_token"], successor.refresh_token)

    @mute_logger("odoo.sql_db")
    def test_a_worker_that_waits_too_long_is_told_to_come_back(self):
        self.grant()
        with self.registry.cursor() as holder:
            self.lock(holder)
            with patch.object(sp_client, "LOCK_SECONDS", 1):
                (error,) = self.at_once(1, self.access_token)
        self.assertIsInstance(error, Retryable)
        self.assertEqual(error.code, "busy")
        self.assertEqual(self.refreshes(), 0)

    @mute_logger("odoo.sql_db")
    def test_disconnecting_while_a_worker_waits(self):
        self.grant()
        with self.registry.cursor() as holder, ThreadPoolExecutor(1) as pool:
            self.lock(holder)
            worker = pool.submit(self.at_once, 1, self.access_token)
            deadline = time.monotonic() + PATIENCE
            while not self.waiting() and time.monotonic() < deadline:
                pass
            self.erase_tokens()
            holder.commit()
            (error,) = worker.result()
        self.assertIsInstance(error, NotConnected)
        self.assertEqual(error.code, "no_token")
        self.assertEqual(self.refreshes(), 0)

    @mute_logger("odoo.sql_db")
    def test_disconnecting_while_amazon_answers(self):
        """The fresh token is not kept: nobody would ever erase it."""
        self.grant()
        self.fake.before_token = self.erase_tokens
        (error,) = self.at_once(1, self.access_token)
        self.assertIsInstance(error, Retryable)
        with self.committed() as env:
            found = env["sp.secret"].search([("res_model", "=", "sp.connection")])
            self.assertNotIn(self.connection_id, found.mapped("res_id"))

    def lock(self, cr):
        """Hold what a worker holds while it refreshes."""
        cr.execute(
            "SELECT pg_advisory_xact_lock(hashtext('sp_connection.token'), %s)",
            (self.connection_id,),
        )

    def erase_tokens(self):
        with self.committed() as env:
            env["sp.grant"]._erase_tokens(env["sp.connection"].browse(self.connection_id))

    def test_a_worker_without_the_key_asks_nobody(self):
        self.grant()
        secrets = self.env["sp.secret"]
        self.addCleanup(secrets._write_key_file, secrets._keys())
        with open(secrets._key_path(), "w", encoding="ascii"):
            pass
        (error,) = self.at_once(1, self.access_token)
        self.assertIsInstance(error, KeyLost)
        self.assertEqual(self.refreshes(), 0)


@tagged("post_install", "-at_install")
class TestReturnsAtOnce(CommittedCase):
    """Two tabs, or an impatient double click: the same address twice, over real HTTP."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            admin = env.ref("base.user_admin")
            connection = env["sp.connection"].browse(self.connection_id).with_user(admin)
            consent = connection.action_connect()["url"]
            self.session = odoo.http.root.session_store.new()
            self.session.update(
                odoo.http.get_default_session(), db=get_db_name(), _trace_disable=True
            )
            self.session.uid, self.session.login = admin.id, admin.login
            self.session.context = dict(admin.with_user(admin).context_get())
            self.session.session_token = security.compute_session_token(
                self.session, env(user=admin.id)
            )
            odoo.http.root.session_store.save(self.session)
        self.addCleanup(odoo.http.root.session_store.delete, self.session)
        state = dict(pair.split("=", 1) for pair in urlsplit(consent).query.split("&"))["state"]
        query = {
            "state": state,
            "selling_partner_id": self.seller.selling_partner_id,
            "spapi_oauth_code": self.fake.code_for(seller=self.seller),
        }
        self.url = f"{RETURN_ROUTE}?{urlencode(query)}"

    def get(self, path=None):
        """One request of the browser; return (status, where to, page)."""
        way = http.client.HTTPConnection("127.0.0.1", self.http_port(), timeout=60)
        try:
            way.request("GET", path or self.url, None, {"Cookie": f"session_id={self.session.sid}"})
            answer = way.getresponse()
            return answer.status, answer.headers["Location"], answer.read().decode()
        finally:
            way.close()

    @mute_logger("odoo.sql_db")
    def test_exactly_one_wins_and_the_other_sees_already_used(self):
        self.gate(others=1)
        # Odoo waits for up to two seconds before it runs a request again.
        with patch.object(model.random, "uniform", return_value=0):
            answers = self.at_once(2, self.get)
        self.assertEqual([answer[0] for answer in answers], [303, 303])
        won = [where for _status, where, _page in answers if "/amazon-connections/" in where]
        lost = [where for _status, where, _page in answers if "/oauth/result" in where]
        self.assertEqual((len(won), len(lost)), (1, 1))
        status, _where, page = self.get(urlsplit(lost[0]).path)
        self.assertEqual(status, 200)
        self.assertIn(str(OUTCOMES["used"][0]), page)
        self.assertEqual(len(self.token_calls("authorization_code")), 1)
        (grant,) = self.fake.grants_of(self.seller)
        self.assertEqual(self.stored_tokens()["refresh_token"], grant.refresh_token)
        with self.committed() as env:
            self.assertEqual(env["sp.connection"].browse(self.connection_id).state, "connected")

    def test_one_after_the_other_is_no_better(self):
        self.assertIn("/amazon-connections/", self.get()[1])
        self.assertIn("/oauth/result", self.get()[1])
        self.assertEqual(len(self.token_calls("authorization_code")), 1)
