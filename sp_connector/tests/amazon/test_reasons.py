"""Words for people: each code that the engine or a model raises has some."""

import ast
import inspect

from odoo.tests import tagged

from ...engine import errors
from ...engine.errors import KeyLost, Misconfigured, Rejected, Retryable
from ...models.amazon.reasons import consent_errors, explain, words_of
from ..common import ADDON, SpCase

#: What is raised with a code; Amazon's own codes pass through as well.
_TYPES = {
    name
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.AmazonError)
}


def _raised():
    """Yield (file, code) of every error that is made with a code of ours."""
    for path in [
        *(ADDON / "engine/amazon").glob("*.py"),
        *(ADDON / "models").rglob("*.py"),
        *(ADDON / "wizards").rglob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _TYPES:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield path.name, code.value


@tagged("-at_install", "post_install")
class TestReasons(SpCase):
    def test_every_code_has_words(self):
        raised = set(_raised())
        self.assertGreater(len(raised), 20)
        values = dict.fromkeys(("packed", "problem", "name", "error"), "…")
        for place, code in sorted(raised - {("oauth.py", "bad_callback")}):  # a page of its own
            with self.subTest(place, code=code):
                words = words_of(self.env, Rejected(code, operation="getReports", **values))
                self.assertTrue(words.endswith((".", "…")), words)
                self.assertNotIn("Amazon refused", words)

    def test_amazons_own_code_is_told_with_its_words(self):
        error = Rejected("InvalidInput", "r-1", "InvalidInput: No such thing", "getReports")
        self.assertEqual(
            words_of(self.env, error), "Amazon refused getReports: InvalidInput: No such thing"
        )
        refused = Misconfigured("no_access", said="Unauthorized: denied", operation="getReports")
        self.assertEqual(
            words_of(self.env, refused),
            f"{explain(self.env, 'no_access')[0]} Amazon says: Unauthorized: denied",
        )

    def test_a_developer_reads_code_and_values(self):
        error = Retryable("throttled", "r-1", "QuotaExceeded", "getReports", 45)
        self.assertEqual(
            str(error), "throttled (operation=getReports, request_id=r-1): QuotaExceeded"
        )
        self.assertEqual(words_of(self.env, KeyLost("x")), explain(self.env, "key_lost")[0])

    def test_every_code_of_the_consent_page_says_what_to_do(self):
        for code, what, remedy in consent_errors(self.env):
            self.assertTrue(what.endswith(".") and remedy.endswith("."), code)
