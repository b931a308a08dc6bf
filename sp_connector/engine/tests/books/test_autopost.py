"""What stops automatic posting: whatever is new, unusual or unsure, and nothing else."""

import unittest
from datetime import date
from decimal import Decimal

from ...books.autopost import Known, Policy, figures, fold, stops
from ...books.decide import Doubles
from .test_decide import PRICE, RULES, codes, line, settle

FEE = ("Order", "ItemFees", "Commission")
TODAY = date(2026, 3, 1)
USUAL = figures(Decimal("85.00"), {"sales": Decimal(100), "selling_fees": Decimal(-15)})
KNOWN = Known(frozenset({fold(PRICE), fold(FEE)}), frozenset({"UK"}), (USUAL, USUAL))
ANY = Policy()


def usual(sales="100.00", fees="-15.00", **values):
    return [line("sales", sales, **values), line("selling_fees", fees, words=FEE)]


class TestStops(unittest.TestCase):
    def stops(self, lines, policy=ANY, known=KNOWN, facts=None, **options):
        decision = settle(*lines, rules=RULES, **(facts or {}))
        options = {"arrived": TODAY, "today": TODAY} | options
        return codes(stops(decision, policy, known, **options))

    def test_what_is_like_the_last_ones_goes_through(self):
        self.assertEqual(self.stops(usual()), [])
        self.assertEqual(self.stops(usual("120.00", "-20.00")), [])

    def test_what_is_held_is_not_looked_at_further(self):
        self.assertEqual(self.stops([*usual(), line("unknown", "1.00")]), ["auto_held"])

    def test_the_first_settlement_of_an_account_is_a_person_s(self):
        first = Known(frozenset(), frozenset(), ())
        self.assertEqual(self.stops(usual(), known=first), ["auto_first"])

    def test_words_that_were_never_posted_and_words_that_are_not_exact(self):
        new = ("Order", "ItemPrice", "MoonTax")
        self.assertEqual(self.stops(usual(words=new)), ["auto_new_words"])
        self.assertEqual(self.stops(usual(words=tuple(map(str.upper, PRICE)))), [])
        for level in ("spelling", "pattern", "derived", "default"):
            self.assertEqual(self.stops(usual(level=level)), ["auto_not_exact"], level)

    def test_a_marketplace_that_was_never_there(self):
        self.assertEqual(self.stops(usual(marketplace_name="FR")), ["auto_new_marketplace"])
        self.assertEqual(self.stops(usual(marketplace_name="")), [])

    def test_a_total_or_a_share_of_fees_out_of_the_usual_range(self):
        self.assertEqual(self.stops(usual("200.00", "-30.00")), ["auto_total"])
        self.assertEqual(self.stops(usual("20.00", "-3.00")), ["auto_total"])
        self.assertEqual(self.stops(usual("100.00", "-26.00")), ["auto_fees"])
        wide = Policy(spread=Decimal(2), fee_spread=Decimal("0.2"))
        self.assertEqual(self.stops(usual("200.00", "-60.00"), wide), [])
        only_fees = [line("selling_fees", "-50.00", words=FEE)]
        self.assertEqual(self.stops(only_fees, wide), ["auto_fees"])

    def test_a_debt_is_as_usual_as_the_ones_before(self):
        debts = KNOWN._replace(earlier=(figures(Decimal("-40.00"), {}),))
        only_fees = [line("selling_fees", "-50.00", words=FEE)]
        self.assertEqual(self.stops(only_fees, known=debts), [])
        self.assertEqual(self.stops(only_fees, Policy(limit=Decimal(45)), debts), ["auto_limit"])

    def test_a_limit_a_broken_chain_other_content_and_cautions(self):
        self.assertEqual(self.stops(usual(), Policy(limit=Decimal("84.99"))), ["auto_limit"])
        self.assertEqual(self.stops(usual(), Policy(limit=Decimal("85.00"))), [])
        self.assertEqual(self.stops(usual(), others=(7,)), ["auto_elsewhere"])
        self.assertEqual(self.stops(usual(), is_chain_broken=True), ["auto_chain"])
        self.assertEqual(self.stops(usual(), was_sent_again=True), ["auto_sent_again"])
        cent = {"statement_difference": Decimal("0.01"), "awaits_statement": True}
        self.assertEqual(self.stops(usual(), **cent), ["auto_control"])
        self.assertEqual(self.stops(usual(), awaits_statement=True), ["auto_control_waits"])
        drafts = {"doubles": lambda: Doubles((), ("draft",))}
        self.assertEqual(self.stops(usual(), facts=drafts), ["other_drafts"])

    def test_people_have_some_days_to_look_first(self):
        later = Policy(delay=2)
        self.assertEqual(self.stops(usual(), later, today=date(2026, 3, 2)), ["auto_waits"])
        self.assertEqual(self.stops(usual(), later, today=date(2026, 3, 3)), [])


class TestFigures(unittest.TestCase):
    def test_the_share_of_the_fees(self):
        sums = {"sales": Decimal(80), "refunds": Decimal(-30), "fba_fees": Decimal(-10)}
        self.assertEqual(figures(Decimal(40), sums).fee_share, Decimal("0.2"))
        self.assertIsNone(figures(Decimal(-10), {"fba_fees": Decimal(-10)}).fee_share)
