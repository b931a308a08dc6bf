"""No text that people read is outside translation: neither in Python nor in JavaScript.

What is in views, templates and fields Odoo takes up by itself; pylint looks at what is raised.
"""

import ast
import re

from odoo.tests import TransactionCase, tagged

from ..common import ADDON

#: Keys of dictionaries whose value people read, and arguments of the same names.
_READ = {"title", "message", "name", "body", "summary", "note", "label", "help", "subject"}
#: A text: two words at least, the first with a capital letter.
_TEXT = re.compile(r"^[A-Z][\w’']*[ ,:]+\w+")
#: Python that has no text for people: what the command line prints is English.
_ROOMS = ("models", "wizards", "controllers")


def _plain(node):
    """The texts of an expression that are literals, also within an f-string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _plain(value)]
    return []


def _read_texts(tree):
    """Yield (line, text) of literals where people read them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in _READ:
                    yield from ((value.lineno, text) for text in _plain(value))
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in (
                "message_post",
                "activity_schedule",
                "_message_log",
                "_get_records_action",
            ):
                for keyword in node.keywords:
                    if keyword.arg in _READ:
                        yield from ((keyword.lineno, text) for text in _plain(keyword.value))


@tagged("post_install", "-at_install")
class TestTranslated(TransactionCase):
    def test_python_translates_what_people_read(self):
        found = []
        for room in _ROOMS:
            for path in sorted((ADDON / room).rglob("*.py")):
                for line, text in _read_texts(ast.parse(path.read_text())):
                    if _TEXT.match(text):
                        found.append(f"{path.relative_to(ADDON)}:{line}: {text}")
        self.assertEqual(found, [])

    def test_javascript_translates_what_people_read(self):
        found = []
        literal = re.compile(r"""(?<!_t\()(["'`])([A-Z][^"'`\n]*)\1""")
        for path in sorted((ADDON / "static" / "src").rglob("*.js")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if line.lstrip().startswith(("import", "*", "//", "/*")):
                    continue
                for _quote, text in literal.findall(line):
                    if _TEXT.match(text):
                        found.append(f"{path.relative_to(ADDON)}:{number}: {text}")
        self.assertEqual(found, [])

    def test_it_sees_what_is_not_translated(self):
        code = 'x = {"title": "Not this way", "name": self.env._("That way"), "key": "Not read"}'
        self.assertEqual([text for _line, text in _read_texts(ast.parse(code))], ["Not this way"])
