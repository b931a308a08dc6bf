"""Lines and accounts → the plan of journal entries."""

import unittest
from datetime import date
from decimal import Decimal

from ...books.entry import Item, Missing, plan_entries
from ...books.lines import PlanLine
from ...books.mapping import Mapping, Rule
from ...books.periods import Calendar
from ...books.tax_rows import treatment

RULES = [
    Rule("sales", "4000"),
    Rule("sales", "4001", "DE"),
    Rule("selling_fees", "6000"),
    Rule("reserve", "1400"),
    Rule("sales_tax", "2200"),
    Rule("marketplace_withheld_tax", "2200"),
    Rule("deposit", "1500"),
    Rule("deposit", "1501", "DE"),
    Rule("rollover", "1600"),
]
MAPPING = Mapping(RULES)
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def tenth(_taxes, amount):
    return (amount / 10).quantize(Decimal("0.01"))


def plan(total, *lines, mapping=MAPPING, **options):
    lines = [
        PlanLine(number, category, place, Decimal(amount))
        for number, (category, place, amount) in enumerate(lines)
    ]
    return plan_entries(Decimal(total), lines, mapping, **options)


def only(found):
    (part,) = found.parts
    return part.items


class TestPlan(unittest.TestCase):
    def test_sides(self):
        """Income is a credit, a fee a debit, the payout a debit on the clearing account."""
        found = plan("85.00", ("sales", None, "100.00"), ("selling_fees", None, "-15.00"))
        self.assertEqual(
            only(found),
            (
                Item("4000", "sales", None, Decimal("-100.00"), (0,)),
                Item("6000", "selling_fees", None, Decimal("15.00"), (1,)),
                Item("1500", "deposit", None, Decimal("85.00"), ()),
            ),
        )
        self.assertEqual((found.amount_entry, found.difference), (85, 0))
        self.assertTrue(found.proved)

    def test_one_item_per_category_marketplace_and_account(self):
        found = plan(
            "10",
            *(("sales", "DE", "1"), ("sales", "FR", "2"), ("sales", "DE", "3")),
            *(("sales", None, "4"),),
        )
        self.assertEqual(
            [(*item[:1], *item[2:5]) for item in only(found)],
            [("4001", "DE", -4, (0, 2)), ("4000", "FR", -2, (1,)), ("4000", None, -4, (3,)),
             ("1500", None, 10, ())],
        )  # fmt: skip

    def test_negative_total_is_a_credit_on_clearing(self):
        found = plan("-15.00", ("selling_fees", None, "-15.00"))
        self.assertEqual(only(found)[-1].balance, -15)
        self.assertTrue(found.proved)

    def test_zero_settlement_books_all_but_a_deposit(self):
        found = plan("0.00", ("sales", None, "85.51"), ("reserve", None, "-85.51"))
        self.assertEqual([item.category for item in only(found)], ["sales", "reserve"])
        self.assertTrue(found.proved)

    def test_lines_that_cancel_make_no_item(self):
        found = plan("5", ("sales", None, "5"), ("sales", "DE", "7"), ("sales", "DE", "-7"))
        self.assertEqual(len(only(found)), 2)
        self.assertTrue(found.proved)

    def test_zero_lines_need_no_account(self):
        found = plan("5", ("sales", None, "5"), ("unknown", "DE", "0.00"))
        self.assertEqual(found.missing, ())
        self.assertTrue(found.proved)

    def test_missing_accounts_are_named_once_and_nothing_is_planned(self):
        found = plan(
            *("9", ("sales", None, "5"), ("loan", "DE", "1"), ("loan", "DE", "1")),
            ("unknown", None, "2"),
        )
        self.assertEqual(found.parts, ())
        self.assertEqual(found.missing, (Missing("loan", "DE"), Missing("unknown", None)))
        self.assertFalse(found.proved)
        self.assertEqual((found.amount_entry, found.difference), (5, 4))

    def test_missing_clearing_account(self):
        found = plan(
            "5", ("sales", None, "5"), mapping=Mapping([Rule("sales", "4000")]), marketplace="UK"
        )
        self.assertEqual(found.missing, (Missing("deposit", "UK"),))
        self.assertFalse(found.proved)

    def test_clearing_account_of_the_settlements_marketplace(self):
        found = plan("5", ("sales", "DE", "5"), marketplace="DE")
        self.assertEqual(only(found)[-1].account, "1501")

    def test_difference_is_shown_and_never_plugged(self):
        found = plan("36.54", ("sales", None, "36.53"))
        self.assertEqual(found.difference, Decimal("0.01"))
        self.assertEqual(sum(item.balance for item in only(found)), Decimal("0.01"))
        self.assertFalse(found.proved)

    def test_amounts_are_exact(self):
        lines = [("sales", None, "0.10")] * 3 + [("selling_fees", None, "-0.30")]
        self.assertTrue(plan("0.00", *lines).proved)
        for item in only(plan("0.00", *lines)):
            self.assertIs(type(item.balance), Decimal)

    def test_no_lines(self):
        self.assertEqual(plan("5").difference, 5)
        self.assertFalse(plan("5").proved)


class TestParts(unittest.TestCase):
    CALENDAR = Calendar(date(2026, 6, 24), date(2026, 7, 8), date(2026, 7, 8))

    def parts(self, total, *lines, mapping=MAPPING, calendar=CALENDAR):
        lines = [
            PlanLine(number, category, None, Decimal(amount), month)
            for number, (category, amount, month) in enumerate(lines)
        ]
        return plan_entries(Decimal(total), lines, mapping, calendar=calendar)

    def test_each_month_has_its_income_and_the_last_part_the_payout(self):
        found = self.parts("25", ("sales", "10", JUNE), ("sales", "15", JULY))
        self.assertEqual(
            [(part.date, [(i.account, i.balance) for i in part.items]) for part in found.parts],
            [
                (date(2026, 6, 30), [("4000", -10), ("1600", 10)]),
                (date(2026, 7, 8), [("4000", -15), ("1600", -10), ("1500", 25)]),
            ],
        )
        self.assertEqual([part.amount for part in found.parts], [10, 15])
        self.assertTrue(found.proved)

    def test_reserve_and_carried_rows_belong_to_the_last_part(self):
        found = self.parts("5", ("sales", "10", JUNE), ("reserve", "-5", None))
        self.assertEqual(
            [[(i.account, i.balance) for i in part.items] for part in found.parts],
            [[("4000", -10), ("1600", 10)], [("1400", 5), ("1600", -10), ("1500", 5)]],
        )
        self.assertTrue(found.proved)

    def test_a_month_that_owes_amazon_is_a_credit_on_the_rollover_account(self):
        found = self.parts("7", ("selling_fees", "-8", JUNE), ("sales", "15", JULY))
        self.assertEqual(found.parts[0].items[-1][0:4:3], ("1600", -8))
        self.assertEqual(found.parts[1].items[1][0:4:3], ("1600", 8))

    def test_a_quarter_has_three_parts_and_a_year_end_is_a_month_end(self):
        calendar = Calendar(date(2025, 11, 20), date(2026, 1, 10), date(2026, 1, 10))
        months = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
        found = self.parts("6", *(("sales", "2", month) for month in months), calendar=calendar)
        self.assertEqual(
            [part.date for part in found.parts],
            [date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 10)],
        )
        self.assertEqual([i.balance for i in found.parts[2].items], [-2, -2, -2, 6])
        self.assertTrue(found.proved)

    def test_a_month_without_rows_has_no_part(self):
        calendar = Calendar(date(2026, 6, 5), date(2026, 8, 1), date(2026, 8, 1))
        found = self.parts("10", ("sales", "10", JUNE), calendar=calendar)
        self.assertEqual([part.date for part in found.parts], [date(2026, 6, 30), date(2026, 8, 1)])

    def test_rows_of_a_month_outside_the_period_go_to_its_ends(self):
        found = self.parts("3", ("sales", "1", date(2026, 4, 1)), ("sales", "2", date(2026, 9, 1)))
        self.assertEqual([part.amount for part in found.parts], [1, 2])
        self.assertEqual(found.parts[0].date, date(2026, 6, 30))

    def test_the_day_of_the_deposit_may_date_the_last_part(self):
        calendar = Calendar(date(2026, 6, 17), date(2026, 6, 30), date(2026, 7, 2))
        found = self.parts("4", ("sales", "9", JUNE), ("reserve", "-5", None), calendar=calendar)
        self.assertEqual(
            [(part.date, part.amount) for part in found.parts],
            [(date(2026, 6, 30), 9), (date(2026, 7, 2), -5)],
        )

    def test_one_entry_where_months_are_not_split(self):
        calendar = self.CALENDAR._replace(by_month=False)
        found = self.parts("25", ("sales", "10", JUNE), ("sales", "15", JULY), calendar=calendar)
        self.assertEqual([part.date for part in found.parts], [date(2026, 7, 8)])

    def test_nothing_is_paid_and_the_last_month_has_no_rows(self):
        """What June and July carry is cleared all the same."""
        calendar = Calendar(date(2026, 6, 5), date(2026, 8, 1), date(2026, 8, 1))
        found = self.parts(
            "0", ("sales", "10", JUNE), ("selling_fees", "-10", JULY), calendar=calendar
        )
        self.assertEqual(
            [[(i.account, i.balance) for i in part.items] for part in found.parts],
            [
                [("4000", -10), ("1600", 10)],
                [("6000", 10), ("1600", -10)],
                [("1600", -10), ("1600", 10)],
            ],
        )
        self.assertTrue(found.proved)

    def test_the_rollover_account_is_missing(self):
        found = self.parts(
            *("25", ("sales", "10", JUNE), ("sales", "15", JULY)), mapping=Mapping(RULES[:-1])
        )
        self.assertEqual(found.missing, (Missing("rollover", None),))

    def test_invoices_are_paid_each_by_itself(self):
        lines = [
            PlanLine(0, "sales", None, Decimal(10), JUNE),
            PlanLine(1, "selling_fees", None, Decimal(-15), JULY),
        ]
        found = plan_entries(Decimal(-5), lines, MAPPING, calendar=self.CALENDAR, each_paid=True)
        self.assertEqual(
            [[(i.account, i.balance) for i in part.items] for part in found.parts],
            [[("4000", -10), ("1500", 10)], [("6000", 15), ("1500", -15)]],
        )
        self.assertTrue(found.proved)

    def test_a_rule_holds_from_its_date(self):
        rules = [*RULES, Rule("sales", "4100", date_from=date(2026, 7, 1))]
        found = self.parts(
            *("25", ("sales", "10", JUNE), ("sales", "15", JULY)), mapping=Mapping(rules)
        )
        self.assertEqual([part.items[0].account for part in found.parts], ["4000", "4100"])


class TestTax(unittest.TestCase):
    PRICE, TAX = ("Order", "ItemPrice", "Principal"), ("Order", "ItemPrice", "Tax")

    def tax_plan(self, mode, *lines, taxes=("T",)):
        rules = [rule for rule in RULES if rule.category != "sales"]
        rules.append(Rule("sales", "4000", tax_mode=mode, taxes=taxes))
        lines = [
            PlanLine(
                number,
                {"Principal": "sales", "Shipping": "sales", "Tax": "sales_tax"}.get(
                    words[2], "marketplace_withheld_tax"
                ),
                "AU",
                Decimal(amount),
                words=words,
                tax_form=form,
            )
            for number, (words, amount, form) in enumerate(lines)
        ]
        total = sum(line.amount for line in lines)
        return plan_entries(total, lines, Mapping(rules), tax_on=tenth)

    def taxed(self, found):
        return [(i.account, i.balance, i.tax, i.tax_balance, i.tax_keys) for i in only(found)[:-1]]

    def test_gross_and_net_of_one_file_are_two_items(self):
        """19.67 gross is 17.88 net and 1.79 tax (docs/facts/tax.md, "Gross and net")."""
        found = self.tax_plan(
            "output_included",
            *((self.PRICE, "19.67", "gross"), (self.PRICE, "17.88", "net")),
            (self.TAX, "1.79", "net"),
        )
        self.assertEqual(
            self.taxed(found),
            [
                ("4000", Decimal("-19.67"), "included", 0, ()),
                ("4000", Decimal("-17.88"), "beside", Decimal("-1.79"), (2,)),
            ],
        )
        self.assertTrue(found.proved)

    def test_tax_on_net_takes_nothing_out_of_a_price_without_a_tax_row(self):
        found = self.tax_plan("output_on_net", (self.PRICE, "19.67", "gross"))
        self.assertEqual(self.taxed(found), [("4000", Decimal("-19.67"), "", 0, ())])
        self.assertEqual(only(found)[0].taxes, ())

    def test_the_seller_owes_no_tax_that_the_marketplace_keeps(self):
        found = self.tax_plan(
            "output_included",
            *((self.PRICE, "10", "withheld"), (self.TAX, "1", "withheld")),
            (("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"), "-1", "none"),
        )
        self.assertEqual([i[:3] for i in self.taxed(found)][0], ("4000", -10, ""))
        self.assertEqual([i[1] for i in self.taxed(found)][1:], [-1, 1])

    def test_amazons_rounding_of_each_row_stays(self):
        rows = [(self.PRICE, "0.14", "net"), (self.TAX, "0.02", "net")]
        found = self.tax_plan("output_on_net", *rows)
        self.assertEqual(only(found)[0].tax_balance, Decimal("-0.02"))
        self.assertTrue(found.proved)

    def test_a_tax_that_does_not_fit_is_named(self):
        found = self.tax_plan("output_on_net", (self.PRICE, "100", "net"), (self.TAX, "20", "net"))
        (misfit,) = found.misfits
        self.assertEqual((misfit.marketplace, misfit.taxes), ("AU", ("T",)))
        self.assertEqual((misfit.found, misfit.expected), (20, 10))
        self.assertFalse(found.proved)

    def test_tax_rows_are_shared_by_what_they_tax(self):
        found = self.tax_plan(
            "output_on_net",
            *((self.PRICE, "100", "net"), (("Order", "ItemPrice", "Shipping"), "5.05", "net")),
            *((self.TAX, "10.51", "net"),),
        )
        (item,) = only(found)[:-1]
        self.assertEqual((item.balance, item.tax_balance), (Decimal("-105.05"), Decimal("-10.51")))

    def test_tax_rows_of_prices_that_cancel_go_with_the_others(self):
        """Sold and taken back in other words: shipping, in an item of its own, keeps its tax."""
        back = ("Liquidations", "ItemPrice", "Principal"), ("Liquidations", "ItemPrice", "Tax")
        rules = [Rule("sales", "4000", tax_mode="output_on_net", taxes=("T",)), *RULES[2:]]
        rules.append(Rule("shipping_income", "4100", tax_mode="output_on_net", taxes=("T",)))
        lines = [
            PlanLine(number, category, "AU", Decimal(amount), None, words, tax_form="net")
            for number, (category, words, amount) in enumerate(
                [
                    ("sales", self.PRICE, "100"),
                    ("shipping_income", ("Order", "ItemPrice", "Shipping"), "5"),
                    ("sales_tax", self.TAX, "10.50"),
                    ("sales", back[0], "-100"),
                    ("sales_tax", back[1], "-10"),
                ]
            )
        ]
        found = plan_entries(Decimal("5.50"), lines, Mapping(rules), tax_on=tenth)
        (item, _deposit) = only(found)
        self.assertEqual((item.account, item.tax_balance), ("4100", Decimal("-0.50")))
        self.assertEqual((item.line_keys, sorted(item.tax_keys)), ((1,), [2, 4]))
        self.assertTrue(found.proved)

    def test_zero_rated_goods_are_a_taxed_sale_whatever_stands_beside_the_price(self):
        rule = Rule("sales", "4000", tax_mode="output_included", taxes=("Z",), zero_rated=True)
        found = [treatment(rule, form) for form in ("gross", "net", "zero", "withheld")]
        self.assertEqual(found, ["included", "beside", "excluded", "excluded"])
        found = [treatment(rule._replace(zero_rated=False), form) for form in ("zero", "withheld")]
        self.assertEqual(found, ["", ""])

    def test_tax_rows_without_a_taxed_price_keep_their_own_account(self):
        found = self.tax_plan("none", (self.PRICE, "100", "net"), (self.TAX, "10", "net"))
        self.assertEqual([i.account for i in only(found)[:-1]], ["4000", "2200"])

    def test_zero_rates_and_reverse_charge_add_nothing(self):
        for mode in ("marketplace", "reverse_charge"):
            (item, _deposit) = only(self.tax_plan(mode, (self.PRICE, "100", "withheld")))
            self.assertEqual((item.tax, item.taxes, item.balance), ("excluded", ("T",), -100))
