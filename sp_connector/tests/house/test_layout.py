"""The house rules that a reader relies on and that no other tool checks."""

import ast
import importlib
import inspect
import re
import unittest

from lxml import etree

from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tests.loader import get_test_modules

from ..common import ADDON

TESTS = ADDON / "tests"
MAX_LINES = 500
MAX_FILES = 15
#: Which rooms of the engine a room may use; all may use the files that stand beside the rooms.
FLOORS = {
    "words": set(),
    "files": {"words"},
    "lines": {"words", "files"},
    "cost": {"words", "files"},
    "books": {"words", "files", "lines", "cost"},
    "bank": set(),
    "amazon": set(),
    "accrual": {"words", "files", "lines", "books", "amazon"},
    "invoices": {"words", "lines", "books"},
}
#: The folders that have rooms.
ROOMS = ("engine", "models", "tests", "views", "wizards")
#: Menus, and pages that are no views of a model.
COMMON_STEMS = {"sp_connector_menus", "oauth_templates"}


def _python_files(*but):
    for path in sorted(ADDON.rglob("*.py")):
        if not any(folder in path.relative_to(ADDON).as_posix() for folder in but):
            yield path


def _imported(package):
    """The names that ``from . import name`` binds in a package's __init__.py.

    ``from .room import *`` binds what the room binds.
    """
    names = []
    for node in ast.parse((package / "__init__.py").read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            for alias in node.names:
                names += _imported(package / node.module) if alias.name == "*" else [alias.name]
    return names


def _module(path):
    inner = path.relative_to(ADDON).with_suffix("").parts
    return importlib.import_module(".".join(("odoo.addons.sp_connector", *inner)))


def _calls(path):
    """Yield (line, dotted name) of every call in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


@tagged("-at_install", "post_install")
class TestTestsRun(BaseCase):
    """Odoo's runner passes over files, classes and doctests without a word."""

    def test_every_test_file_is_imported(self):
        files = [path.stem for path in TESTS.rglob("test_*.py")]
        self.assertEqual(len(files), len(set(files)), "one name hides another")
        self.assertEqual(set(files) - set(_imported(TESTS)), set())
        seen = {module.__name__ for module in get_test_modules(ADDON.name)}
        self.assertEqual(seen, {module.__name__ for _path, module in self._modules()})

    def _modules(self):
        for path in sorted(TESTS.rglob("test_*.py")):
            yield path, _module(path)

    def test_every_test_class_is_one_of_odoo_s(self):
        count = 0
        for path, module in self._modules():
            for name, case in inspect.getmembers(module, inspect.isclass):
                if case.__module__ != module.__name__:
                    continue
                methods = [method for method in vars(case) if method.startswith("test")]
                if issubclass(case, unittest.TestCase):
                    self.assertTrue(issubclass(case, BaseCase), f"{path.name}: {name}")
                    count += 1
                else:
                    self.assertEqual(methods, [], f"{path.name}: {name} is no test case")
        self.assertGreater(count, 10)

    def test_inherited_tests_are_not_lost(self):
        """Odoo runs the test methods in the class itself, unless the class says otherwise."""
        for path, module in self._modules():
            for name, case in inspect.getmembers(module, inspect.isclass):
                if case.__module__ != module.__name__ or not issubclass(case, unittest.TestCase):
                    continue
                everything = unittest.TestLoader().getTestCaseNames(case)
                if not getattr(case, "allow_inherited_tests_method", False):
                    own = {method for method in vars(case) if method in everything}
                    self.assertEqual(set(everything), own, f"{path.name}: {name}")

    def test_no_test_stands_outside_a_class(self):
        for path in TESTS.rglob("test_*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef):
                    self.assertFalse(node.name.startswith("test"), f"{path.name}: {node.name}")

    def test_no_test_method_hides_another_of_its_name(self):
        for path in [*TESTS.rglob("test_*.py"), *(ADDON / "engine/tests").rglob("test_*.py")]:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    names = [part.name for part in node.body if isinstance(part, ast.FunctionDef)]
                    self.assertEqual(len(names), len(set(names)), f"{path.name}: {node.name}")

    def test_no_doctests(self):
        for path in _python_files():
            self.assertNotRegex(path.read_text(), r"(?m)^\s*>>" + "> ", path.name)


@tagged("-at_install", "post_install")
class TestSource(BaseCase):
    def test_files_can_be_read_in_one_sitting(self):
        for path in _python_files():
            lines = len(path.read_text().splitlines())
            self.assertLessEqual(lines, MAX_LINES, path.relative_to(ADDON))

    def test_a_room_can_be_overlooked(self):
        rooms = [path for folder in ROOMS for path in (ADDON / folder).iterdir() if path.is_dir()]
        self.assertGreater(len(rooms), 20)
        for room in rooms:
            if room.name in ("fake_amazon", "golden", "samples", "__pycache__"):
                continue  # a program of its own, data, and what Python keeps of former files
            files = {path.stem for path in room.glob("*.*")} - {"__init__"}
            self.assertLessEqual(len(files), MAX_FILES, room.relative_to(ADDON))

    def test_the_rooms_of_the_engine_use_those_below_them(self):
        engine = ADDON / "engine"
        rooms = {path.parent.name for path in engine.glob("*/__init__.py")} - {"tests"}
        self.assertEqual(rooms, set(FLOORS))
        for room in rooms:
            for path in (engine / room).glob("*.py"):
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.ImportFrom) and node.level:
                        self.assertLessEqual(node.level, 2, path)
                        if node.level == 2 and (used := node.module.partition(".")[0]) in rooms:
                            self.assertIn(used, FLOORS[room], f"{room}/{path.name}:{node.lineno}")

    def test_no_float_in_the_engine(self):
        for path in (ADDON / "engine").rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node, "id", None)
                self.assertNotEqual(name, "float", f"{path.name}:{getattr(node, 'lineno', '')}")

    def test_the_engine_does_not_know_odoo(self):
        for path in (ADDON / "engine").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module]
                for name in names:
                    self.assertNotEqual(name.partition(".")[0], "odoo", path.name)

    def test_nothing_prints_commits_or_sleeps(self):
        forbidden = re.compile(r"print|(.*\.)?cr\.(commit|rollback)|(time\.)?sleep")
        for path in _python_files("tests/"):
            for line, call in _calls(path):
                self.assertIsNone(
                    forbidden.fullmatch(call), f"{path.relative_to(ADDON)}:{line}: {call}"
                )

    def test_one_file_speaks_http(self):
        """Whatever else asked Amazon would not be counted, and its session not be closed."""
        found = {
            path.name
            for folder in ("models", "wizards", "controllers")
            for path in (ADDON / folder).rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import)
            and any(alias.name.partition(".")[0] in ("requests", "urllib3") for alias in node.names)
        }
        self.assertEqual(found, {"sp_client.py"})

    def test_every_model_file_is_imported(self):
        for folder in ("models", "wizards"):
            rooms = {path.parent for path in (ADDON / folder).glob("*/__init__.py")}
            self.assertEqual({room.name for room in rooms}, set(_imported(ADDON / folder)), folder)
            for room in rooms:
                files = {path.stem for path in room.glob("*.py")} - {"__init__"}
                self.assertEqual(files, set(_imported(room)), room.relative_to(ADDON))

    def test_the_manifest_lists_every_data_file_once(self):
        manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text())
        listed = manifest["data"] + manifest.get("demo", [])
        self.assertEqual(len(listed), len(set(listed)))
        found = {
            path.relative_to(ADDON).as_posix()
            for folder in ("data", "demo", "engine/words", "security", "views", "wizards")
            for pattern in ("*.xml", "*.csv")
            for path in (ADDON / folder).rglob(pattern)
            # Odoo loads a CSV into the model it is named after; others are tables for our code.
            if path.suffix != ".csv" or "." in path.stem
        }
        self.assertEqual(set(listed), found)


@tagged("-at_install", "post_install")
class TestNames(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = {
            name: cls.env[name]
            for name, model in cls.env.registry.items()
            if model._original_module == "sp_connector"
        }
        cls.files = sorted([*(ADDON / "views").rglob("*.xml"), *(ADDON / "wizards").rglob("*.xml")])

    def _declared(self):
        """Yield (path, class) of every model class in this addon's files."""
        for folder in ("models", "wizards"):
            for path in sorted((ADDON / folder).rglob("*.py")):
                module = _module(path)
                for _name, cls in inspect.getmembers(module, inspect.isclass):
                    if cls.__module__ == module.__name__ and hasattr(cls, "_register"):
                        yield path, cls

    def test_nobody_else_declares_our_models(self):
        """Two modules with one model name replace each other silently."""
        declared = {
            cls._name
            for _path, cls in self._declared()
            if "_name" in vars(cls) and "_inherit" not in vars(cls) or cls._name in self.models
        }
        declared = {name for name in declared if name}
        self.assertGreater(len(declared), 5)
        for name in declared:
            self.assertTrue(name.startswith("sp."), name)
            self.assertEqual(self.env[name]._original_module, "sp_connector", name)
        self.assertEqual(declared, set(self.models))

    def test_models_stand_in_files_of_their_names(self):
        for path, cls in self._declared():
            inherit = vars(cls).get("_inherit")
            name = vars(cls).get("_name") or (inherit if isinstance(inherit, str) else None)
            stem = name.replace(".", "_")
            self.assertTrue(
                path.stem.startswith(stem) or stem.startswith(f"{path.stem}_"),
                f"{name} stands in {path.name}",
            )

    def test_fields_of_other_modules_models_carry_our_prefix(self):
        for _path, cls in self._declared():
            name = vars(cls).get("_name") or vars(cls).get("_inherit")
            if isinstance(name, str) and name not in self.models:
                for field in self.env[name]._fields.values():
                    if field._module == "sp_connector":
                        self.assertTrue(field.name.startswith("sp_"), f"{name}.{field.name}")

    def test_people_read_amazon_in_every_name(self):
        for name, model in self.models.items():
            self.assertIn("Amazon", model._description, name)

    def test_views_stand_in_files_of_their_model(self):
        stems = {name.replace(".", "_") for name in self.env.registry}
        for path in self.files:
            if path.stem in COMMON_STEMS:
                continue
            stem = path.stem.removesuffix("_views")
            self.assertTrue(path.stem.endswith("_views"), path.name)
            # A large model has several files: sp_connection, sp_connection_kanban.
            owners = [name for name in stems if f"{stem}_".startswith(f"{name}_")]
            self.assertTrue(owners, path.name)
            stem = max(owners, key=len)
            for record in etree.parse(path).iterfind(".//record"):
                fields = {field.get("name"): field for field in record.iterfind("field")}
                model = fields.get("model", fields.get("res_model"))
                if record.get("model") in ("ir.ui.view", "ir.actions.act_window"):
                    # The items of an entry stand with the entry, as in Odoo.
                    self.assertTrue(model.text.replace(".", "_").startswith(stem), record.get("id"))

    def test_xml_ids_follow_one_pattern(self):
        types = "list|form|search|kanban|graph|pivot|activity"
        seen = 0
        for path in self.files:
            for element in etree.parse(path).iter("record", "menuitem"):
                xmlid, kind = element.get("id"), element.get("model", "menuitem")
                fields = {field.get("name"): field for field in element.iterfind("field")}
                seen += 1
                with self.subTest(xmlid):
                    original = fields["inherit_id"].get("ref") if "inherit_id" in fields else ""
                    if original and "." not in original:
                        # A part of a large view of ours stands in a file of its own.
                        self.assertRegex(xmlid, f"^{original}_[a-z]+$")
                        part = xmlid.removeprefix(original)[1:]
                        self.assertTrue(fields["name"].text.endswith(f".view.form.{part}"))
                    elif original:
                        self.assertEqual(xmlid, original.partition(".")[2])
                        self.assertTrue(fields["name"].text.endswith(".inherit.sp_connector"))
                    elif kind == "ir.ui.view":
                        stem = fields["model"].text.replace(".", "_")
                        self.assertRegex(xmlid, f"^{stem}_view_({types})(_[a-z]+)*$")
                        name = xmlid.replace("_view_", ".view.").split(".view.")
                        self.assertTrue(
                            fields["name"].text.startswith(fields["model"].text + ".view."), name
                        )
                    elif kind == "ir.actions.act_window":
                        stem = fields["res_model"].text.replace(".", "_")
                        self.assertRegex(xmlid, f"^{stem}_action(_[a-z_]+)?$")
                    elif kind == "menuitem" and element.get("action"):
                        stem = element.get("action").partition("_action")[0]
                        self.assertRegex(xmlid, f"^{stem}_menu(_[a-z_]+)?$")
                    elif kind == "menuitem":
                        self.assertRegex(xmlid, "^sp_connector_menu_[a-z]+$")
        self.assertGreater(seen, 20)

    def test_every_model_has_an_access_line(self):
        lines = self.env["ir.model.access"].search([("model_id.model", "in", list(self.models))])
        covered = {line.model_id.model for line in lines if line.group_id}
        concrete = {name for name, model in self.models.items() if not model._abstract}
        self.assertEqual(covered, concrete)
        self.assertFalse(lines.filtered(lambda line: not line.group_id), "open to everybody")
        ids = lines.get_external_id()
        for line in lines:
            self.assertRegex(
                ids[line.id],
                rf"^sp_connector\.access_{line.model_id.model.replace('.', '_')}_[a-z]+$",
            )

    def test_every_model_of_a_company_has_a_record_rule(self):
        for name, model in self.models.items():
            if "company_id" in model._fields and not model._transient and not model._abstract:
                rules = self.env["ir.rule"].search([("model_id.model", "=", name)])
                self.assertTrue(rules, name)
                for rule in rules:
                    self.assertIn("company_ids", rule.domain_force, rule.name)
                    self.assertFalse(rule.groups, f"{rule.name} must bind every group")
                for mode in ("read", "write", "create", "unlink"):
                    self.assertTrue(rules.filtered(f"perm_{mode}"), f"{name}: {mode}")
