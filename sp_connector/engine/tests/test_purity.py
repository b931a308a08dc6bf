"""The engine is plain Python: it runs, and its tests run, where Odoo is absent."""

import ast
import subprocess
import sys
import unittest
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent
#: urllib3 is what requests itself stands on.
ALLOWED = {*sys.stdlib_module_names, "requests", "urllib3", "cryptography"}


def files():
    return sorted(ENGINE.rglob("*.py"))


def imports(tree):
    """Yield (line, dotted name or None for a relative import, its level) of all imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, 0
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "", node.level
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("__import__", "import_module") and node.args:
                yield node.lineno, getattr(node.args[0], "value", "?"), 0


class TestImports(unittest.TestCase):
    def test_all_files_are_looked_at(self):
        names = {path.name for path in files()}
        self.assertLessEqual({"flat_file.py", "summary.py", "test_purity.py"}, names)

    def test_standard_library_and_three_libraries_only(self):
        for path in files():
            for line, name, level in imports(ast.parse(path.read_text("utf-8"))):
                if not level:
                    self.assertIn(name.split(".")[0], ALLOWED, f"{path.name}:{line}")

    def test_relative_imports_stay_in_the_engine(self):
        """``from ... import x`` would reach the addon, which is Odoo's."""
        for path in files():
            depth = len(path.relative_to(ENGINE).parts)
            for line, _name, level in imports(ast.parse(path.read_text("utf-8"))):
                self.assertLessEqual(level, depth, f"{path.name}:{line}")

    def test_no_float_for_money(self):
        """No call of float() and no literal with a point, the tests included."""
        for path in files():
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                where = f"{path.name}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    self.assertNotEqual(node.func.id, "float", where)
                if isinstance(node, ast.Constant) and "tests" not in path.parts:
                    self.assertNotIsInstance(node.value, float, where)


class TestWithoutOdoo(unittest.TestCase):
    #: It imports odoo on purpose, at its end: to prove that nothing had been able to.
    PROGRAM = """
import importlib, pkgutil, sys
sys.dont_write_bytecode = True
sys.modules["odoo"] = None  # importing it fails from here on
sys.path.insert(0, sys.argv[1])
import engine
for module in pkgutil.walk_packages(engine.__path__, "engine."):
    importlib.import_module(module.name)
from engine.tests import golden
for stem, (name, data) in golden.inputs().items():
    golden.render(name, data)
# Odoo must be out of reach here, or nothing is proved.
try:
    import odoo
except ImportError:
    print(len([name for name in sys.modules if name.startswith("engine.")]))
"""

    def test_all_modules_run_in_a_fresh_interpreter(self):
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-W",
                "error::ResourceWarning",
                "-c",
                self.PROGRAM,
                ENGINE.parent,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(int(done.stdout), 15)
