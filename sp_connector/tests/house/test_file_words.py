"""What the engine says of files can be said in every language."""

import ast
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import code_translations

from ...engine.errors import Problem, say
from ...models.common import file_words
from ..common import ADDON


def _templates():
    """Yield (where, template) of each sentence of the engine."""
    for path in sorted((ADDON / "engine").rglob("*.py")):
        if "tests" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "say":
                    yield f"{path.name}:{node.lineno}", node.args[0]


@tagged("post_install", "-at_install")
class TestFileWords(TransactionCase):
    def test_each_sentence_of_the_engine_has_words(self):
        said = set()
        for where, template in _templates():
            with self.subTest(where):
                self.assertIsInstance(template, ast.Constant, "translations find literals only")
                self.assertIn(template.value, file_words._BY_TEMPLATE)
                said.add(template.value)
        self.assertEqual(said, set(file_words._BY_TEMPLATE), "words that nothing says")

    def test_a_problem_is_said_in_the_reader_s_language_with_all_it_holds(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = {
            "This is %(kind)s. %(advice)s": "Ceci est %(kind)s. %(advice)s",
            "a PDF": "un PDF",
            "line %(line)s: %(text)s": "ligne %(line)s : %(text)s",
        }
        sentence = say("This is %(kind)s. %(advice)s", kind=say("a PDF"), advice="100 %")
        problem = Problem("not_text", sentence, 7)
        self.assertEqual(str(problem), "line 7: This is a PDF. 100 %")
        with patch.object(
            type(code_translations), "get_python_translations", lambda *_args: french
        ):
            env = self.env(context={"lang": "fr_FR"})
            words = file_words.describe_problem(env, problem)
        self.assertEqual(words, "ligne 7 : Ceci est un PDF. 100 %")
