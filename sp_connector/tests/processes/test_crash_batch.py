"""A worker that dies with a batch: the next one ends it, and nothing is done twice."""

import signal

from ...engine.tests import helpers
from ..process_common import ProcessCase

#: What is done with all, and where the process dies: (what, before or after its work, which call).
POINTS = (
    ("post", "sp.settlement.booking/_complete", "after", 2),
    ("rebook", "sp.settlement.undo/_take_back", "after", 2),
    ("undo", "account.move/_sp_take_back", "after", 3),
)
COUNT = 4


class TestCrashBatch(ProcessCase):
    def upload(self):
        rows = []
        for number in range(COUNT):
            ref = f"99000{number}0404"
            day = f"2026-04-{10 + number}"
            rows.append(
                helpers.head("24.00", ref, settlement_end_date=f"{day} 23:00:00 UTC"),
            )
            rows.append(helpers.row("Order/ItemPrice/Principal", "24.00", ref=ref))
        self.life("upload", text=helpers.table(*rows))
        self.assertTrue(self.life("run"))

    def run_killed(self, *kill):
        ((status, _result),) = self.live({"do": "run", "kill": kill})
        self.assertEqual(status, -signal.SIGKILL, "this point was never reached")

    def test_a_batch_survives_the_death_of_its_worker(self):
        self.set_up_amazon()
        self.start()
        self.prepare({})
        self.upload()
        self.assertEqual(self.life("entries"), [])
        for operation, *kill in POINTS:
            with self.subTest(operation):
                self.life("batch", operation=operation)
                self.run_killed(*kill)
                before = kill[2] - 1  # each is committed by itself
                self.assertEqual(
                    self.life("batches")[-1], ["done"] * before + ["waiting"] * (COUNT - before)
                )
                self.assertTrue(self.life("run"))
                self.assertEqual(self.life("batches")[-1], ["done"] * COUNT)
        entries = self.life("entries")
        self.assertEqual([state for _name, state in entries], ["cancel"] * 2 * COUNT)
        # What a dead worker had numbered is numbered anew: no gap.
        numbers = [int(name.rpartition("/")[2]) for name, _state in entries]
        self.assertEqual(sorted(numbers), list(range(1, 2 * COUNT + 1)))

        # Two people press at once, two workers come: each settlement is posted once.
        ends = self.live(*({"do": "batch", "operation": "post"} for _person in range(2)))
        self.assertEqual([status for status, _result in ends], [0, 0], self.log.read_text()[-3000:])
        self.live({"do": "run"}, {"do": "run"})
        self.assertTrue(self.life("run"))
        self.assertEqual(self.life("batches")[-2:], [["done"] * COUNT] * 2)
        posted = [name for name, state in self.life("entries") if state == "posted"]
        self.assertEqual(len(posted), COUNT)

        # Cancelled in the middle: what is done stays done.
        self.life("batch", operation="undo")
        self.run_killed("account.move/_sp_take_back", "after", 3)
        self.life("cancel_batches")
        self.assertTrue(self.life("run"))
        self.assertEqual(self.life("batches")[-1], ["done"] * 2 + ["cancelled"] * 2)
        posted = [name for name, state in self.life("entries") if state == "posted"]
        self.assertEqual(len(posted), COUNT - 2)
