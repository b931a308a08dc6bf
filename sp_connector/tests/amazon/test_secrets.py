"""No secret gets out: not by logs, chatter, errors, pages, exports, RPC or the database.

One long story is played at once: everything a manager does with connections, well and badly, over
real HTTP. Every secret Amazon ever gave or got is then looked for everywhere.
"""

import http.client
import json
from urllib.parse import quote

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import root
from odoo.tools import SQL

from ...engine.errors import AmazonError, KeyLost
from ...engine.tests.wire import Wire
from ..connect_common import (
    RETURN_ROUTE,
    ConnectCase,
    every_log_record,
    newest_reports,
    short_timeout,
)

#: Where ciphertexts may be. States are nowhere: of them there is only a hash.
CIPHERTEXTS = "sp_secret"
#: How much of a secret must not be found: whatever is long enough to be no accident.
PIECE = 16


class TestSecrets(ConnectCase):
    def setUp(self):
        super().setUp()
        self.marks = {}  # secret → what it is
        self.seen = {}  # where → text that came out
        self.errors = []
        self.rpc_ids = iter(range(1, 10_000))

    # === WHAT MUST NOT BE FOUND === #

    def collect_marks(self):
        """Everything secret that Amazon knows of."""
        marks = {secret.value: "client secret" for secret in self.theirs.secrets}
        marks |= dict.fromkeys(self.fake.grants, "refresh token")
        marks |= dict.fromkeys(self.fake.access_tokens, "access token")
        marks |= dict.fromkeys(self.fake.codes, "authorisation code")
        marks |= dict.fromkeys(self.fake.amazon_states, "Amazon's state")
        marks |= self.marks
        kinds = set(marks.values())
        self.assertLessEqual(
            {
                "client secret",
                "refresh token",
                "access token",
                "authorisation code",
                "Amazon's state",
                "state",
                "typed",
                "key",
            },
            kinds,
        )
        return marks

    @staticmethod
    def pieces(mark):
        """The parts of a secret to look for: its head is the same for all of Amazon's tokens."""
        body = mark.rpartition("|")[2].removeprefix("IwEB").rpartition(".")[2]
        middle = len(body) // 2
        return {body[:PIECE], body[middle : middle + PIECE], body[-PIECE:]}

    def ciphertexts(self):
        """What is stored of the secrets, in pieces."""
        self.cr.flush()
        self.cr.execute("SELECT ciphertext FROM sp_secret")
        found = [ciphertext for (ciphertext,) in self.cr.fetchall()]
        self.assertGreaterEqual(len(found), 4)
        return [text[20 : 20 + 2 * PIECE] for text in found]

    def assertNoCiphertextIn(self, text, where):
        for piece in self.ciphertext_pieces:
            self.assertFalse(piece in text, f"a ciphertext is in {where}")

    def assertNothingIn(self, text, where, allowed=()):
        for mark, kind in self.all_marks.items():
            if kind in allowed:
                continue
            for piece in self.pieces(mark):
                for form in {piece, quote(piece, safe="")}:
                    if form in text:
                        at = text.index(form)
                        # Not the secret itself: this message ends up in a log, too.
                        around = text[max(0, at - 200) : at]
                        self.fail(f"A {kind} is in {where}, after: {around}")

    # === THE STORY === #

    def rpc(self, name, method, *args, **kwargs):
        """Call a model's method as the web client does; return result or error as text."""
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": next(self.rpc_ids),
            "params": {"model": name, "method": method, "args": args, "kwargs": kwargs},
        }
        answer = self.send_json("/web/dataset/call_kw", body)
        self.see(f"RPC {name}.{method}", json.dumps(answer))
        if "error" in answer:
            self.errors.append(json.dumps(answer["error"]))
        return answer.get("result")

    def send_json(self, path, body):
        self.cr.flush()
        self.cr.clear()
        with self.allow_requests():
            way = http.client.HTTPConnection("127.0.0.1", self.http_port(), timeout=30)
            cookies = {**self.cookies, **self.opener.cookies.get_dict()}
            headers = {
                "Content-Type": "application/json",
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            }
            way.request("POST", path, json.dumps(body), headers)
            answer = json.loads(way.getresponse().read())
            way.close()
        return answer

    def visit(self, url, data=None, method=None):
        page = super().visit(url, data, method)
        if page.url.startswith(self.base_url()):
            if not page.location:
                self.see("page", page.text)
            elif page.location.startswith(self.base_url()):  # to Amazon, states must go
                self.see("redirect within Odoo", f"{page.location} {page.text}")
        return page

    def leave(self, connection=None, user=None):
        url = super().leave(connection, user)
        self.marks[self.state_of(url)] = "state"
        return url

    def see(self, where, text):
        self.seen.setdefault(where, []).append(text)

    def quietly(self, function, *args):
        """Do something that may be refused; keep what is said."""
        self.cr.flush()
        try:
            with self.cr.savepoint():
                function(*args)
        except (UserError, AccessError, AmazonError, KeyLost) as error:
            self.errors.append(f"{error!r} {error} {error.__cause__!r}")

    def ask(self):
        self.quietly(self.env["sp.client"]._ask, self.connection, newest_reports)

    def play(self):
        """All that people do, well and badly."""
        self.play_application()
        self.play_consents()
        self.play_login()
        self.play_pasted_tokens()
        self.play_trouble()
        self.play_disconnect()
        self.connect()
        self.root_env["sp.secret"]._rotate_keys()
        self.marks |= dict.fromkeys(self.root_env["sp.secret"]._keys(), "key")
        self.connection.action_test()
        self.root_env.ref("sp_connector.ir_cron_daily_watch").method_direct_trigger()

    def play_application(self):
        """Describe the application and rotate its secret in the web client's own words."""
        vals = {
            "name": "Typed",
            "application_ref": "amzn1.sp.solution.typed",
            "client_id": "amzn1.application-oa2-client.typed",
            "client_secret": "typed-secret-0123456789-abcdef",
        }
        self.marks["typed-secret-0123456789-abcdef"] = "typed"
        specification = {"name": {}, "client_secret": {}, "next_client_secret": {}}
        made = self.rpc("sp.application", "web_save", [], vals, specification=specification)
        typed = made[0]["id"]
        self.rpc("sp.application", "onchange", [typed], vals, ["client_secret"], specification)
        self.marks["typed-next-9876543210-fedcba"] = "typed"
        self.rpc(
            "sp.application",
            "write",
            [typed],
            {"next_client_secret": "typed-next-9876543210-fedcba"},
        )
        # Refused: a simulator without hosts; the secret is in the arguments.
        self.rpc("sp.application", "create", [{**vals, "lwa_host": False}])
        self.rpc("sp.application", "action_finish_rotation", [typed])
        self.rpc("sp.application", "unlink", [typed])
        self.application.next_client_secret = self.fake.rotate_secret()

    def play_consents(self):
        self.connect()
        url = self.consent(self.leave())
        for address in (url, url, f"{url}&state=x", self.return_url("forged")):
            self.follow(self.visit(address))
        other = self.fake.add_seller(("DE",))
        self.follow(self.visit(self.consent(self.leave(), other)))
        for kind in ("503", "secret_refused", "html", "400"):
            self.fake.fail("token", kind, times=2)
            self.follow(self.visit(self.return_url()))
            self.fake.clear_faults()
        page = self.follow(self.visit(self.return_url(spapi_oauth_code=None, error="MD1000")))
        again = self.submit(page)
        self.marks[self.state_of(again.location)] = "state"
        url = self.return_url()
        self.sign_in(None)
        self.visit(url)
        self.sign_in(self.manager)
        self.visit(url, method="HEAD")

    def play_login(self):
        start = f"{self.server.url}/apps/authorize/confirm/{self.theirs.application_id}"
        page = self.visit(start)
        page = self.submit(page, seller=self.seller_ref, decision="confirm")
        page = self.submit(self.follow(self.visit(page.location)))
        self.marks[self.state_of(page.location)] = "state"
        self.follow(self.visit(self.visit(page.location).location))

    def play_pasted_tokens(self):
        seller = self.fake.add_seller(("FR",))
        good = self.fake.grant(seller=seller).refresh_token
        for token in ("Atzr|IwEBpasted-and-refused-0123456789", good):
            self.marks[token] = "typed"
            vals = {
                "application_id": self.application.id,
                "company_id": self.company.id,
                "region": "eu",
                "method": "token",
                "selling_partner_ref": seller.selling_partner_id,
                "refresh_token": token,
            }
            made = self.rpc("sp.connect", "web_save", [], vals, specification={"refresh_token": {}})
            self.rpc("sp.connect", "action_connect", [made[0]["id"]])

    def play_trouble(self):
        secrets = self.root_env["sp.secret"]
        for operation in ("token", "getReports"):
            for kind in ("503", "role_missing", "secret_refused", "expired_token", "400", "empty"):
                if operation == "token":
                    secrets.search([("name", "=", "access_token")]).expires_at = "2020-01-01"
                self.fake.fail(operation, kind)
                self.ask()
                self.quietly(self.connection.action_test)
        with short_timeout(0.1):
            self.fake.fail("getReports", "timeout")
            self.ask()

    def play_disconnect(self):
        with Wire() as wire:
            wire.say(500)
            self.change_hosts(revocation_url=f"{wire.url}/revoke")
            action = self.connection.action_disconnect()
            self.rpc("sp.disconnect", "action_check", [action["res_id"]])
            self.rpc("sp.disconnect", "action_disconnect", [action["res_id"]])
            self.assertEqual(len(wire.asked), 1)

    # === THE SEARCH === #

    def test_nothing_secret_gets_out(self):
        with every_log_record() as lines:
            self.play()
            people = self.people()
            self.read_by_rpc(people)
        self.all_marks = self.collect_marks()
        self.ciphertext_pieces = self.ciphertexts()
        self.assertConnected()
        with self.subTest("logs"):
            self.search_logs(lines)
        with self.subTest("pages, redirects, RPC answers"):
            self.assertGreater(len(self.seen["page"]), 8)
            for where, texts in self.seen.items():
                self.assertNothingIn("\n".join(texts), where)
                self.assertNoCiphertextIn("\n".join(texts), where)
        with self.subTest("errors"):
            self.assertGreater(len(self.errors), 10)
            self.assertNothingIn("\n".join(self.errors), "an error")
        with self.subTest("chatter"):
            self.search_chatter()
        with self.subTest("database"):
            self.search_database()
        with self.subTest("sessions"):
            # Amazon's own state waits in the session, on the server, while somebody signs in.
            session = root.session_store.get(self.cookies["session_id"])
            self.assertNothingIn(json.dumps(dict(session)), "the session", ["Amazon's state"])
        for who, user in people.items():
            with self.subTest("records", who=who):
                self.search_records(who, user)
        for who in ("manager", "administrator"):
            with self.subTest("export", who=who):
                self.search_export(people[who])

    def search_logs(self, lines):
        text = "\n".join(lines)
        # The search means something: all those loggers were heard.
        for heard in (
            f"GET {RETURN_ROUTE}?",
            "odoo.service.model DEBUG call sp.application",
            "odoo.service.model DEBUG call sp.connect",
            "odoo.sql_db DEBUG",
            "urllib3.connectionpool DEBUG",
            "POST /auth/o2/token",
            "odoo.http",
        ):
            self.assertIn(heard, text)
        self.assertNothingIn(text, "a log")
        self.assertNotIn("Atzr|", text)
        self.assertNotIn("Atza|", text)
        self.assertNotIn("spapi_oauth_code=", text)

    def search_chatter(self):
        messages = self.root_env["mail.message"].search([("model", "like", "sp.%")])
        self.assertGreater(len(messages), 3)
        tracked = messages.sudo().tracking_value_ids
        self.assertTrue(tracked)
        self.assertNothingIn(
            json.dumps([*messages.read(), *tracked.read()], default=str), "the chatter"
        )

    def search_database(self):
        """Every column of every table as text, as a dump would hold it."""
        self.cr.flush()
        self.cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        tables = [table for (table,) in self.cr.fetchall()]
        self.assertLessEqual({CIPHERTEXTS, "sp_oauth_state", "sp_connect"}, set(tables))
        for table in tables:
            self.cr.execute(SQL("SELECT one::text FROM %s AS one", SQL.identifier(table)))
            text = "\n".join(row for (row,) in self.cr.fetchall())
            self.assertNothingIn(text, f"table {table}")
            if table != CIPHERTEXTS:
                self.assertNoCiphertextIn(text, f"table {table}")

    # === RECORDS, BY EACH ROLE === #

    def people(self):
        administrator = self.make_user("administrator", "base.group_system")
        return {
            "employee": self.make_user("employee", "base.group_user"),
            "bookkeeper": self.bookkeeper,
            "manager": self.manager,
            "administrator": administrator,
            "administrator and manager": self.make_user(
                "both", "base.group_system,sp_connector.sp_connector_group_manager"
            ),
        }

    def read_by_rpc(self, people):
        """Over real HTTP, as each role: everything of our models that may be asked for."""
        names = [name for name in self.registry if name.startswith("sp.")]
        for user in people.values():
            self.sign_in(user)
            for name in names:
                fields = list(self.registry[name]._fields)
                ids = self.rpc(name, "search", []) or []
                self.rpc(name, "search_read", [])
                self.rpc(name, "read", ids, fields)
                self.rpc(name, "web_read", ids, dict.fromkeys(fields, {}))
                self.rpc(name, "web_search_read", [], dict.fromkeys(fields, {}))
                self.rpc(name, "export_data", ids, fields)
                self.rpc(name, "copy_data", ids[:1])
            for method, args in (
                ("read", [[1], ["ciphertext"]]),
                ("search_read", [[], ["ciphertext"]]),
                ("search_count", [[["ciphertext", "like", "gAAAA%"]]]),
                ("formatted_read_group", [[], ["ciphertext"], ["__count"]]),
                ("web_save", [[1], {"ciphertext": "x"}, {"ciphertext": {}}]),
                ("copy", [[1]]),
                ("_get", [[1]]),
                ("_keys", []),
            ):
                self.assertIsNone(self.rpc("sp.secret", method, *args), method)
        self.sign_in(self.manager)

    def search_records(self, who, user):
        """Everything any readable model tells this user, our own models and Odoo's."""
        env = self.env(user=user, context={"allowed_company_ids": self.company.ids})
        read = set()
        for name, model in self.registry.items():
            if model._abstract or not env[name].has_access("read"):
                continue
            ours = name.startswith("sp.")
            for function in (self.all_fields, self.copied) if ours else (self.all_fields,):
                try:
                    with self.cr.savepoint(flush=False):
                        text = function(env[name], None if ours else 40)
                except (AccessError, MissingError, UserError) as error:
                    text = str(error)
                except Exception:
                    if ours:
                        raise
                    continue  # some of Odoo's computed fields want a context of their own
                self.assertNothingIn(text, f"{name}, read by the {who}")
                self.assertNoCiphertextIn(text, name)
                read.add(name)
        self.assertNotIn(CIPHERTEXTS.replace("_", "."), read)
        self.assertNotIn("sp.oauth.state", read)
        if who in ("bookkeeper", "manager", "administrator and manager"):
            self.assertLessEqual({"sp.application", "sp.connection", "mail.message"}, read)
        if who == "manager":
            self.assertLessEqual({"sp.connect", "sp.disconnect"}, read)

    def all_fields(self, model, limit):
        # Pictures and the like by their size: what is stored of them is in the database's turn.
        records = model.with_context(bin_size=True).search([], limit=limit, order="id desc")
        return json.dumps(records.read(), default=str)

    def copied(self, model, _limit):
        if not model.has_access("create"):
            return ""
        text = ""
        for record in model.search([], limit=5):
            text += json.dumps(record.copy_data(), default=str)
        return text

    def search_export(self, user):
        user.group_ids |= self.root_env.ref("base.group_allow_export")
        env = self.env(user=user, context={"allowed_company_ids": self.company.ids})
        for name, model in self.registry.items():
            if name.startswith("sp.") and not model._abstract and env[name].has_access("read"):
                records = env[name].search([])
                names = [".id", *env[name].fields_get()]
                text = json.dumps(records.export_data(names), default=str)
                self.assertNothingIn(text, f"an export of {name}")
                self.assertNoCiphertextIn(text, f"an export of {name}")
