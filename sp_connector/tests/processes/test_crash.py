"""A process may die at any moment of the scheduled import: the next one ends what it began."""

import json
import signal
from collections import Counter

from ...engine.tests import helpers
from ..process_common import ProcessCase

#: Where the process dies: (what, before or after its work, at which call of that life).
POINTS = (
    ("a call was taken from the limit", "sp.rate.limit/_take", "after", 1),
    ("Amazon made a new access token", "engine.amazon.oauth:Lwa.refresh", "after", 1),
    ("the access token is encrypted", "sp.secret/_set", "after", 1),
    ("the access token is kept", "sp.client/_access_token", "after", 1),
    ("the first page came", "engine.amazon.reports:first_page", "after", 1),
    ("the second page came", "engine.amazon.reports:next_page", "after", 1),
    ("the list is stored", "sp.connection.sync/_store_reports", "after", 1),
    ("the log of the search is missing", "sp.sync.log/create", "before", 1),
    ("the search is committed", "ir.cron/_commit_progress", "after", 2),
    ("a document's address came", "engine.amazon.reports:document_link", "after", 1),
    ("a document came", "engine.amazon.reports:download", "after", 1),
    ("a document is kept", "sp.settlement/_keep_file", "after", 1),
    ("a report is fetched", "sp.report/_fetch", "after", 1),
    ("the lines are recorded", "sp.settlement.line/create", "after", 1),
    (
        "rows are on their way",
        "models.settlement.sp_settlement_intake:_ChunkReader.read",
        "after",
        # The first file's rows and its end came before.
        3,
    ),
    ("rows are stored", "sp.settlement/_copy_rows", "after", 1),
    ("the settlement keeps its file", "sp.settlement/_keep_file", "after", 2),
    ("the settlement is checked", "sp.settlement/_check", "after", 1),
    ("an import is about to be committed", "ir.cron/_commit_progress", "before", 4),
    ("an import is committed", "ir.cron/_commit_progress", "after", 4),
    ("the second report is imported", "sp.report/_process", "after", 2),
    ("the log of the import is missing", "sp.report/_log_run", "before", 1),
    ("the log of the import is written", "sp.report/_log_run", "after", 1),
)


class TestCrash(ProcessCase):
    def at_amazon(self, number):
        """A seller with a file of one settlement, a longer one, and the first one once more."""
        seller = self.fake.add_seller(("GB",), name=f"Seller {number}")
        one = helpers.sample("v2_negative.txt").replace(b"99000000802", b"99%03d000101" % number)
        rows = b"".join(helpers.numbered(150))
        two = rows.replace(b"\n42\t", b"\n99%03d000202\t" % number)
        for content in (one, two, one):
            self.fake.add_report(content, seller)
        return seller

    def test_a_process_killed_anywhere_leaves_nothing_lost_and_nothing_twice(self):
        self.set_up_amazon()
        self.start()
        names = [name for name, *_point in POINTS]
        self.prepare({name: self.at_amazon(place) for place, name in enumerate(names)})
        self.keep_fresh()
        self.assertTrue(self.life("run", connections=names))
        self.life("book")
        undisturbed = self.life("dump")
        self.assertEqual(len(undisturbed["settlements"]), 2 * len(names))
        self.assertEqual(len(undisturbed["entries"]), 2 * len(names))
        self.assertEqual(len(undisturbed["rows"]), (11 + 150) * len(names))
        states = Counter(json.loads(line)[0]["state"] for line in undisturbed["reports"])
        self.assertEqual(states, {"imported": 2 * len(names), "duplicate": len(names)})

        self.make_fresh()
        for name, *kill in POINTS:
            with self.subTest(name):
                ((status, _result),) = self.live({"do": "run", "connections": [name], "kill": kill})
                self.assertEqual(status, -signal.SIGKILL, "this point was never reached")
                self.assertTrue(self.life("run"))
        self.life("book")
        after = self.life("dump")
        for table, lines in undisturbed.items():
            self.assertEqual(
                (sorted(set(lines) - set(after[table])), sorted(set(after[table]) - set(lines))),
                ([], []),
                f"{table}: lost, new",
            )
            self.assertEqual(len(after[table]), len(lines), table)
