"""What the tests of connecting share: a company, its people, a simulated Amazon, a browser.

Amazon is ``fake_amazon`` behind real HTTP on this computer, and the browser is ``http.client``:
it follows nothing by itself, and it writes no address into a log.
"""

import http.client
import logging
import os
import tempfile
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from lxml import html

from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME
from odoo.tools import SQL, config

from ..const import LOGIN_ROUTE, RESULT_ROUTE, RETURN_ROUTE
from ..engine.amazon import reports, transport
from ..engine.errors import AmazonError, KeyLost
from ..models.connection.sp_consent import OUTCOMES
from .common import MANAGER, USER
from .fake_amazon import FakeAmazon, FakeAmazonServer

#: Tables that a refused consent must leave as they were (its state is burned: not listed).
TABLES = (
    "sp_secret",
    "sp_connection",
    "sp_connection_marketplace",
    "sp_connection_check",
    "sp_application",
    "mail_message",
    "mail_activity",
    "mail_tracking_value",
    "ir_cron",
)
_UNPATCHED_SEND = requests.Session.send


def newest_reports(partner):
    """A question to ask Amazon: which reports were made in the last days?"""
    return reports.first_page(partner, datetime.now() - timedelta(days=7)).reports


class Page(NamedTuple):
    """An answer, as the browser got it."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self):
        """Where it sends the browser, as an absolute address."""
        where = self.headers["Location"]
        return where and urljoin(self.url, where)

    @property
    def tree(self):
        return html.fromstring(self.text, base_url=self.url)

    @property
    def title(self):
        """The text of its heading."""
        return self.tree.xpath("string(//h1)").strip()

    @property
    def words(self):
        """What a person reads on it, without the list of Amazon's codes."""
        parts = self.tree.xpath("//main/*[not(self::details)]")
        return " ".join(" ".join(part.text_content().split()) for part in parts)

    @property
    def form(self):
        """Its only form: (address, fields)."""
        (form,) = self.tree.xpath("//form")
        return urljoin(self.url, form.action), dict(form.fields)


class AmazonMixin:
    """A simulated Amazon per test, the key of the secrets in a folder of its own."""

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        # Odoo's own handler compares the time-out with a number; ours is a pair.
        if urlsplit(request.url).hostname == "127.0.0.1":
            return _UNPATCHED_SEND(session, request, **options)
        return super()._request_handler(session, request, **{**options, "timeout": None})

    @classmethod
    def set_up_key(cls):
        """Keep the key of these tests in a folder of theirs, whatever this Odoo uses itself."""
        cls.key_folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        path = os.path.join(cls.key_folder, "sp_connector.key")
        cls.startClassPatcher(patch.dict(config._runtime_options, {"sp_connector_key": ""}))
        cls.startClassPatcher(patch.dict(os.environ, {"SP_CONNECTOR_KEY": ""}))
        cls.startClassPatcher(
            patch.object(cls.registry["sp.secret"], "_key_path", lambda _self: path)
        )

    def set_up_amazon(self, redirect_uri, **options):
        """Start Amazon with one application and a European seller."""
        self.fake = FakeAmazon(seed=7)
        self.fake.set_options(limits=False)
        self.server = self.enterContext(FakeAmazonServer(self.fake))
        self.theirs = self.fake.add_application([redirect_uri], redirect_uri, **options)
        self.seller = self.fake.add_seller(("DE", "FR", "-NL"), plan="INDIVIDUAL")
        self.seller_ref = self.seller.selling_partner_id

    def application_vals(self, **vals):
        """What a manager types to describe Amazon's application."""
        hosts = self.fake.hosts()
        return {
            "name": "Settlements",
            "application_ref": self.theirs.application_id,
            "client_id": self.theirs.client_id,
            "client_secret": self.theirs.client_secret,
            "is_draft": self.theirs.draft,
            "environment": "simulator",
            "api_host_na": hosts["na"],
            "api_host_eu": hosts["eu"],
            "api_host_fe": hosts["fe"],
            "lwa_host": hosts["lwa"],
            "seller_central_host": hosts["seller_central"],
            **vals,
        }

    def change_hosts(self, **vals):
        """As an administrator of Odoo, who also types the client secret again."""
        self.application.sudo().write({**vals, "client_secret": self.theirs.client_secret})

    def token_calls(self, grant_type=None):
        """The requests to Login with Amazon so far."""
        return [
            call
            for call in self.fake.calls
            if call.operation == "token" and grant_type in (None, call.grant_type)
        ]


@tagged("post_install", "-at_install")
class ConnectCase(AmazonMixin, HttpCase):
    """A company with a draft connection, people of every role, Amazon, and a browser.

    ``self.env`` is the manager's, who is no administrator of Odoo; the browser is signed in as
    the manager, too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maxDiff = None
        cls.root_env = cls.env
        cls.set_up_key()
        cls.company = cls.make_company("Tea and Lamps Ltd")
        cls.manager = cls.make_user("manager", MANAGER)
        cls.bookkeeper = cls.make_user("bookkeeper", USER)
        cls.env = cls.env(user=cls.manager)

    def setUp(self):
        super().setUp()
        self.set_up_amazon(self.base_url() + RETURN_ROUTE)
        # Its hosts are said by an administrator of Odoo, all else is the manager's.
        self.application = (
            self.root_env["sp.application"]
            .create(
                self.application_vals(
                    company_ids=[Command.set(self.company.ids)], user_id=self.manager.id
                )
            )
            .with_env(self.env)
        )
        self.fake.update_application(login_uri=self.application.login_uri)
        self.connection = self.make_connection()
        self.sign_in(self.manager)

    # === PEOPLE AND RECORDS === #

    @classmethod
    def make_company(cls, name):
        return cls.root_env["res.company"].create(
            {"name": name, "country_id": cls.root_env.ref("base.uk").id}
        )

    @classmethod
    def make_user(cls, name, groups, companies=None):
        companies = companies or cls.company
        return new_test_user(
            cls.root_env,
            f"sp_test_{name}",
            groups=groups,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def make_connection(self, name="Amazon Europe", country="de", **vals):
        place = self.root_env.ref(f"sp_connector.sp_marketplace_{country}")
        return self.env["sp.connection"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "application_id": self.application.id,
                "region": place.region,
                "marketplace_id": place.id,
                **vals,
            }
        )

    def make_settlement(self, connection):
        """A settlement that came in by this connection."""
        return self.root_env["sp.settlement"].create(
            {
                "settlement_ref": "11223344",
                "flavour": "v2",
                "company_id": connection.company_id.id,
                "connection_id": connection.id,
                "currency_id": self.root_env.ref("base.EUR").id,
            }
        )

    # === THE BROWSER === #

    def sign_in(self, user):
        """Use a browser in which this user is signed in; nobody with ``None``."""
        login = user and user.login
        self.authenticate(login, login)
        self.cookies = {"session_id": self.session.sid}

    def visit(self, url, data=None, method=None):
        """Make one request, as a browser does when an address is followed or a form is sent."""
        url = urljoin(self.base_url(), url)
        if not url.startswith(self.base_url() + "/"):
            return self._send(url, data, method, {})
        self.cr.flush()
        self.cr.clear()
        with self.allow_requests():
            key = self.opener.cookies[TEST_CURSOR_COOKIE_NAME]
            page = self._send(url, data, method, {**self.cookies, TEST_CURSOR_COOKIE_NAME: key})
        for cookie in page.headers.get_all("Set-Cookie", ()):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return page

    def _send(self, url, data, method, cookies):
        parts = urlsplit(url)
        way = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            data = urlencode(data)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            way.request(method or ("GET" if data is None else "POST"), path, data, headers)
            answer = way.getresponse()
            return Page(url, answer.status, answer.headers, answer.read().decode())
        finally:
            way.close()

    def submit(self, page, **fields):
        """Send the form of a page."""
        address, values = page.form
        return self.visit(address, {**values, **fields})

    def csrf_token(self):
        """The token of the browser's session, for a form that was never shown."""
        return Request.csrf_token(self)

    def follow(self, page):
        """Follow redirects within Odoo's pages around the consent, not into the web client."""
        while page.status == 303 and urlsplit(page.location).path.startswith("/sp_connector/"):
            page = self.visit(page.location)
        return page

    # === THE WAY TO AMAZON AND BACK === #

    def leave(self, connection=None, user=None):
        """Press Connect; return the address of Amazon's consent page."""
        connection = (connection or self.connection).with_user(user or self.manager)
        return connection.action_connect()["url"]

    def consent(self, url, seller=None, decision="confirm"):
        """Answer Amazon's consent page; return the address Amazon sends the browser to."""
        page = self.visit(url)
        self.assertEqual(page.status, 200, page.text)
        seller_ref = (seller or self.seller).selling_partner_id
        return self.submit(page, seller=seller_ref, decision=decision).location

    def connect(self, connection=None, seller=None):
        """Connect, all the way; return the page the browser ends on."""
        return self.follow(self.visit(self.consent(self.leave(connection), seller)))

    def return_url(self, state=None, **values):
        """The address Amazon would send the browser to, with a fresh and valid code."""
        if state is None:
            state = self.state_of(self.leave())
        query = {
            "state": state,
            "selling_partner_id": self.seller_ref,
            "spapi_oauth_code": self.fake.code_for(seller=self.seller),
            **values,
        }
        query = {name: value for name, value in query.items() if value is not None}
        return f"{RETURN_ROUTE}?{urlencode(query)}"

    @staticmethod
    def state_of(url):
        return parse_qs(urlsplit(url).query)["state"][0]

    # === WHAT CAME OUT === #

    def stored(self):
        """Everything a refused consent must leave alone, as {table: rows}."""
        self.cr.flush()  # tracking values, too
        tables = {}
        for table in TABLES:
            name = SQL.identifier(table)
            self.cr.execute(SQL("SELECT to_jsonb(%s) FROM %s ORDER BY id", name, name))
            tables[table] = [row for (row,) in self.cr.fetchall()]
        return tables

    def tokens(self, record=None):
        """{name: text} of the secrets stored for a record, decrypted."""
        record = record or self.connection
        secrets = self.root_env["sp.secret"]
        secrets.invalidate_model()
        found = secrets.search([("res_model", "=", record._name), ("res_id", "=", record.id)])
        return {secret.name: secrets._get(record, secret.name) for secret in found}

    def assertSafe(self, page):
        """The page gives nothing away and loads nothing from anywhere."""
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", page.headers["Content-Security-Policy"])
        if page.status == 200:
            self.assertEqual(
                page.tree.xpath("//script | //link | //img | //iframe | //object | //@src"), []
            )
            for address in page.tree.xpath("//@href | //@action"):
                self.assertTrue(address.startswith("/") and not address.startswith("//"), address)

    def assertEnding(self, page, ending):
        """The page says how it ended, at an address without secrets, with all its headers."""
        self.assertEqual((page.status, page.title), (200, str(OUTCOMES[ending][0])))
        self.assertEqual(urlsplit(page.url).query, "")
        self.assertSafe(page)

    def assertRefused(self, url, ending, exchanges=0):
        """Returning to this address ends so, and nothing is stored.

        :param exchanges: how often Login with Amazon is asked
        """
        before, asked = self.stored(), len(self.token_calls())
        page = self.follow(self.visit(url))
        self.assertEnding(page, ending)
        self.assertUnchanged(before)
        self.assertEqual(len(self.token_calls()) - asked, exchanges)
        return page

    def assertUnchanged(self, before):
        """Nothing was stored, changed or deleted since ``before = self.stored()``."""
        after = self.stored()
        for table, rows in before.items():
            self.assertEqual(
                ([row for row in rows if row not in after[table]], []),
                ([], [row for row in after[table] if row not in rows]),
                f"{table}: rows before, rows after",
            )

    def assertConnected(self, connection=None, seller=None):
        connection = connection or self.connection
        connection.invalidate_recordset()
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.selling_partner_ref, (seller or self.seller).selling_partner_id)
        self.assertEqual(set(self.tokens(connection)), {"refresh_token", "access_token"})

    def activities(self, record, kind):
        """Open activities of a type, as the responsible user sees them."""
        type_id = self.root_env.ref(f"sp_connector.mail_activity_type_{kind}").id
        record.invalidate_recordset()
        return record.activity_ids.filtered(lambda one: one.activity_type_id.id == type_id)


class ConnectedCase(ConnectCase):
    """The same with a connected connection."""

    def setUp(self):
        super().setUp()
        self.connect()
        self.assertConnected()

    def outdate_access_token(self):
        """The hour of the stored access token is over."""
        secrets = self.root_env["sp.secret"]
        secrets.search([("name", "=", "access_token")]).expires_at = "2020-01-01"
        self.cr.flush()

    def ask(self, connection=None):
        """Ask Amazon for the reports; return the error, or ``None``.

        (``assertRaises`` of Odoo would take the state back that goes with the error.)
        """
        self.cr.flush()
        connection = connection or self.connection
        # Amazon has time for us; its limits have tests of their own.
        self.root_env["sp.rate.limit"].search([]).unlink()
        self.cr.flush()
        try:
            self.env["sp.client"]._ask(connection, newest_reports)
        except (AmazonError, KeyLost) as error:
            return error
        finally:
            connection.invalidate_recordset()
        return None

    def chatter(self, record=None):
        self.cr.flush()
        record = record or self.connection
        record.invalidate_recordset()
        return " ".join(str(body) for body in record.message_ids.mapped("body"))


class Records(logging.Handler):
    """Keeps every log record as text, with its traceback."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record):
        self.lines.append(self.format(record))


@contextmanager
def every_log_record():
    """Collect what any logger says, whatever levels the configuration sets."""
    handler = Records()
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    levels = {logger: logger.level for logger in [*loggers, logging.root]}
    deaf = [logger for logger in loggers if not logger.propagate]
    # What others would print of all this is nobody's interest.
    quiet = {other: other.level for other in logging.root.handlers}
    for other in quiet:
        other.setLevel(logging.CRITICAL)
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
    logging.root.setLevel(logging.DEBUG)
    for logger in [logging.root, *deaf]:
        logger.addHandler(handler)
    try:
        yield handler.lines
    finally:
        for logger in [logging.root, *deaf]:
            logger.removeHandler(handler)
        for logger, level in levels.items():
            logger.setLevel(level)
        for other, level in quiet.items():
            other.setLevel(level)


def short_timeout(seconds=0.3):
    """Patch: do not wait half a minute for an answer that will not come."""
    return patch.object(transport, "TIMEOUT", (5, seconds))


__all__ = [
    "LOGIN_ROUTE",
    "MANAGER",
    "RESULT_ROUTE",
    "RETURN_ROUTE",
    "USER",
    "AmazonMixin",
    "ConnectCase",
    "ConnectedCase",
    "Page",
    "every_log_record",
    "short_timeout",
]
