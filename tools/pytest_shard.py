"""Pytest plug-in: SHARD=1/2 runs the first of two halves of the test classes.

A class is never divided, as its setUpClass is what takes time (a chart, a simulated Amazon).
"""

import os


def pytest_collection_modifyitems(config, items):
    """Leave this shard's classes, dealt in their order; the others are counted as deselected."""
    number, count = map(int, os.environ.get("SHARD", "1/1").split("/"))
    places = {}
    mine, others = [], []
    for item in items:
        place = places.setdefault(item.parent.nodeid, len(places))
        (mine if place % count == number - 1 else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = mine
