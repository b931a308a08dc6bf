"""The one decision: what holds a settlement, what people should know, and why each rule."""

import unittest
from datetime import date
from decimal import Decimal

from ...books import decide
from ...books.decide import Decision, Doubles, Facts, Opening, Rate
from ...books.lines import PlanLine
from ...books.mapping import Mapping, Rule
from ...books.periods import Calendar
from ...words.categories import DEPOSIT, ROLLOVER

PRICE = ("Order", "ItemPrice", "Principal")
SHIPPING = ("Order", "ItemPrice", "Shipping")
TAX = ("Order", "ItemPrice", "Tax")
CHARGEBACK = ("Order", "ItemFees", "ShippingChargeback")
CARRIED = ("other-transaction", "other-transaction", "Payable to Amazon")
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
ONE_MONTH = Calendar(date(2026, 2, 1), date(2026, 2, 14), date(2026, 2, 14))
TWO_MONTHS = Calendar(date(2026, 1, 20), date(2026, 2, 14), date(2026, 2, 14))
RULES = (
    Rule(DEPOSIT, "clearing"),
    Rule(ROLLOVER, "rollover"),
    Rule("sales", "income"),
    Rule("selling_fees", "fees", tax_mode="none"),
)


def line(category="sales", amount="10.00", **values):
    values = {"words": PRICE, "tax_form": "gross", "month": FEBRUARY} | values
    key = values.pop("key", f"{category} {amount}")
    place = values.pop("marketplace", "UK")
    name = values.pop("marketplace_name", place or "")
    return PlanLine(key, category, place, Decimal(amount), marketplace_name=name, **values)


def tax_on(taxes, amount):
    """Taxes are their percentages."""
    return sum((amount * Decimal(tax) / 100 for tax in taxes), Decimal(0))


def settle(*lines, rules=RULES, calendar=ONE_MONTH, **facts):
    """The decision on lines whose sum is Amazon's total, unless the facts say otherwise."""
    total = sum((one.amount for one in lines), Decimal(0))
    facts = {"amount_total": total, "amount_rows": total, "tax_on": tax_on} | facts
    return Decision(lines, Mapping(rules), calendar, Facts(**facts))


def codes(findings):
    return [finding.code for finding in findings]


class TestHolds(unittest.TestCase):
    def holds(self, *lines, **options):
        decision = settle(*lines, **options)
        self.assertFalse(decision.is_empty)
        return codes(decision.holds)

    def test_nothing_holds_what_is_known_and_proved(self):
        decision = settle(line())
        self.assertEqual((decision.holds, decision.notes), ((), ()))
        self.assertFalse(decision.is_empty)
        self.assertTrue(decision.plan.proved)

    def test_the_file_must_prove_its_total(self):
        self.assertEqual(self.holds(line(), is_damaged=True), ["damaged"])
        self.assertEqual(self.holds(line(), amount_total=Decimal("10.01")), ["difference"])
        self.assertEqual(
            self.holds(line(), amount_rows=Decimal("9.99")), ["difference", "lines_differ"]
        )
        missing = {"has_total": False, "amount_total": Decimal(0)}
        self.assertNotIn("difference", self.holds(line(), **missing, is_damaged=True))

    def test_unknown_words_are_named_with_their_money_only(self):
        (found,) = settle(line("unknown"), line("unknown", "0", has_amount=False)).holds
        self.assertEqual((found.code, len(found.values["lines"])), ("unknown_words", 1))
        # Amounts that cancel each other are money all the same.
        self.assertEqual(self.holds(line(), line("unknown", "0")), ["unknown_words"])

    def test_what_has_no_account_is_named_once(self):
        lines = line("refunds"), line("refunds", "1.00"), line("loan", "2.00")
        (found,) = settle(*lines).holds
        self.assertEqual(found.code, "no_account")
        self.assertEqual(found.values["categories"], ["refunds", "loan"])

    def test_a_payout_without_a_clearing_account(self):
        self.assertEqual(self.holds(line(), rules=RULES[1:]), ["no_account"])

    def test_months_without_a_rollover_account(self):
        rules = (RULES[0], *RULES[2:])
        two = line(month=JANUARY), line(amount="5.00")
        self.assertEqual(self.holds(*two, rules=rules, calendar=TWO_MONTHS), ["no_account"])
        self.assertEqual(self.holds(*two, rules=rules), [])

    def test_an_account_for_later_months_only(self):
        rules = (*RULES[:2], Rule("sales", "income", date_from=date(2026, 3, 1)))
        self.assertEqual(self.holds(line(), rules=rules), ["no_account"])

    def test_tax_rows_that_misfit(self):
        rules = (*RULES, Rule("sales", "income", tax_form="net", tax_mode="output_included",
                              taxes=("20",)), Rule("sales_tax", "tax"))  # fmt: skip
        prices = line(amount="100", tax_form="net"), line("sales_tax", "10", words=TAX,
                                                           tax_form="net")  # fmt: skip
        self.assertEqual(self.holds(*prices, rules=rules), ["misfit"])

    def test_what_the_company_lacks(self):
        lacks = ("no_journal", "no_customer")
        self.assertEqual(self.holds(line(), lacks=lacks), list(lacks))

    def test_rows_of_another_firm(self):
        other_books = {"DE": "GmbH"}
        self.assertEqual(self.holds(line(), other_books=lambda: other_books), [])
        german = line(marketplace="DE")
        (found,) = settle(german, other_books=lambda: other_books).holds
        self.assertEqual(found.code, "other_books")
        self.assertEqual(found.values["amount"], Decimal("10.00"))
        # Booked there because Amazon names no marketplace: nobody's yet.
        nameless = line(marketplace="DE", marketplace_name="")
        self.assertEqual(self.holds(nameless, other_books=lambda: other_books), [])

    def test_what_is_archived_is_named_once_with_its_categories(self):
        def archived(item):
            return ["old account"] if item.category in ("sales", DEPOSIT) else []

        (found,) = settle(line(), line("selling_fees", "-1.00"), archived=archived).holds
        self.assertEqual(found.code, "archived")
        self.assertEqual(found.values["record"], "old account")
        self.assertEqual(found.values["categories"], ["sales", DEPOSIT])

    def test_an_undecided_tax_holds_a_registered_company_only(self):
        rules = (*RULES[:2], Rule("sales", "income", tax_mode="undecided"))
        self.assertEqual(self.holds(line(), rules=rules, is_registered=True), ["undecided"])
        decision = settle(line(), rules=rules)
        self.assertEqual((codes(decision.holds), codes(decision.notes)), ([], ["unregistered"]))
        # What cancels bears no tax.
        zero = line(amount="0"), line("selling_fees", "5.00")
        self.assertEqual(self.holds(*zero, rules=(*rules, RULES[3]), is_registered=True), [])

    def test_a_file_without_any_date(self):
        self.assertEqual(self.holds(line(), calendar=None), ["no_date"])

    def test_a_rate_is_needed_for_each_part_and_the_first_is_told(self):
        two = line(month=JANUARY), line(amount="5.00")
        (found,) = settle(*two, calendar=TWO_MONTHS, rate=lambda day: None).holds
        self.assertEqual((found.code, found.values["date"]), ("no_rate", date(2026, 1, 31)))
        late = {"rate": lambda day: Rate(1) if day.month == 2 else None}
        self.assertEqual(self.holds(*two, calendar=TWO_MONTHS, **late), ["no_rate"])
        self.assertEqual(self.holds(*two, **late), [])

    def test_exchange_differences_need_a_journal_where_rates_differ(self):
        two = line(month=JANUARY), line(amount="5.00")
        lacks = {"calendar": TWO_MONTHS, "has_exchange_journal": False}
        self.assertEqual(self.holds(*two, **lacks), [])
        rates = {"rate": lambda day: Rate(day.month)}
        self.assertEqual(self.holds(*two, **lacks, **rates), ["no_exchange_journal"])
        self.assertEqual(self.holds(line(), **lacks, **rates), [])
        # First things first: without the rate of the first month nothing can be said of it.
        partly = {"rate": lambda day: Rate(day) if day.year == 2026 and day.month > 1 else None}
        calendar = Calendar(date(2026, 1, 20), date(2026, 3, 14), date(2026, 3, 14))
        three = (*two, line(amount="1.00", month=date(2026, 3, 1)))
        self.assertEqual(self.holds(*three, **lacks | {"calendar": calendar}, **partly),
                         ["no_rate"])  # fmt: skip

    def test_each_locked_part_is_told_by_its_own_date(self):
        def opening(day, has_tax):
            return Opening(date(2026, 3, 1), ("lock",)) if day.month == 1 else Opening(day)

        two = line(month=JANUARY), line(amount="5.00")
        options = {"calendar": TWO_MONTHS, "opening": opening}
        (found,) = settle(*two, **options).holds
        self.assertEqual((found.code, found.values["date"]), ("locked", date(2026, 1, 31)))
        decision = settle(*two, **options, holds_locked=False)
        self.assertEqual(codes(decision.holds), [])
        self.assertEqual(codes(decision.notes), ["part_after_lock", "part"])
        self.assertEqual([decision.opening(part).day for part in decision.plan.parts],
                         [date(2026, 3, 1), date(2026, 2, 14)])  # fmt: skip

    def test_a_lock_is_looked_for_where_nothing_can_be_planned_too(self):
        closed = {"opening": lambda day, has_tax: Opening(day, ("lock",))}
        self.assertEqual(self.holds(line("loan"), **closed), ["no_account", "locked"])

    def test_whether_a_part_has_tax_is_asked_of_its_locks(self):
        asked = []

        def opening(day, has_tax):
            asked.append(has_tax)
            return Opening(day)

        taxed = (*RULES[:2], Rule("sales", "i", tax_mode="output_included", taxes=("20",)))
        settle(line(), opening=opening).holds  # noqa: B018
        settle(line(), rules=taxed, opening=opening).holds  # noqa: B018
        self.assertEqual(asked, [False, True])

    def test_what_is_booked_already_and_what_nobody_wants(self):
        posted = {"doubles": lambda: Doubles(("MISC/1",), ("draft",))}
        decision = settle(line(), **posted)
        self.assertEqual((codes(decision.holds), codes(decision.notes)),
                         (["booked_already"], ["other_drafts"]))  # fmt: skip
        self.assertEqual(self.holds(line(), not_in_use=lambda: ["UK", "DE"]), ["not_in_use"])
        self.assertEqual(self.holds(line(), not_in_use=lambda: ["DE"]), [])

    def test_odoo_posts_in_no_currency_that_is_not_active(self):
        self.assertEqual(self.holds(line(), is_currency_active=False), ["inactive_currency"])
        decision = settle(line("sales", "0.00", has_amount=False), is_currency_active=False)
        self.assertTrue(decision.is_empty)

    def test_all_that_holds_is_told_in_one_order(self):
        found = self.holds(
            line("unknown"),
            line("loan", "2.00"),
            line("sales", "3.00", key="sold"),
            rules=(*RULES[:2], Rule("sales", "income", tax_mode="undecided")),
            is_damaged=True,
            is_registered=True,
            amount_total=Decimal("99.00"),
            lacks=("no_journal",),
            doubles=lambda: Doubles(("MISC/1",)),
            rate=lambda day: None,
            opening=lambda day, has_tax: Opening(day, ("lock",)),
        )
        self.assertEqual(
            found,
            [
                *("damaged", "difference", "unknown_words", "no_account", "no_journal"),
                *("undecided", "booked_already", "no_rate", "locked"),
            ],
        )


class TestNotes(unittest.TestCase):
    def test_a_settlement_without_money_is_empty_and_asks_for_nothing(self):
        def unasked(*_args):
            raise AssertionError("asked in vain")

        nothing = line("unknown", "0", has_amount=False)
        asked = dict.fromkeys(("doubles", "not_in_use", "other_books", "rate", "opening"), unasked)
        for lines in ((), (nothing,)):
            decision = settle(*lines, **asked, elsewhere=unasked)
            self.assertEqual((decision.is_empty, decision.holds), (True, ()))
            self.assertEqual(codes(decision.notes), ["empty"])

    def test_what_cancels_is_empty_and_a_payout_never(self):
        lines = line(amount="5.00"), line(amount="-5.00")
        self.assertTrue(settle(*lines).is_empty)
        chained = line("reserve", "5.00"), line("reserve", "-5.00")
        rules = (*RULES, Rule("reserve", "held"))
        self.assertFalse(settle(*chained, rules=rules).is_empty)

    def test_a_flaw_keeps_it_from_being_empty(self):
        decision = settle(is_damaged=True)
        self.assertEqual((decision.is_empty, codes(decision.holds)), (False, ["damaged"]))

    def test_months_are_told_where_there_are_several(self):
        two = line(month=JANUARY), line(amount="5.00")
        notes = settle(*two, calendar=TWO_MONTHS).notes
        self.assertEqual(codes(notes), ["part", "part"])
        self.assertEqual([note.values["amount"] for note in notes], [Decimal(10), Decimal(5)])

    def test_a_part_that_follows_a_reversal(self):
        (note,) = settle(line(), opening=lambda day, has_tax: Opening(date(2026, 5, 1))).notes
        self.assertEqual((note.code, note.values["day"]), ("part_after_reversal", date(2026, 5, 1)))

    def test_rates_are_old_after_the_days_that_the_company_allows(self):
        def old(days, rate_days, known=date(2026, 2, 7)):
            return codes(settle(line(), rate_days=rate_days, rate=lambda day: Rate(2, known)).notes)

        self.assertEqual(old(7, 7), [])
        self.assertEqual(old(7, 6), ["old_rate"])
        self.assertEqual(old(7, 0), [])
        self.assertEqual(old(7, 1, None), [])

    def test_late_nameless_and_unnamed_rows_and_where_else_it_is(self):
        lines = (
            line(late=True, row_count=3),
            line(amount="2.00", marketplace_name=""),
            line(amount="4.00", level="default"),
        )
        notes = settle(*lines, elsewhere=lambda: True).notes
        self.assertEqual(codes(notes), ["late", "nameless", "fall_back", "imported_elsewhere"])
        self.assertEqual(notes[0].values, {"count": 3, "amount": Decimal("10.00")})
        self.assertEqual(notes[1].values["amount"], Decimal("2.00"))

    def test_prices_whose_tax_the_marketplace_keeps(self):
        taxed = (*RULES[:2], Rule("sales", "i", tax_mode="output_included", taxes=("20",)))
        kept = line(tax_form="withheld")
        self.assertEqual(codes(settle(kept, rules=taxed, is_registered=True).notes), ["tax_kept"])
        self.assertEqual(codes(settle(kept, rules=taxed).notes), [])
        on_net = (*taxed[:2], taxed[2]._replace(tax_mode="output_on_net"))
        self.assertEqual(codes(settle(line(), rules=on_net, is_registered=True).notes), [])
        own = Rule("sales", "i", tax_form="withheld", tax_mode="marketplace", taxes=("0",))
        decision = settle(kept, rules=(*taxed, own), is_registered=True)
        self.assertEqual(codes(decision.notes), [])


class TestChoices(unittest.TestCase):
    """Why this account."""

    def reasons(self, *lines, **options):
        return {key: choice.reason for key, choice in settle(*lines, **options).choices.items()}

    def test_a_line_follows_its_own_rule(self):
        decision = settle(line(key="a"), line("selling_fees", "0", key="b", has_amount=False))
        self.assertEqual(set(decision.choices), {"a"}, "only those with money")
        self.assertEqual(decision.choices["a"].rule.account, "income")
        self.assertEqual(self.reasons(line(key="a")), {"a": ""})

    def test_a_carried_balance_goes_with_the_payout(self):
        rules = (
            *RULES,
            Rule(DEPOSIT, "clearing UK", marketplace="UK"),
            Rule("carried_balance", "clearing"),
        )
        carried = line("carried_balance", key="a", words=CARRIED, marketplace=None, month=None)
        decision = settle(carried, rules=rules, marketplace="UK")
        self.assertEqual(decision.choices["a"].rule.account, "clearing UK")
        self.assertEqual(decision.choices["a"].reason, "payout")
        self.assertEqual(self.reasons(carried, rules=rules), {"a": ""})

    def test_a_channel_follows_its_marketplace(self):
        rules = Mapping((*RULES, Rule("sales", "income UK", marketplace="UK")), {"other": "UK"})
        sold = line(key="a", marketplace="other")
        facts = Facts(amount_total=sold.amount, amount_rows=sold.amount)
        decision = Decision([sold], rules, ONE_MONTH, facts)
        choice = decision.choices["a"]
        self.assertEqual((choice.rule.account, choice.reason), ("income UK", "channel"))

    def test_delivery_of_zero_rated_goods_that_was_taxed(self):
        rules = (
            *RULES[:2],
            Rule("sales_tax", "tax"),
            Rule("shipping_income", "s", tax_mode="output_included", taxes=("20",)),
            Rule("shipping_income", "s", tax_class="zero", tax_mode="marketplace", taxes=("0",),
                 zero_rated=True),
        )  # fmt: skip
        rates = (Decimal("0.19"), Decimal("0.21"))
        sent = line("shipping_income", key="a", words=SHIPPING, tax_form="net",
                    tax_class="zero", rates=rates)  # fmt: skip
        self.assertEqual(self.reasons(sent, rules=rules), {"a": ""}, "the marketplace's tax")
        own = rules[-1]._replace(tax_mode="output_on_net")
        decision = settle(sent, rules=(*rules[:-1], own))
        choice = decision.choices["a"]
        self.assertEqual((choice.rule.taxes, choice.tax), (("20",), "beside"))
        self.assertEqual(choice.reason, "charged")

    def test_what_takes_back_a_price_without_tax_has_none_inside(self):
        rules = (
            *RULES[:2],
            Rule("shipping_income", "s", tax_class="zero", tax_mode="output_included",
                 taxes=("0",), zero_rated=True),
            Rule("selling_fees", "f", tax_mode="input_included", taxes=("20",)),
        )  # fmt: skip
        back = line("selling_fees", "-5.00", key="a", words=CHARGEBACK, tax_form="none")
        self.assertEqual(settle(back, rules=rules).choices["a"].tax, "included")
        zero = back._replace(tax_class="zero")
        choice = settle(zero, rules=rules).choices["a"]
        self.assertEqual((choice.tax, choice.reason), ("", "untaxed_price"))


class TestOrder(unittest.TestCase):
    def test_items_stand_in_the_order_of_categories_and_marketplaces_however_the_file_is(self):
        lines = (
            line("selling_fees", "-1.00"),
            line("sales", "2.00", marketplace="UK", marketplace_name="b"),
            line("sales", "3.00", marketplace="DE", marketplace_name="a"),
        )
        (part,) = settle(*lines).plan.parts
        found = [(item.category, item.marketplace) for item in part.items]
        self.assertEqual(found, [("sales", "DE"), ("sales", "UK"), ("selling_fees", "UK"),
                                 (DEPOSIT, None)])  # fmt: skip


class TestCodes(unittest.TestCase):
    def test_each_code_has_one_kind(self):
        every = [*decide.PROOF, *decide.MAPPING, *decide.TAX, *decide.BOOKING, *decide.NOTES]
        self.assertEqual(len(every), len(set(every)))

    def test_parts_name_the_clearing_account_for_what_conversion_rounds(self):
        two = line(month=JANUARY), line(amount="5.00")
        plan = settle(*two, calendar=TWO_MONTHS).plan
        self.assertEqual([part.clearing for part in plan.parts], ["clearing", "clearing"])
