"""Which settlement follows which, what is missing, and what is no reason for an alarm."""

import random
import unittest
from datetime import datetime, timedelta
from decimal import Decimal

from ...books.chain import GAP, OVERLAP, RESERVE, Period, expected_end, find_chains
from ...lines import flat_file, summary
from .. import helpers

START = datetime(2026, 1, 1, 22, 7, 18)
CANADIAN = (
    ("23874396421", "2025-06-05T22:07:18", "2025-07-31T22:07:18"),
    ("23874397121", "2025-07-31T22:07:18", "2025-08-14T22:07:18"),
    ("24288684721", "2025-08-14T22:07:18", "2025-08-28T22:07:19"),
    ("24391894961", "2025-08-28T22:07:19", "2025-09-11T22:07:19"),
)


def at(days, seconds=0):
    return START + timedelta(days=days, seconds=seconds)


def period(key, start, end, reserve_in="0", reserve_out="0", seconds=0, **options):
    """A settlement from day to day; reserves ``None`` where not known."""
    reserves = [None if text is None else Decimal(text) for text in (reserve_in, reserve_out)]
    return Period(key, at(start, seconds), at(end, seconds), *reserves, **options)


def run(name, *days, seconds=0, **options):
    """A whole chain: ``run("a", 0, 14, 28)`` is a1 from day 0 to 14 and a2 from 14 to 28."""
    return [
        period(f"{name}{number}", start, end, seconds=seconds, **options)
        for number, (start, end) in enumerate(zip(days, days[1:]), 1)  # noqa: B905
    ]


def breaks(periods):
    return [(item.kind, item.before.key, item.after.key) for item in find_chains(periods).breaks]


def chains(periods):
    return sorted("".join(item.key for item in chain) for chain in find_chains(periods).chains)


class TestWhole(unittest.TestCase):
    def test_nothing_and_one_settlement(self):
        self.assertEqual(find_chains([]), ((), ()))
        self.assertEqual(breaks(run("a", 0, 14)), [])

    def test_the_canadian_samples_follow_each_other(self):
        periods = [
            Period(key, datetime.fromisoformat(start), datetime.fromisoformat(end))
            for key, start, end in CANADIAN
        ]
        for order in (periods, periods[::-1]):
            found = find_chains(order)
            self.assertEqual(found.chains, (tuple(periods),))
            self.assertEqual(found.breaks, ())
        del periods[1]
        self.assertEqual(breaks(periods), [(GAP, "23874396421", "24288684721")])

    @unittest.skipUnless(helpers.REAL_FILES.is_dir(), "SP_CONNECTOR_REAL_FILES names no folder")
    def test_the_canadian_files_themselves(self):
        periods = []
        for path in sorted(helpers.REAL_FILES.glob("v1_ca_cad_*.txt")):
            (report,) = flat_file.open_reports(path.name, path.read_bytes())
            for found in summary.summarise(report, helpers.classifier()).values():
                header = found.header
                periods.append(Period(header.settlement_ref, header.date_start, header.date_end))
        self.assertEqual(len(periods), 4)
        self.assertEqual(len(find_chains(periods).chains), 1)
        self.assertEqual(breaks(periods), [])

    def test_ends_and_starts_a_second_apart(self):
        periods = [
            Period("a", at(0), at(14, -1)),
            Period("b", at(14), at(28, -1)),
            Period("c", at(28), at(42, -1)),
        ]
        self.assertEqual((chains(periods), breaks(periods)), (["abc"], []))

    def test_one_odd_second_in_an_exact_chain(self):
        periods = [*run("a", 0, 14, 28), *run("b", 28, 42, 56, seconds=1)]
        self.assertEqual((chains(periods), breaks(periods)), (["a1a2b1b2"], []))

    def test_half_a_minute_is_no_gap_even_if_another_account_was_closed_long_ago(self):
        closed = run("c", 0, 14, seconds=9)
        periods = [*run("a", 0, 14, 114, 128), *run("b", 128, 142, 156, seconds=30)]
        self.assertEqual(chains(periods), ["a1a2a3b1b2"])
        self.assertEqual(breaks(periods + closed), [])

    def test_periods_of_seconds_do_not_follow_each_other_in_a_circle(self):
        periods = [Period(key, at(0), at(0, 30)) for key in "ab"]
        self.assertEqual((chains(periods), breaks(periods)), (["a", "b"], []))

    def test_a_settlement_given_twice_counts_once(self):
        periods = run("a", 0, 14, 28)
        self.assertEqual((chains(periods * 2), breaks(periods * 2)), (["a1a2"], []))

    def test_a_settlement_without_dates_or_of_no_length_is_left_out(self):
        whole = run("a", 0, 14, 28)
        odd = [
            Period("x", None, at(14)),
            Period("y", at(14), None),
            Period("z", at(14), at(14)),
            Period("w", at(28), at(14)),
        ]
        self.assertEqual((chains(whole + odd), breaks(whole + odd)), (["a1a2"], []))


class TestSideBySide(unittest.TestCase):
    def test_two_account_types_apart_by_seconds(self):
        for seconds in (1, 7, 40, 600, 86400):
            with self.subTest(seconds=seconds):
                periods = run("a", 0, 14, 28, 42) + run("b", 0, 14, 28, 42, seconds=seconds)
                self.assertEqual(chains(periods), ["a1a2a3", "b1b2b3"])
                self.assertEqual(breaks(periods), [])

    def test_two_of_the_same_dates_are_told_apart_by_their_reserve(self):
        periods = [
            period("a1", 0, 14, "0", "10"),
            period("b1", 0, 14, "0", "70"),
            period("c2", 14, 28, "70", "0"),
            period("d2", 14, 28, "10", "0"),
        ]
        self.assertEqual((chains(periods), breaks(periods)), (["a1d2", "b1c2"], []))

    def test_and_where_it_says_nothing_by_their_place(self):
        periods = [
            *run("a", 0, 14, place="DE"),
            *run("b", 0, 14, place="FR"),
            *run("c", 14, 28, place="FR"),
            *run("d", 14, 28, place="DE"),
        ]
        self.assertEqual(chains(periods), ["a1d1", "b1c1"])

    def test_a_gap_in_one_while_the_other_is_whole(self):
        for seconds in (0, 5, 3600):
            first, whole = run("a", 0, 14, 28, 42), run("b", 0, 14, 28, 42, seconds=seconds)
            with self.subTest(seconds=seconds):
                (found,) = find_chains([first[0], first[2], *whole]).breaks
                self.assertEqual(
                    (found.kind, found.before.end.date(), found.after.start.date()),
                    (GAP, at(14).date(), at(28).date()),
                )

    def test_even_before_the_other_goes_on(self):
        """b2 ends seconds after a3 starts, but it was a that waited for its next."""
        first, other = run("a", 0, 14, 28, 42), run("b", 0, 14, 28, seconds=5)
        self.assertEqual(breaks([first[0], first[2], *other]), [(GAP, "a1", "a3")])

    def test_a_new_account_type_is_no_gap(self):
        periods = run("a", 0, 14, 28, 42) + run("b", 20, 28, 42, seconds=30)
        self.assertEqual(breaks(periods), [])

    def test_a_closed_account_type_does_not_alarm(self):
        periods = run("a", *range(0, 420, 14)) + run("b", 0, 14, 28, seconds=9)
        self.assertEqual((len(chains(periods)), breaks(periods)), (2, []))

    def test_sellers_are_kept_apart_and_uploads_fit_all(self):
        first = [*run("a", 0, 14, 28, seller=1), *run("c", 56, 70, seller=1)]
        upload = run("u", 28, 42)
        second = run("b", 42, 56, 70, seller=2)
        self.assertEqual(breaks(first + second), [(GAP, "a2", "c1")])
        periods = first + upload + run("v", 42, 56) + second[1:]
        self.assertEqual(chains(periods), ["a1a2u1v1c1", "b2"])
        self.assertEqual(breaks(periods), [])
        self.assertEqual(
            breaks(run("b", 0, 14, seller=2) + run("u", 28, 42) + run("a", 42, 56, seller=1)), []
        )
        # Through an upload no chain reaches the other seller.
        self.assertEqual(
            chains(run("a", 0, 14, seller=1) + run("u", 14, 28) + run("b", 28, 42, seller=2)),
            ["a1u1", "b1"],
        )


class TestBreaks(unittest.TestCase):
    def test_a_gap_names_its_neighbours_and_closes_when_the_file_comes(self):
        whole = run("a", 0, 14, 28, 42, 56)
        self.assertEqual(breaks([whole[0], whole[3]]), [(GAP, "a1", "a4")])
        self.assertEqual(breaks([whole[0], whole[1], whole[3]]), [(GAP, "a2", "a4")])
        self.assertEqual(breaks(whole), [])

    def test_every_gap_of_a_chain_is_named(self):
        whole = run("a", *range(0, 99, 14))
        self.assertEqual(
            breaks(whole[::2]), [(GAP, "a1", "a3"), (GAP, "a3", "a5"), (GAP, "a5", "a7")]
        )

    def test_a_gap_of_minutes_is_a_gap(self):
        periods = [*run("a", 0, 14), *run("b", 14, 28, seconds=120)]
        self.assertEqual(breaks(periods), [(GAP, "a1", "b1")])

    def test_a_gap_of_a_year_in_the_only_chain(self):
        self.assertEqual(breaks([*run("a", 0, 14), *run("b", 400, 414)]), [(GAP, "a1", "b1")])

    def test_an_overlap(self):
        periods = [*run("a", 0, 14, 28), *run("b", 26, 40, 54)]
        self.assertEqual(
            (chains(periods), breaks(periods)), (["a1a2b1b2"], [(OVERLAP, "a2", "b1")])
        )

    def test_running_side_by_side_is_no_overlap(self):
        self.assertEqual(breaks([*run("a", 0, 14), *run("b", 5, 19)]), [])
        self.assertEqual(breaks([*run("a", 0, 56), *run("b", 14, 28)]), [])

    def test_reserves_that_differ(self):
        periods = [
            period("a", 0, 14, "5", "10"),
            period("b", 14, 28, "9.99", "1"),
            period("c", 28, 42, "1", "0"),
        ]
        (found,) = find_chains(periods).breaks
        self.assertEqual(found, (RESERVE, periods[0], periods[1]))

    def test_a_reserve_that_nobody_knows_is_no_alarm(self):
        for before, after in ((None, "5"), ("5", None), (None, None)):
            periods = [period("a", 0, 14, "0", before), period("b", 14, 28, after, "0")]
            self.assertEqual(breaks(periods), [])

    def test_a_gap_is_not_told_twice_by_its_reserve(self):
        periods = [period("a", 0, 14, "0", "10"), period("c", 28, 42, "7", "0")]
        self.assertEqual(breaks(periods), [(GAP, "a", "c")])


class TestAnyPair(unittest.TestCase):
    """Two chains side by side, as random as Amazon makes them; one settlement is taken away."""

    def chain(self, dice, name):
        moment = START + timedelta(days=dice.randrange(14), seconds=dice.randrange(86400))
        held, made = Decimal(0), []
        inclusive = timedelta(seconds=dice.choice((0, 0, 0, 1)))
        for number in range(dice.randrange(3, 12)):
            end = moment + timedelta(days=dice.choice((7, 14, 14, 14, 56)))
            end += timedelta(seconds=dice.choice((0, 0, 1)))
            back, held = held, Decimal(dice.choice((0, dice.randrange(100_000)))) / 100
            made.append(Period(f"{name}{number:02}", moment, end - inclusive, back, held))
            moment = end
        return made

    def beside(self, dice, chain):
        """The same dates some seconds later, as the other account type has them."""
        shift = timedelta(seconds=dice.randrange(2, 60))
        return [
            item._replace(
                key="b" + item.key[1:],
                start=item.start + shift,
                end=item.end + shift,
                reserve_in=Decimal(0),
                reserve_out=Decimal(0),
            )
            for item in chain[: dice.randrange(3, len(chain) + 1)]
        ]

    def test_exactly_what_was_taken_away_is_missed(self):
        for seed in range(400):
            dice = random.Random(seed)
            first = self.chain(dice, "a")
            second = self.beside(dice, first) if seed % 2 else self.chain(dice, "b")
            everything = first + second
            dice.shuffle(everything)
            with self.subTest(seed=seed):
                self.assertEqual(breaks(everything), [])
                victims = dice.choice((first, second))
                place = dice.randrange(1, len(victims) - 1)
                everything.remove(victims[place])
                self.assertEqual(
                    breaks(everything),
                    [(GAP, victims[place - 1].key, victims[place + 1].key)],
                )

    def test_first_and_last_settlements_are_not_missed(self):
        for seed in range(100):
            dice = random.Random(seed)
            first = self.chain(dice, "a")
            second = self.beside(dice, first)
            self.assertEqual(breaks(first[1:-1] + second[1:-1]), [])


class TestNext(unittest.TestCase):
    def expected(self, periods, now):
        return expected_end(find_chains(periods).chains, at(now))

    def test_a_chain_goes_on_in_its_own_rhythm(self):
        self.assertEqual(self.expected(run("a", 0, 14, 28), 30), at(42))
        self.assertEqual(self.expected(run("a", 0, 7), 8), at(14))

    def test_one_long_settlement_does_not_change_the_rhythm(self):
        self.assertEqual(self.expected(run("a", 0, 14, 70, 84), 85), at(98))

    def test_of_chains_side_by_side_the_next_one_counts(self):
        periods = run("a", 0, 14, 28) + run("b", 3, 17, 31, seconds=40)
        self.assertEqual(self.expected(periods, 31), at(42))

    def test_what_is_overdue_is_expected_until_it_rests(self):
        self.assertEqual(self.expected(run("a", 0, 14), 60), at(28))
        self.assertIsNone(self.expected(run("a", 0, 14), 28 + 45))
        self.assertIsNone(self.expected([], 0))
