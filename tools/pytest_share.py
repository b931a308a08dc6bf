"""Pytest plug-in: processes with the same SHARE, an empty folder, share the tests.

Each takes the next class that nobody has taken, so none waits while another has work left. A class
is never divided: its setUpClass is what takes time (a chart, a simulated Amazon).
"""

import os
from itertools import groupby
from pathlib import Path

import pytest

#: Taken first: what takes long must not begin when all others have ended.
LONG = ("processes/", "test_tours", "test_any_settlement")


def pytest_runtestloop(session):
    """Run the classes that this process gets; the same loop as pytest's own otherwise."""
    folder = os.environ.get("SHARE")
    if not folder or session.testsfailed or session.config.option.collectonly:
        return None
    items = _taken(session.items, Path(folder))
    item = next(items, None)
    while item:
        following = next(items, None)
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _taken(items, folder):
    """Yield the tests of each class that was still free when its turn came."""
    groups = [list(group) for _class, group in groupby(items, lambda item: item.parent.nodeid)]
    groups.sort(key=lambda group: not any(word in group[0].nodeid for word in LONG))
    for number, group in enumerate(groups):
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            continue
        yield from group


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Say that this process ran a share."""
    if os.environ.get("SHARE"):
        terminalreporter.write_line("A share of the tests: another process ran the rest.")
