"""The simulator over real HTTP, its faults of the wire, its command, its contract."""

import http.client
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import skipUnless
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import requests

from ..fake_amazon import FakeAmazon, FakeAmazonServer, in_process
from ..fake_amazon.contract import OPERATIONS, SCHEMAS, ContractError
from .test_fake_amazon import NOW, PARTICIPATIONS, REPORTS, V2, FakeAmazonCase, settlement

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent.parent
#: A folder of Amazon's published API models (GitHub: amzn/selling-partner-api-models).
MODELS = Path(os.environ.get("SP_CONNECTOR_API_MODELS", os.devnull))
COMMAND = ROOT / "bin" / "fake-amazon"
#: Another Python that has python-amazon-sp-api, where the one of the tests has not.
CLIENT_PYTHON = os.environ.get("SP_API_PYTHON") or sys.executable


HAS_NODE = bool(os.environ.get("NODE_PATH") and shutil.which("node"))
HAS_CLIENT = bool(os.environ.get("SP_API_PYTHON") or importlib.util.find_spec("sp_api"))


class TestServer(FakeAmazonCase):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FakeAmazonServer(self.fake))

    def get(self, path, token, timeout=5):
        """GET over a socket of our own; return status, headers and body."""
        target = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(target.hostname, target.port, timeout=timeout)
        self.addCleanup(connection.close)
        headers = {"User-Agent": "Test", "x-amz-access-token": token}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def test_answers_and_addresses(self):
        token = self.access_token()
        report = self.fake.add_report(settlement())
        status, headers, body = self.get(f"/eu{PARTICIPATIONS}", token)
        self.assertEqual((status, len(json.loads(body)["payload"])), (200, 5))
        self.assertTrue(headers["x-amzn-RequestId"])
        path = f"/eu/reports/2021-06-30/documents/{report.report_document_id}"
        url = json.loads(self.get(path, token)[2])["url"]
        self.assertTrue(url.startswith(self.server.url), url)
        with urlopen(url, timeout=5) as answer:
            self.assertEqual(answer.read(), report.packed)

    def test_faults_of_the_wire(self):
        token, path = self.access_token(), f"/eu{PARTICIPATIONS}"
        self.fake.fail("getMarketplaceParticipations", "reset")
        with self.assertRaises(ConnectionResetError):
            self.get(path, token)
        self.fake.fail("getMarketplaceParticipations", "timeout")
        with self.assertRaises(TimeoutError):
            self.get(path, token, timeout=0.2)
        self.fake.fail("getMarketplaceParticipations", "cut")
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError)):
            self.get(path, token)
        self.fake.fail("getMarketplaceParticipations", "slow", seconds=0.1)
        before = time.monotonic()
        self.assertEqual(self.get(path, token)[0], 200)
        self.assertGreater(time.monotonic() - before, 0.1)
        seen = [(call.fault, call.status) for call in self.fake.calls[-4:]]
        wire = [("reset", None), ("timeout", None), ("cut", None), ("slow", 200)]
        self.assertEqual(seen, wire)

    def test_control_is_off_unless_asked_for(self):
        self.assertEqual(self.client.get("/_control").status_code, 404)
        self.fake.has_control = True
        state = self.client.get("/_control").json
        self.assertEqual(state["hosts"]["eu"], f"{self.server.url}/eu")
        answer = self.client.post("/_control/advance", json={"seconds": 60})
        self.assertEqual(answer.json, {"result": None})
        self.assertEqual((self.fake.clock() - NOW).total_seconds(), 60)
        self.assertEqual(self.client.post("/_control/advance", data="{}").status_code, 400)
        wrong = self.client.post("/_control/fail", json={"operation": "token", "kind": "no"})
        self.assertIn("No kind of fault", wrong.json["error"])
        self.assertEqual(self.client.post("/_control/hosts", json={}).status_code, 404)
        self.client.post("/_control/add_report", json={"content": settlement()})
        self.assertEqual(self.client.get("/_control").json["sellers"][0]["reports"], 1)
        self.assertTrue(self.client.post("/_control/grant", json={}).json["result"])

    @skipUnless(HAS_CLIENT, "python-amazon-sp-api is not installed")
    def test_independent_client(self):
        """It authorises, lists marketplaces and reports, and downloads a document."""
        landing = f"{self.server.url}/apps/landing"
        self.fake.update_application(redirect_uris=[landing])
        reports = [self.fake.add_report(settlement(number)) for number in (1, 2)]
        amazon = {
            "lwa": self.server.url,
            "seller_central": self.server.url,
            "hosts": self.fake.hosts(),
            "client_id": self.application.client_id,
            "client_secret": self.application.client_secret,
            "application_id": self.application.application_id,
            "redirect_uri": landing,
            "selling_partner_id": self.seller.selling_partner_id,
        }
        script = TESTS / "fake_amazon" / "independent_client.py"
        ran = subprocess.run(
            [CLIENT_PYTHON, "-W", "ignore", str(script)],
            input=json.dumps(amazon),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        seen = json.loads(ran.stdout)
        self.assertEqual(seen["plan"], "PROFESSIONAL")
        self.assertEqual(seen["wrong_region"], 403)
        self.assertIn("A1PA6795UKMFR9", seen["marketplaces"])
        self.assertEqual(set(seen["reports"]), {report.report_id for report in reports})
        self.assertIn(seen["document"], (settlement(1), settlement(2)))
        self.assertEqual(seen["report"], seen["reports"][0])


@skipUnless(HAS_NODE, "node with the packages of tools/node_clients is not here (NODE_PATH)")
class TestNodeClients(FakeAmazonCase):
    """Clients of npm, which send JSON to LWA and know nothing of the simulator."""

    def setUp(self):
        super().setUp()
        server = self.enterContext(FakeAmazonServer(self.fake))
        self.reports = [self.fake.add_report(settlement(number)) for number in (1, 2)]
        private = self.fake.add_application(is_private=True)
        self.amazon = {
            "lwa": server.url,
            "client_id": private.client_id,
            "client_secret": private.client_secret,
            "refresh_token": self.fake.self_authorize(private).refresh_token,
        }

    def run_client(self, name):
        """Run a client in a process of its own; return what it saw."""
        script = TESTS / "fake_amazon" / "clients" / f"{name}.cjs"
        # Odoo limits the memory of its processes and their children; node reserves far more.
        ran = subprocess.run(
            ["sh", "-c", 'ulimit -S -v "$(ulimit -H -v)"; exec node "$0"', str(script)],
            input=json.dumps(self.amazon),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        seen = json.loads(ran.stdout)
        self.assertEqual(set(seen["reports"]), {report.report_id for report in self.reports})
        self.assertIn(seen["document"], (settlement(1), settlement(2)))
        return seen

    def test_amazon_sp_api(self):
        seen = self.run_client("amazon_sp_api")
        self.assertIn("A1PA6795UKMFR9", seen["marketplaces"])

    def test_sp_api_sdk(self):
        seen = self.run_client("sp_api_sdk")
        self.assertEqual(seen["report"], seen["reports"][0])


class TestInProcess(FakeAmazonCase):
    def get(self):
        headers = {"User-Agent": "Test", "x-amz-access-token": self.access_token()}
        url = f"{self.fake.base_url}/eu{PARTICIPATIONS}"
        with in_process(self.fake):
            return requests.get(url, headers=headers, timeout=10)

    def test_requests_reaches_the_fake_without_a_port(self):
        self.assertEqual(len(self.get().json()["payload"]), 5)
        form = {"grant_type": "refresh_token", "client_id": "x"}
        with in_process(self.fake):
            answer = requests.post(f"{self.fake.base_url}/auth/o2/token", form, timeout=10)
        self.assertEqual(answer.json()["error"], "invalid_request")

    def test_faults_of_the_wire_take_no_time(self):
        for kind, error in (
            ("timeout", requests.exceptions.ReadTimeout),
            ("reset", requests.exceptions.ConnectionError),
            ("cut", requests.exceptions.ChunkedEncodingError),
        ):
            with self.subTest(kind):
                self.fake.fail("getMarketplaceParticipations", kind)
                with self.assertRaises(error):
                    self.get()
        self.fake.fail("getMarketplaceParticipations", "slow", seconds=11)
        with self.assertRaises(requests.exceptions.ReadTimeout):
            self.get()
        self.fake.fail("getMarketplaceParticipations", "slow", seconds=9)
        self.assertEqual(self.get().status_code, 200)


class TestFaults(FakeAmazonCase):
    def status(self, token):
        return self.call(PARTICIPATIONS, token).status_code

    def test_times_after_seller(self):
        token = self.access_token()
        theirs = self.access_token(self.fake.grant(seller=self.fake.add_seller(("IT",))))
        mine = self.seller.selling_partner_id
        self.fake.fail("getMarketplaceParticipations", "500", 2, seller=mine, after=1)
        self.assertEqual(self.status(theirs), 200)
        self.assertEqual([self.status(token) for _call in range(4)], [200, 500, 500, 200])
        self.fake.fail("*", "503", None)
        self.assertEqual(self.status(token), 503)
        self.fake.clear_faults()
        self.assertEqual(self.status(token), 200)

    def test_chance_is_reproducible(self):
        def run():
            fake = FakeAmazon(clock=NOW, seed=3)
            fake.fail("token", "500", None, chance=0.5)
            return [fake.faults.take("token") is not None for _call in range(50)]

        first = run()
        self.assertEqual(first, run())
        self.assertTrue(any(first) and not all(first))

    def test_replaced_answers(self):
        token = self.access_token()
        for kind, status, code in (
            ("429", 429, "QuotaExceeded"),
            ("500", 500, "InternalFailure"),
            ("404", 404, "NotFound"),
            ("400", 400, "InvalidInput"),
            ("revoked", 403, "Unauthorized"),
            ("role_missing", 403, "Unauthorized"),
            ("expired_token", 403, "Unauthorized"),
            ("secret_refused", 403, "Unauthorized"),
        ):
            self.fake.fail("getMarketplaceParticipations", kind)
            self.assertRefused(self.call(PARTICIPATIONS, token), status, code)
        for kind, status, start in (
            ("503", 503, "<html>"),
            ("html", 200, "<html>"),
            ("empty", 200, ""),
        ):
            self.fake.fail("getMarketplaceParticipations", kind)
            answer = self.call(PARTICIPATIONS, token)
            self.assertEqual((answer.status_code, answer.text[:6]), (status, start))
        grant = self.fake.grant()
        for kind, status in (("revoked", 400), ("secret_refused", 401), ("500", 500)):
            self.fake.fail("token", kind)
            answer = self.token(grant_type="refresh_token", refresh_token=grant.refresh_token)
            self.assertEqual(answer[0], status)

    def test_an_answer_can_be_lost_after_the_work_is_done(self):
        code = self.fake.code_for()
        self.fake.fail("token", "reset", done=True)
        with self.assertRaises(ConnectionResetError):
            self.token(grant_type="authorization_code", code=code)
        self.assertEqual(self.token(grant_type="authorization_code", code=code)[0], 400)

    def test_typing_mistakes_are_refused(self):
        for wrong in (("getreports", "500"), ("getReports", "nothing"), ("token", "shift")):
            with self.assertRaises(ValueError):
                self.fake.fail(*wrong)
        with self.assertRaises(TypeError):
            self.fake.set_options(nothing=True)

    def test_records_hold_no_secrets(self):
        grant, code = self.fake.grant(), self.fake.code_for()
        token = self.access_token(grant)
        self.token(grant_type="authorization_code", code=code)
        self.call(PARTICIPATIONS, token)
        query = {"application_id": self.application.application_id, "state": "my-state"}
        self.client.get("/apps/authorize/consent", query_string=query)
        text = repr(self.fake.calls)
        for secret in (
            grant.refresh_token,
            code,
            token,
            "my-state",
            self.application.client_secret,
        ):
            self.assertNotIn(secret, text)
        self.assertEqual(self.fake.calls[0].grant_type, "refresh_token")
        self.assertEqual(self.fake.calls[0].seller, self.seller.selling_partner_id)

    def test_the_same_seed_gives_the_same_ids(self):
        def run(seed):
            fake = FakeAmazon(clock=NOW, seed=seed)
            fake.add_application([""])
            fake.add_seller()
            return fake.grant().refresh_token, fake.add_report("").report_document_id

        self.assertEqual(run(1), run(1))
        self.assertNotEqual(run(1), run(2))


@skipUnless(COMMAND.exists(), "the addon was installed without its bin folder")
class TestCommand(FakeAmazonCase):
    def start(self, *arguments):
        """Start the command; return what it printed."""
        # The Python of the tests first: it has werkzeug.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        process = subprocess.Popen(
            [str(COMMAND), "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PATH": path},
        )

        def stop():
            process.terminate()
            process.wait()
            process.stdout.close()

        self.addCleanup(stop)
        return json.loads(process.stdout.readline())

    @skipUnless(shutil.which("sh"), "no shell")
    def test_one_line_is_enough_for_a_client(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        for number, end in enumerate(("2026-05-20", "2018-01-31")):
            Path(folder, f"{number}.txt").write_text(settlement(number, end))
        amazon = self.start("--files", f"{folder}/*.txt", "--control", "--seed", "5")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": amazon["refresh_token"],
            "client_id": amazon["client_id"],
            "client_secret": amazon["client_secret"],
        }
        answer = requests.post(f"{amazon['lwa']}/auth/o2/token", form, timeout=10)
        headers = {"User-Agent": "Test", "x-amz-access-token": answer.json()["access_token"]}
        url = f"{amazon['hosts'][amazon['region']]}{REPORTS}?reportTypes={V2}"
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            self.assertEqual(len(json.load(answer)["reports"]), 2)
        with urlopen(f"{amazon['lwa']}/_control", timeout=10) as answer:
            self.assertEqual(json.load(answer)["counts"]["getReports"], {"200": 1})


class TestContract(FakeAmazonCase):
    def test_an_answer_out_of_contract_is_noticed(self):
        report = {"reportId": "1", "reportType": V2, "createdTime": "now", "extra": 1}
        with self.assertRaises(ContractError) as caught:
            OPERATIONS["getReport"].check_answer(200, report)
        for words in (".processingStatus is missing", ".extra is unknown", "no time"):
            self.assertIn(words, str(caught.exception))
        with self.assertRaises(ContractError):
            OPERATIONS["getReport"].check_answer(418, {})

    @skipUnless(MODELS.is_dir(), "SP_CONNECTOR_API_MODELS names no folder")
    def test_schemas_are_amazon_s(self):
        files = {"sellers_v1.json": "sellers.json"}
        seen = set()
        for path in sorted(SCHEMAS.glob("*.json")):
            ours = json.loads(path.read_text())
            model = json.loads((MODELS / files.get(path.name, path.name)).read_text())
            for name, operation in ours["operations"].items():
                with self.subTest(name):
                    self.assertEqual(operation, self.published(model, name))
                seen.add(name)
            for name, definition in ours["definitions"].items():
                with self.subTest(name):
                    self.assertEqual(definition, bare(model["definitions"][name]))
        self.assertEqual(seen, set(OPERATIONS))

    def published(self, model, name):
        """Return an operation of Amazon's model in the form of our schemas."""
        ((path, method, operation),) = (
            (path, method, operation)
            for path, methods in model["paths"].items()
            for method, operation in methods.items()
            if method != "parameters" and operation["operationId"] == name
        )
        rate, burst = re.search(r"\| ([0-9.]+) \| ([0-9]+) \|", operation["description"]).groups()
        parameters = {one["name"]: bare(one) for one in operation["parameters"]}
        for one in parameters.values():
            del one["name"]
        answers = operation["responses"].items()
        return {
            "method": method.upper(),
            "path": path,
            "rate": float(rate),
            "burst": int(burst),
            "parameters": parameters,
            "answers": {
                status: answer["schema"]["$ref"].rpartition("/")[2] for status, answer in answers
            },
        }


def bare(schema):
    """Return a schema of Amazon's without what is written for people.

    A property may be called ``description``, too: that one is no text.
    """
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    words = {"description", "x-docgen-enum-table-extension"}
    return {
        name: bare(value)
        for name, value in schema.items()
        if name not in words or isinstance(value, dict)
    }
