"""The engine's own tests, run inside Odoo too: with its Python, its locale, its decimal context.

Odoo's runner looks for classes of its own kind that stand in this module, and for test methods
that stand in the class itself; hence one class each is made here.
"""

import importlib
import inspect
import unittest
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ...engine import tests

FOLDER = Path(tests.__file__).parent


def _module(path):
    inner = path.relative_to(FOLDER).with_suffix("").parts
    return importlib.import_module(".".join((tests.__name__, *inner)))


def _find_cases():
    """Yield every TestCase of the engine, as unittest's discovery would find them."""
    for path in sorted(FOLDER.rglob("test_*.py")):
        module = _module(path)
        for name, case in inspect.getmembers(module, inspect.isclass):
            if issubclass(case, unittest.TestCase) and case.__module__ == module.__name__:
                yield path.stem, name, case


def _wrap(stem, name, case):
    wrapper = f"Test{stem.removeprefix('test_').title().replace('_', '')}{name}"
    return wrapper, type(
        wrapper,
        (case, BaseCase),
        {
            "__module__": __name__,
            "__doc__": case.__doc__,
            "allow_inherited_tests_method": True,
        },
    )


CASES = dict(_wrap(*found) for found in _find_cases())
globals().update(CASES)


def _count(suite):
    return sum(
        _count(part) if isinstance(part, unittest.TestSuite) else part.countTestCases()
        for part in suite
    )


@tagged("-at_install", "post_install")
class TestEngineIsWrapped(BaseCase):
    def test_every_test_that_unittest_discovers_runs_here(self):
        loader = unittest.TestLoader()
        discovered = 0
        for path in FOLDER.rglob("test_*.py"):
            self.assertTrue((path.parent / "__init__.py").exists(), "unittest passes over it")
            discovered += _count(loader.loadTestsFromModule(_module(path)))
        wrapped = sum(len(loader.getTestCaseNames(case)) for case in CASES.values())
        self.assertGreater(discovered, 0, "the engine has no tests")
        self.assertEqual(wrapped, discovered)

    def test_odoo_s_runner_sees_them(self):
        from odoo.tests.loader import get_module_test_cases

        module = importlib.import_module(__name__)
        seen = [case for case in get_module_test_cases(module) if type(case).__name__ in CASES]
        wanted = sum(len(unittest.TestLoader().getTestCaseNames(case)) for case in CASES.values())
        self.assertEqual(len(seen), wanted)
