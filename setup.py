"""Package the addons of this repository so that `pip install .` puts them where Odoo looks.

Odoo 19's `odoo.addons` is a namespace package: whatever lies in a site-packages folder under
odoo/addons/ is found, as long as no `odoo/__init__.py` comes with it.
"""

import ast
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
ADDONS = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))
MAIN = "sp_connector"


def files_of(addon):
    """Return every file of the addon, relative to its folder."""
    folder = ROOT / addon
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix not in (".pyc", ".pyo")
    )


def packages_of(addon):
    """Return the dotted names of the addon and of the Python packages inside it."""
    folders = {Path(name).parent for name in files_of(addon) if Path(name).name == "__init__.py"}
    return [".".join(("odoo", "addons", addon, *folder.parts)) for folder in sorted(folders)]


manifest = ast.literal_eval((ROOT / MAIN / "__manifest__.py").read_text("utf-8"))
readme = ROOT / "README.md"

setup(
    name="odoo-addon-sp-connector",
    version=manifest["version"],
    description=manifest.get("summary", manifest["name"]),
    long_description=readme.read_text("utf-8") if readme.exists() else "",
    long_description_content_type="text/markdown",
    author=manifest.get("author", ""),
    url=manifest.get("website", ""),
    license="LGPL-3.0-or-later",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    # Not Odoo itself: the registry has no Odoo 19.
    install_requires=["cryptography", "requests"],
    extras_require={"test": ["pytest", "pytest-odoo", "websocket-client"]},
    packages=[package for addon in ADDONS for package in packages_of(addon)],
    package_dir={f"odoo.addons.{addon}": addon for addon in ADDONS},
    # Everything, so that no kind of file can be forgotten.
    package_data={f"odoo.addons.{addon}": files_of(addon) for addon in ADDONS},
    include_package_data=False,
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
)
