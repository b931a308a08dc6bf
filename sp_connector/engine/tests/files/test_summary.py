"""Rows → lines, fingerprint and proof."""

import unittest
import zoneinfo
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from ...lines.summary import Grouping, summarise
from ...words.sku import SkuClasses, SkuRule
from ..helpers import (
    V1_COLUMNS,
    V2_COLUMNS,
    classifier,
    codes,
    head,
    read,
    row,
    sample,
    settle,
    settlements,
    table,
    v1_row,
)

PRINCIPAL = "Order/ItemPrice/Principal"
COMMISSION = "Order/ItemFees/Commission"


def lines_of(data, **options):
    return list(settle(data, **options).lines.values())


def keys_of(data, **options):
    return [line.key for line in lines_of(data, **options)]


class TestLines(unittest.TestCase):
    def test_rows_with_the_same_key_are_one_line(self):
        rows = [row(PRINCIPAL, "5.00", sku=f"A{number}") for number in range(3)]
        (line,) = lines_of(table(head("15.00"), *rows))
        self.assertEqual((line.amount, line.row_count, line.category), (15, 3, "sales"))
        self.assertEqual(
            line.key,
            ("", date(2026, 4, 1), "Order", "ItemPrice", "Principal", "", "gross", "", False, ""),
        )

    def test_what_makes_a_line_of_its_own(self):
        base = row(PRINCIPAL, "5.00", marketplace_name="Amazon.de", fulfillment_id="AFN")
        for change in (
            {"marketplace-name": "Amazon.fr"},
            {"posted-date-time": "2026-05-10 12:00:00 UTC"},
            {"transaction-type": "Refund"},
            {"amount-type": "ItemFees"},
            {"amount-description": "Shipping"},
            {"fulfillment-id": "MFN"},
        ):
            self.assertEqual(len(lines_of(table(head("10.00"), base, base | change))), 2, change)

    def test_product_lines_are_lines_of_their_own_with_their_fees_and_nothing_is_lost(self):
        """All rows of a SKU, unlike the tax class, which is of prices alone."""
        rows = [
            row(words, amount, sku=sku)
            for sku in ("BOOK-1", "BOOK-2", "LAMP", "")
            for words, amount in ((PRINCIPAL, "5.00"), (COMMISSION, "-1.00"))
        ]
        grouping = Grouping(product_lines=SkuClasses([SkuRule("BOOK-*", "books")]))
        data = table(head("16.00"), *rows)
        (settlement,) = summarise(read(data), classifier(), grouping).values()
        found = {
            (key.amount_type, key.product_line): (line.amount, line.row_count)
            for key, line in settlement.lines.items()
        }
        self.assertEqual(
            found,
            {
                ("ItemPrice", "books"): (10, 2),
                ("ItemFees", "books"): (-2, 2),
                ("ItemPrice", ""): (10, 2),
                ("ItemFees", ""): (-2, 2),
            },
        )
        self.assertTrue(settlement.proved)
        self.assertEqual(settlement.digest, settle(data).digest, "the same file")

    def test_what_does_not(self):
        base = row(PRINCIPAL, "5.00", marketplace_name="Amazon.de", fulfillment_id="AFN")
        for change in (
            {"order-id": "2"},
            {"sku": "B"},
            {"posted-date-time": "2026-04-11 12:00:00 UTC"},
            {"fulfillment-id": "afn"},
            {"promotion-id": "P"},
        ):
            self.assertEqual(len(lines_of(table(head("10.00"), base, base | change))), 1, change)

    def test_free_text_is_folded(self):
        """Or else each coupon would be a line."""
        rows = [
            row(f"CouponRedemptionFee/CouponRedemptionFee/Coupon {number}", "-1.00")
            for number in range(50)
        ]
        (line,) = lines_of(table(head("-50.00"), *rows))
        self.assertEqual(line.key.amount_description, "*")
        self.assertEqual((line.category, line.amount), ("advertising", -50))

    def test_unknown_words_are_lines_of_their_own(self):
        text = table(head("3.00"), row("A/B/C", "1.00"), row("A/B/D", "2.00"))
        self.assertEqual([line.key[4] for line in settle(text).unknown], ["C", "D"])
        self.assertTrue(settle(text).proved, "the words are another question than the sum")

    def test_unknown_words_without_money_do_no_harm(self):
        text = table(
            head("0.00"), row("A/B/C", "0.00"), row("A/B/D", "1.00"), row("A/B/D", "-1.00")
        )
        self.assertEqual([line.key[4] for line in settle(text).unknown], ["D"])

    def test_sums_are_exact(self):
        """0.1 + 0.2: no float on the way."""
        settlement = settle(table(head("0.30"), row(PRINCIPAL, "0.10"), row(COMMISSION, "0.20")))
        self.assertEqual(settlement.amount_rows, Decimal("0.30"))
        for value in (settlement.amount_rows, settlement.amount_lines, settlement.difference):
            self.assertIs(type(value), Decimal)

    def test_sample_lines_make_the_rows(self):
        for name in ("v2_uk_gbp.txt", "v1_ca_cad_36_columns.txt", "v2_eu_eur_mix.txt"):
            settlement = settle(sample(name))
            lines = settlement.lines.values()
            self.assertEqual(sum(line.row_count for line in lines), settlement.row_count)
            self.assertEqual(settlement.amount_lines, settlement.amount_rows)


class TestQuantity(unittest.TestCase):
    def test_counts_on_principal_alone(self):
        """It is repeated on every component of the item."""
        words = (PRINCIPAL, "Order/ItemPrice/Tax", COMMISSION, "Order/Promotion/Principal")
        rows = [row(word, "1.00", quantity_purchased="3") for word in words]
        found = {line.key[3:5]: line.quantity for line in lines_of(table(head("4.00"), *rows))}
        self.assertEqual(found.pop(("ItemPrice", "Principal")), 3)
        self.assertEqual(set(found.values()), {0})

    def test_v1_counts_on_its_own_row(self):
        rows = [
            v1_row("Order", quantity_purchased="2"),
            v1_row("Order", price_type="Principal", price_amount="5.00"),
        ]
        lines = lines_of(table(head("5.00"), *rows, columns=V1_COLUMNS))
        self.assertEqual([(line.quantity, line.amount) for line in lines], [(2, 0), (0, 5)])


class TestMonth(unittest.TestCase):
    text = table(
        head("4.00"),
        row(PRINCIPAL, "1.00", posted_date_time="2026-04-30 21:59:59 UTC"),
        row(PRINCIPAL, "1.00", posted_date_time="2026-04-30 23:30:00 UTC"),
        row(PRINCIPAL, "1.00", posted_date_time="2026-05-01 00:00:00 UTC"),
        row(PRINCIPAL, "1.00", posted_date_time="2026-05-01 06:59:59 UTC"),
    )

    def months(self, zone):
        return {line.key.month.month: line.row_count for line in lines_of(self.text, zone=zone)}

    def test_utc(self):
        self.assertEqual(self.months(timezone.utc), {4: 2, 5: 2})

    def test_a_fixed_zone(self):
        self.assertEqual(self.months(timezone(timedelta(hours=2))), {4: 1, 5: 3})
        self.assertEqual(self.months(timezone(timedelta(hours=-7))), {4: 4})

    def test_zones_with_summer_time(self):
        try:
            berlin, pacific = map(zoneinfo.ZoneInfo, ("Europe/Berlin", "America/Los_Angeles"))
        except zoneinfo.ZoneInfoNotFoundError:
            self.skipTest("this system has no time zones")
        self.assertEqual(self.months(berlin), {4: 1, 5: 3})
        self.assertEqual(self.months(pacific), {4: 4})

    def test_the_zone_moves_no_money(self):
        one, two = settle(self.text), settle(self.text, timezone(timedelta(hours=9)))
        self.assertEqual(one.amount_lines, two.amount_lines)
        self.assertEqual(one.digest, two.digest)
        self.assertTrue(two.proved)

    def test_no_date_goes_with_the_end(self):
        (key,) = keys_of(table(head("1.00"), row(PRINCIPAL, "1.00", posted_date_time="")))
        self.assertIsNone(key.month)


class TestDateBooked(unittest.TestCase):
    def booked(self, **cells):
        return settle(table(head("1.00", **cells), row(PRINCIPAL, "1.00"))).date_booked

    def test_the_best_the_file_has(self):
        none = {"settlement_end_date": ""}
        self.assertEqual(self.booked(), date(2026, 4, 15))
        self.assertEqual(self.booked(**none), date(2026, 4, 17))
        none["deposit_date"] = ""
        self.assertEqual(self.booked(**none), date(2026, 4, 10))
        text = table(head("1.00", **none), row(PRINCIPAL, "1.00", posted_date_time=""))
        self.assertEqual(settle(text).date_booked, date(2026, 4, 1))
        none["settlement_start_date"] = ""
        text = table(head("1.00", **none), row(PRINCIPAL, "1.00", posted_date_time=""))
        self.assertIsNone(settle(text).date_booked)

    def test_last_posted_is_the_latest(self):
        moments = ["2026-04-10 12:00:00", "2026-04-12 08:00:00", "2026-04-11 09:00:00"]
        rows = [row(PRINCIPAL, "1.00", posted_date_time=moment) for moment in moments]
        self.assertEqual(settle(table(head("3.00"), *rows)).last_posted, datetime(2026, 4, 12, 8))


class TestTaxForm(unittest.TestCase):
    def forms(self, *rows, columns=V2_COLUMNS):
        text = table(head("0.00"), *rows, columns=columns)
        return {line.key[3:5]: line.key.tax_form for line in lines_of(text)}

    def test_net_gross_and_none(self):
        found = self.forms(
            row(PRINCIPAL, "5.00", order_id="1", order_item_code="1"),
            row("Order/ItemPrice/Tax", "1.00", order_id="1", order_item_code="1"),
            row("Order/Promotion/Shipping", "1.00", order_id="1", order_item_code="1"),
            row("Order/Promotion/TaxDiscount", "1.00", order_id="1", order_item_code="1"),
            row(COMMISSION, "1.00", order_id="1", order_item_code="1"),
            row("Order/ItemPrice/GiftWrap", "5.00", order_id="2", order_item_code="1"),
        )
        self.assertEqual(
            found,
            {
                ("ItemPrice", "Principal"): "net",
                ("ItemPrice", "Tax"): "net",
                ("Promotion", "Shipping"): "net",
                ("Promotion", "TaxDiscount"): "net",
                ("ItemFees", "Commission"): "none",
                ("ItemPrice", "GiftWrap"): "gross",
            },
        )

    def test_a_tax_row_speaks_for_its_own_item_and_event_only(self):
        tax = row("Order/ItemPrice/Tax", "1.00", order_id="1", order_item_code="1")
        for change in (
            {"order-id": "2"},
            {"order-item-code": "2"},
            {"transaction-type": "Refund"},
            {"adjustment-id": "A"},
        ):
            price = row(PRINCIPAL, "5.00", order_id="1", order_item_code="1")
            form = {line.key.tax_form for line in lines_of(table(head(), tax, price | change))}
            self.assertEqual(form, {"net", "gross"}, change)

    def test_a_tax_on_a_fee_is_no_tax_on_the_price(self):
        found = self.forms(
            row(PRINCIPAL, "5.00", order_id="1"),
            row("Order/ItemFees/MFNPostageFeeTax", "1.00", order_id="1"),
            row("Order/Promotion/Tax", "1.00", order_id="1"),
        )
        self.assertEqual(found["ItemPrice", "Principal"], "gross")

    def test_the_tax_row_may_come_later(self):
        price = row(PRINCIPAL, "5.00", order_id="1")
        tax = row("Order/ItemPrice/Tax", "1.00", order_id="1")
        self.assertEqual(self.forms(price, tax), self.forms(tax, price))

    def test_v1(self):
        found = self.forms(
            v1_row("Order", order_id="1", price_type="Principal", price_amount="5.00"),
            v1_row("Order", order_id="1", price_type="Tax", price_amount="1.00"),
            columns=V1_COLUMNS,
        )
        self.assertEqual(found["V1:price-amount", "Principal"], "net")


class TestLate(unittest.TestCase):
    """Rows posted on a day outside the period are lines of their own (head: 1 to 15 April)."""

    def late(self, day, words=PRINCIPAL):
        posted = row(words, "10.00", posted_date_time=f"{day} 12:00:00 UTC")
        (key,) = keys_of(table(head(), posted))
        return key.late

    def test_days_of_the_period_are_not_late(self):
        self.assertFalse(self.late("2026-04-01"))
        self.assertFalse(self.late("2026-04-15"))

    def test_days_before_and_after_are(self):
        self.assertTrue(self.late("2026-03-31"))
        self.assertTrue(self.late("2026-04-16"))

    def test_reserve_rows_come_seconds_later_and_belong_to_the_end(self):
        words = "other-transaction/other-transaction/Current Reserve Amount"
        self.assertFalse(self.late("2026-04-16", words))

    def test_a_file_without_a_period_has_no_late_rows(self):
        posted = row(PRINCIPAL, "10.00", posted_date_time="2020-01-01 00:00:00 UTC")
        period = {"settlement_start_date": "", "settlement_end_date": ""}
        (key,) = keys_of(table(head(**period), posted))
        self.assertFalse(key.late)


class TestDigest(unittest.TestCase):
    rows = (
        row(PRINCIPAL, "5.00", sku="Ä", order_id="1"),
        row(COMMISSION, "-1.00", order_id="1"),
        row("Refund/ItemPrice/Principal", "-2.00", order_id="2"),
    )
    text = table(head("2.00"), *rows)

    def digest(self, data):
        return settle(data).digest

    def test_does_not_depend_on_how_the_file_is_written(self):
        same = self.digest(self.text)
        self.assertRegex(same, "^[0-9a-f]{32}$")
        for name, data in {
            "order of rows": table(head("2.00"), *reversed(self.rows)),
            "summary row at the end": table(*self.rows, head("2.00")),
            "line ends": self.text.replace("\n", "\r\n"),
            "charset": self.text.encode("cp1252"),
            "byte order mark": self.text.encode("utf-16"),
            "preamble": "Hello\n\n" + self.text,
            "order of columns": table(head("2.00"), *self.rows, columns=V2_COLUMNS[::-1]),
            "short rows": "".join(line.rstrip("\t") + "\n" for line in self.text.splitlines()),
            "decimal comma": self.text.replace(".00\t", ",00\t"),
            "padding": self.text.replace("5.00", " 5.00 "),
            "form of dates": self.text.replace(
                "2026-04-10 12:00:00 UTC", "10.04.2026 14:00 +02:00"
            ),
        }.items():
            with self.subTest(name):
                self.assertEqual(self.digest(data), same)

    def test_is_the_same_in_every_python_and_every_year(self):
        """Stored fingerprints must be found again: a change here is a migration."""
        self.assertEqual(self.digest(self.text), "5b83a7bf7726d559c783ae4e1595835e")

    def test_depends_on_every_cell(self):
        same = self.digest(self.text)
        ours = ["settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date"]
        ours += ["total-amount", "currency", "posted-date"]  # the last is a fallback only
        for name in [name for name in V2_COLUMNS if name not in ours]:
            text = {"amount": "5.01", "quantity-purchased": "7"}.get(name, "2026-04-10 12:00:01")
            changed = table(head("2.00"), self.rows[0] | {name: text}, *self.rows[1:])
            self.assertNotEqual(self.digest(changed), same, name)
        for change in (
            {"total": "2.01"},
            {"currency": "EUR"},
            {"deposit_date": "2026-04-18"},
            {"settlement_start_date": ""},
            {"settlement_end_date": "2026-04-16"},
        ):
            changed = table(head(**{"total": "2.00", **change}), *self.rows)
            self.assertNotEqual(self.digest(changed), same, change)

    def test_depends_on_the_settlement_id(self):
        self.assertNotEqual(
            self.digest(table(head("5.00", "1"), row(PRINCIPAL, "5.00", "1"))),
            self.digest(table(head("5.00", "2"), row(PRINCIPAL, "5.00", "2"))),
        )

    def test_depends_on_the_number_of_identical_rows(self):
        one = table(head("0.00"), *[row(PRINCIPAL, "0.00")] * 2)
        two = table(head("0.00"), *[row(PRINCIPAL, "0.00")] * 3)
        self.assertNotEqual(self.digest(one), self.digest(two))

    def test_cells_do_not_run_into_each_other(self):
        one = table(head("5.00"), row(PRINCIPAL, "5.00", sku="A", order_id="1\x1f2"))
        two = table(head("5.00"), row(PRINCIPAL, "5.00", sku="A", order_id="1", shipment_id="2"))
        three = table(head("5.00"), row(PRINCIPAL, "5.00", sku="A', '", order_id=""))
        self.assertEqual(len({self.digest(data) for data in (one, two, three)}), 3)

    def test_swapped_amounts_are_another_content(self):
        one = table(head("3.00"), row(PRINCIPAL, "1.00", sku="A"), row(PRINCIPAL, "2.00", sku="B"))
        two = table(head("3.00"), row(PRINCIPAL, "2.00", sku="A"), row(PRINCIPAL, "1.00", sku="B"))
        self.assertNotEqual(self.digest(one), self.digest(two))

    def test_v1_and_v2_of_one_settlement_differ(self):
        v2 = table(head("5.00"), row(PRINCIPAL, "5.00"))
        v1 = table(head("5.00"), v1_row("Order", price_amount="5.00"), columns=V1_COLUMNS)
        self.assertNotEqual(self.digest(v1), self.digest(v2))
        self.assertNotEqual(
            self.digest(table(head("5.00"))), self.digest(table(head("5.00"), columns=V1_COLUMNS))
        )

    def test_a_file_without_the_flaws_is_another_content(self):
        """Or else the good file would count as imported already, and the bad one stay held."""
        same = self.digest(self.text)
        for flawed in (
            self.text + "(3 rows affected)\n",
            self.text + table(row(PRINCIPAL, "x")).partition("\n")[2],
            table(head("2.00"), self.rows[0] | {"total-amount": "3.00"}, *self.rows[1:]),
        ):
            self.assertFalse(settle(flawed).proved)
            self.assertNotEqual(self.digest(flawed), same)

    def test_in_a_file_with_others_it_is_the_same(self):
        both = settlements(sample("v2_two_settlements.txt"))
        self.assertEqual(both["99000000101"].digest, self.digest(sample("v2_uk_gbp.txt")))
        self.assertEqual(both["99000000102"].digest, self.digest(sample("v2_uk_gbp_next.txt")))


class TestProof(unittest.TestCase):
    good = (head("4.00"), row(PRINCIPAL, "5.00"), row(COMMISSION, "-1.00"))

    def test_everything_holds(self):
        settlement = settle(table(*self.good))
        self.assertTrue(settlement.proved)
        self.assertEqual((settlement.difference, settlement.row_count), (0, 2))

    def test_one_cent(self):
        for total in ("4.01", "3.99", "-4.00"):
            settlement = settle(table(head(total), *self.good[1:]))
            self.assertFalse(settlement.proved)
            self.assertEqual(settlement.difference, Decimal(total) - 4)

    def test_a_row_less(self):
        self.assertFalse(settle(table(*self.good[:2])).proved)

    def test_a_bad_row_that_would_be_zero(self):
        settlement = settle(table(*self.good, row(PRINCIPAL, "0.00", posted_date_time="x")))
        self.assertEqual((settlement.difference, settlement.bad_count), (0, 1))
        self.assertFalse(settlement.proved)

    def test_a_problem_of_the_file(self):
        text = table(*self.good)
        settlement = settle(text + table(head("4.00"), row(PRINCIPAL, "4.00")))
        self.assertEqual(codes(settlement.problems), ["repeated_settlement"])
        self.assertFalse(settlement.proved)

    def test_a_damaged_file_holds_nothing_that_could_be_proved(self):
        report = read(sample("refused_spreadsheet.txt"))
        self.assertFalse(report.headers)
        self.assertEqual(settlements(sample("refused_spreadsheet.txt")), {})

    def test_lines_that_lost_something(self):
        settlement = settle(table(*self.good))
        next(iter(settlement.lines.values())).amount += 1
        self.assertFalse(settlement.proved)
