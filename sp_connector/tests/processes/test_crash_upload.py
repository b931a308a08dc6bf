"""A worker that dies with an upload: the next one begins it anew and imports it once."""

import signal

from ...engine.tests import helpers
from ..process_common import ProcessCase

#: Where the process dies: (what, before or after its work, at which call).
POINTS = (
    ("it is taken up", "models.settlement.upload_watch:Watch.start", "after", 1),
    ("rows are stored", "sp.settlement/_copy_rows", "after", 1),
    ("it is imported", "sp.upload/_process", "after", 1),
    ("it is committed", "ir.cron/_commit_progress", "after", 2),
)


class TestCrashUpload(ProcessCase):
    def test_an_upload_survives_the_death_of_its_worker(self):
        self.set_up_amazon()
        self.start()
        self.prepare({})
        rows = b"".join(helpers.numbered(150)).decode()
        for number, (name, *kill) in enumerate(POINTS):
            with self.subTest(name):
                self.life("upload", text=rows.replace("\n42\t", f"\n99{number:03}000303\t"))
                ((status, _result),) = self.live({"do": "run", "kill": kill})
                self.assertEqual(status, -signal.SIGKILL, "this point was never reached")
                self.assertTrue(self.life("run"))
        expected = [f"99{number:03}000303" for number in range(len(POINTS))]
        self.assertEqual(self.life("uploads"), [["imported", [ref]] for ref in expected])
        found = self.life("dump")
        self.assertEqual(len(found["settlements"]), len(POINTS))
        self.assertEqual(len(found["rows"]), 150 * len(POINTS))
