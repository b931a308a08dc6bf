"""Two Odoo processes share a database and Amazon's limits: each thing is done once."""

import json
from collections import Counter
from datetime import datetime, timedelta, timezone

from ...engine.amazon.selling_partner import LIMITS
from ...engine.tests import helpers
from ..process_common import ProcessCase

START = datetime(2026, 5, 20, tzinfo=timezone.utc)
MINUTES = 30
TICKS = 24 * 60 // MINUTES
SELLERS = 3
#: More than a burst at once, and some that Amazon makes during the day.
AT_ONCE, LATER = 22, 8


class TestTwoProcesses(ProcessCase):
    def at_amazon(self, number):
        seller = self.fake.add_seller(("GB",), name=f"Seller {number}")
        text = helpers.sample("v2_uk_gbp.txt")
        for place in range(AT_ONCE + LATER):
            reference = b"99%03d000%03d" % (number, place)
            hours = -1 if place < AT_ONCE else 2 * (place - AT_ONCE) + 1
            self.fake.add_report(
                text.replace(b"99000000101", reference), seller, START + timedelta(hours=hours)
            )
        # Some settlements are listed under two reports: who imports first, imports.
        for reference in (b"99%03d000001" % number, b"99%03d000002" % number):
            content = text.replace(b"99000000101", reference)
            self.fake.add_report(content, seller, START - timedelta(hours=1))
        return seller

    def assert_limits_are_shared(self):
        """Four that take from a bucket at the same moment get what is in it, and no error."""
        ends = self.live(*({"do": "take", "turns": 40} for _process in range(4)))
        self.assertEqual([status for status, _result in ends], [0] * 4)
        self.assertEqual([errors for _status, (_taken, errors) in ends], [[]] * 4)
        taken = [taken for _status, (taken, _errors) in ends]
        self.assertEqual(sum(taken), LIMITS["getReports"][1], taken)

    def assert_nobody_waits_for_amazon(self):
        """A connection can be referred to, by logs and settlements, while Amazon is asked."""
        self.fake.fail("getReports", "slow", seconds=3)
        known = len(self.fake.calls)
        look, refer = self.live(
            {"do": "look"}, {"do": "refer", "amazon": self.server.url, "calls": known}
        )
        self.assertEqual((look[0], refer[0]), (0, 0), self.log.read_text()[-4000:])
        seconds, errors = refer[1]
        self.assertEqual(errors, [])
        self.assertLess(seconds, 2)

    def test_two_processes_do_a_day_s_work_once(self):
        self.set_up_amazon(clock=START)
        self.start()
        self.prepare({f"Seller {place}": self.at_amazon(place) for place in range(SELLERS)})
        self.assert_limits_are_shared()
        self.life("at_once")
        self.assert_nobody_waits_for_amazon()
        self.life("at_once")
        self.fake.set_options(limits=True)
        asked = len(self.fake.calls)
        day = {
            "do": "day",
            "start": START.replace(tzinfo=None).isoformat(),
            "ticks": TICKS,
            "minutes": MINUTES,
            "amazon": self.server.url,
        }
        ends = self.live({**day, "place": 0}, {**day, "place": 1})
        self.assertEqual([status for status, _errors in ends], [0, 0], self.log.read_text()[-4000:])
        for _status, errors in ends:
            self.assertEqual(errors, [])

        calls = self.fake.calls[asked:]
        self.assertEqual({call.status for call in calls}, {200})
        for operation in ("getReportDocument", "download"):
            paths = Counter(call.path for call in calls if call.operation == operation)
            self.assertEqual(len(paths), SELLERS * (AT_ONCE + LATER + 2), operation)
            self.assertEqual(set(paths.values()), {1}, operation)
        tokens = Counter(call.at for call in calls if call.operation == "token")
        self.assertLessEqual(max(tokens.values()), SELLERS, "one refresh serves both processes")

        found = self.life("dump")
        self.assertEqual(len(found["settlements"]), SELLERS * (AT_ONCE + LATER))
        self.assertEqual(len(found["rows"]), 28 * SELLERS * (AT_ONCE + LATER))
        states = Counter(json.loads(line)[0]["state"] for line in found["reports"])
        self.assertEqual(
            states, {"imported": SELLERS * (AT_ONCE + LATER), "duplicate": SELLERS * 2}
        )
        self.assertEqual({json.loads(line)[1] for line in found["connections"]}, {"connected"})
