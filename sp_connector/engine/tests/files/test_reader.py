"""Lines that are looked up by the page say what they say when each is read by itself."""

import contextlib
import dataclasses
import io
import os
import random
import unittest
from unittest.mock import patch
from zoneinfo import ZoneInfo

from ...files.document import Document
from ...lines import flat_file, reader, sums
from ...lines.flat_file import COPIED
from ...lines.summary import Grouping, summarise
from ...words.sku import SkuClasses, SkuRule
from ..helpers import (
    MOMENT,
    SAMPLES,
    V1_COLUMNS,
    classifier,
    head,
    row,
    sample,
    table,
    v1_row,
)

GROUPINGS = (
    Grouping(),
    Grouping(ZoneInfo("Australia/Adelaide"), SkuClasses([SkuRule("A*", "reduced")])),
)
WORDS = (
    *("Order/ItemPrice/Principal", "Order/ItemPrice/Tax", "Order/ItemPrice/Shipping"),
    *("Order/ItemPrice/ShippingTax", "Order/ItemFees/Commission", "Order/Promotion/Principal"),
    *("Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal", "Refund/ItemPrice/Principal"),
    *("other-transaction/other-transaction/Storage Fee", "Order/ItemFees/Shipping Chargeback"),
)
#: What is unusual in a cell, beside what is not.
ODD = {
    "amount": ("1,234.50", "(2.00)", "10.120", "x", "", "+3.00", " 4.00", "-0.00"),
    "posted-date-time": ("10/04/2026", "2026-04-32 12:00:00 UTC", "", "10.04.2026", "2026-03-01"),
    "sku": ('"A1"', "A'1", "Ä1", "A\\1", " A1", "A\u00a01", "1.50E+13", "A" * 700, "A\x1f1"),
    "quantity-purchased": ("0", "x", "1.0", "12345678", ""),
    "marketplace-name": ("Amazon.co.jp", "アマゾン", ""),
    "promotion-id": ("Kid's tea", "お茶 10%", "a\tb"),
    "settlement-id": ("43", ""),
    "transaction-type": ("",),
    "currency": ("EUR", "GBP"),
}


#: ``SP_CONNECTOR_FUZZ=100000`` draws more.
COUNT = int(os.environ.get("SP_CONNECTOR_FUZZ", "3000")) // 250


def drawn(seed, size=200):
    """The text of a file of order items, some of which hold what is unusual."""
    rng = random.Random(seed)
    rows, items = [], rng.randint(1, 200)
    while len(rows) < size:
        item, sku = rng.randrange(items), rng.choice("ABC")
        cells = {
            "order_id": f"999-{item}",
            "order_item_code": str(item),
            "sku": f"{sku}-{item % 7}",
            "quantity_purchased": str(rng.choice((1, 1, 1, 2))),
            "marketplace_name": "Amazon.co.uk",
            "posted_date_time": rng.choice((MOMENT, "2026-04-30 23:30:00 UTC")),
        }
        for words in rng.sample(WORDS, rng.randint(1, 5)):
            amount = f"{rng.choice((rng.randrange(-999, 999), 1000, 200)) / 100:.2f}"
            rows.append(row(words, amount, **cells))
    for _time in range(rng.choice((0, 0, 1, 5, 40))):
        name = rng.choice(list(ODD))
        rows[rng.randrange(len(rows))][name] = rng.choice(ODD[name])
    if rng.random() < 0.3:
        rng.shuffle(rows)
    summary = [head(), head(ref="43", currency=rng.choice(("GBP", "JPY")))]
    return table(*summary, *rows, end=rng.choice(("\n", "\r\n")))


def all_of(report, grouping):
    """All that a report says, part by part."""
    found = summarise(report, classifier(), grouping)
    yield [without(header, "orders") for header in report.headers.values()]
    yield report.problems
    yield report.notes
    yield list(report.rows())
    for settlement in found.values():
        yield settlement.digest
        yield [dataclasses.asdict(line) for line in settlement.lines.values()]
        yield without(settlement, "lines", "header")


def without(thing, *names):
    return {name: value for name, value in vars(thing).items() if name not in names}


def open_one(data):
    return flat_file.open_report(Document("file.txt", data.encode()))


class TestPages(unittest.TestCase):
    maxDiff = 2000

    def compare(self, data, **bounds):
        for grouping in GROUPINGS:
            with patch.object(reader.Reader, "_look_up", return_value=None):
                by_line = list(all_of(open_one(data), grouping))
            for size in (3, 128):
                with contextlib.ExitStack() as stack:
                    stack.enter_context(patch.object(reader, "_LINES", size))
                    for name, value in bounds.items():
                        stack.enter_context(patch.object(sums, name, value))
                    by_page = list(all_of(open_one(data), grouping))
                self.assertEqual(by_line, by_page)

    def test_samples(self):
        for path in sorted(SAMPLES.glob("v*.txt")):
            with self.subTest(path.name):
                self.compare(path.read_bytes().decode("utf-8", "replace"))

    def test_drawn_files(self):
        for seed in range(COUNT):
            with self.subTest(seed):
                self.compare(drawn(seed))

    def test_orders_that_never_end_and_more_texts_than_are_kept(self):
        for seed in range(3):
            with patch.object(reader, "_KNOWN", 3):
                self.compare(drawn(seed), _ORDER_ROWS=50, _KNOWN=3)

    def test_most_lines_are_looked_up(self):
        """Or else nothing is compared above."""
        lines = 0
        look_up = reader.Reader._look_up

        def count(self, number, rows):
            nonlocal lines
            page = look_up(self, number, rows)
            lines += len(rows) if page else 0
            return page

        rows = [row(words, "1.00", order_id=str(i)) for i in range(100) for words in WORDS]
        v1 = [v1_row("Order", order_id=str(i), price_type="Principal", price_amount="1.00")
              for i in range(1000)]  # fmt: skip
        for text in (table(head(), *rows), table(head(), *v1, columns=V1_COLUMNS)):
            lines = 0
            with patch.object(reader.Reader, "_look_up", count):
                self.assertEqual(len(list(open_one(text).rows())), 1000)
            self.assertGreater(lines, 1500, "in two readings")


class TestReadings(unittest.TestCase):
    def readings(self, data, use):
        """How often the bytes are read to their end."""
        size, read = len(data), 0

        def source():
            stream = io.BytesIO(data)
            original = stream.read

            def counted(size=-1):
                nonlocal read
                found = original(size)
                read += len(found)
                return found

            stream.read = counted
            return stream

        use(flat_file.open_report(Document("file.txt", source)))
        return round(read / size)

    def test_one_reading_says_all_and_another_writes(self):
        rows = [row(words, "1.00", order_id=str(i)) for i in range(500) for words in WORDS[:6]]
        data = table(head("3000.00"), *rows).encode()

        def learn(report):
            (settlement,) = summarise(report, classifier()).values()
            self.assertTrue(settlement.proved and report.headers and report.document.sha256)
            return settlement

        def write(report):
            fronts = {("42", key): "1\t2" for key in learn(report).lines}
            self.assertEqual(b"".join(report.copy_rows(fronts)).count(b"\n"), 3000)

        self.assertEqual(self.readings(data, lambda report: report.document.sha256), 1)
        self.assertEqual(self.readings(data, learn), 1)
        self.assertEqual(self.readings(data, write), 2)

    def test_an_item_that_comes_back_with_its_tax_is_read_again(self):
        """A program has sorted the rows: all prices, then all taxes."""
        cells = [{"order_id": str(i), "order_item_code": str(i)} for i in range(300)]
        rows = [row(WORDS[0], "10.00", **one) for one in cells]
        rows += [row(WORDS[1], "2.00", **one) for one in cells]
        report = open_one(table(head("3600.00"), *rows))
        (settlement,) = summarise(report, classifier()).values()
        self.assertEqual({key.tax_form for key in settlement.lines}, {"net"})
        self.assertTrue(settlement.proved)

    def test_other_character_sets_start_over(self):
        rows = [row(WORDS[0], "1.00", sku="Größe") for _number in range(500)]
        data = table(head("500.00"), *rows)
        for charset in ("utf-8", "cp1252", "utf-16"):
            report = flat_file.open_report(Document("file.txt", data.encode(charset)))
            (settlement,) = summarise(report, classifier()).values()
            self.assertTrue(settlement.proved)
            self.assertEqual({row.sku for row in report.rows()}, {"Größe"})

    def test_settlements_by_the_thousand_are_read_once(self):
        """Each row by itself: no settlement costs more than its rows."""
        rows = [row(WORDS[0], "1.00", str(number % 999 + 1)) for number in range(4000)]
        data = table(*(head("4.00", str(number)) for number in range(1, 1000)), *rows).encode()
        use = lambda report: summarise(report, classifier())  # noqa: E731
        self.assertEqual(self.readings(data, use), 1)


class TestCopy(unittest.TestCase):
    def test_what_is_copied_are_the_rows(self):
        texts = [sample("v2_uk_gbp.txt").decode(), *(drawn(seed) for seed in range(5))]
        for text in texts:
            report = open_one(text)
            found = summarise(report, classifier())
            fronts = {
                (reference, key): f"{reference}/{number}"
                for reference, one in found.items()
                for number, key in enumerate(one.lines)
            }
            made = b"".join(report.copy_rows(fronts)).decode().splitlines()
            rows = [one for one in report.rows() if isinstance(one, flat_file.Row)]
            self.assertEqual(len(made), len(rows))
            for line, one in zip(made, rows, strict=True):
                front, *cells = line.split("\t")
                self.assertEqual(front.partition("/")[0], one.settlement_ref)
                cells = dict(zip(COPIED, cells, strict=True))
                self.assertEqual(int(cells["line_number"]), one.line)
                self.assertEqual(cells["sku"], one.sku.replace("\\", "\\\\"))
                self.assertEqual(cells["amount"], str(one.amount))
                self.assertEqual(cells["posted_at"], str(one.posted_at or ""))
                key = list(found[one.settlement_ref].lines)[int(front.partition("/")[2])]
                words = cells["free_text"].split(" / ") if cells["free_text"] else key[2:5]
                self.assertEqual(tuple(words), one[3:6])

    def test_settlements_that_are_not_wanted_are_left_out(self):
        report = open_one(
            table(*(head("1.00", ref) for ref in "12"), *(row(WORDS[0], "1.00", r) for r in "121"))
        )
        found = summarise(report, classifier())
        fronts = {("2", key): "x" for key in found["2"].lines}
        self.assertEqual(b"".join(report.copy_rows(fronts)).count(b"\n"), 1)
