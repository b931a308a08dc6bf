"""Runs the simulator from a checkout, without Odoo: ``python3 sp_connector/tests/fake_amazon``."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from fake_amazon.command import main  # noqa: E402

main()
