"""Thousands of broken files: typed results only, no line lost, and never a wrong «proved».

The oracle below reads a file in its own simple way and knows nothing of the engine's. A fixed
seed makes every run the same; ``SP_CONNECTOR_FUZZ=100000`` runs more files.
"""

import codecs
import csv
import gzip
import io
import os
import random
import re
import unittest
import zipfile
from collections import defaultdict
from decimal import Decimal, InvalidOperation

from ...errors import BadRow, Problem
from ...lines import flat_file
from ...lines.summary import summarise
from ..helpers import SAMPLES, V1_AMOUNT_COLUMNS, classifier

COUNT = int(os.environ.get("SP_CONNECTOR_FUZZ", "3000"))
SEED = 20260417
NASTY = [
    *("", " ", '"', '""', '"\n', "'", "\x00", "\t", ",", ";", "\r", "\n", "\x1a", "\x85", "\u2028"),
    *("0", "0.00", "-0.00", "1", "0.01", "-0.01", "1e5", "1E-2", "2.47E+10", "NaN", "Infinity"),
    *("9" * 13, "9" * 40, "-" + "9" * 29 + ".99", "0." + "0" * 60, "5.005", "1_000", "0x10", "--5"),
    *("1.234,56", "1,234.56", "1'234.50", "12,34,567.89", "1.234", "1,234", "5,0", "(5.00)", "5-"),
    *("(-5.00)", "−5.00", "$5.00", "5 €", "￥500", "٣", "１２", "5.00 x", "-", "()", "."),
    *(
        "31.02.2026",
        "2026-13-01",
        "0001-01-01",
        "9999-12-31 23:59:59 UTC",
        "12/12/9999",
        "01/02/26",
    ),
    *("2026-04-10 25:00:00 UTC", "0001-01-01T00:00:00+14:00", "13/13/2026", "00/00/0000", "now"),
    *("é", "日本語", "\ufeff", "\ufffd", "\u202e", "😀", "x" * 5000, "y" * 140000, "=1+1", "*"),
    *("settlement-id", "amount", "total-amount", "settlement id", "USD", "JPY", "EUR", "usd"),
    *("Order", "Tax", "ItemPrice", "Principal", "99000000101", "Current Reserve Amount", "V1:x"),
]


# === THE ORACLE === #


def plain_text(data):
    """Decode a file in the simplest way that is right for what the mutations below make."""
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if data.startswith(codecs.BOM_UTF8):
            return data.decode("utf-8-sig", "replace")
        return data.decode("cp932" if b"JPY" in data else "cp1252", "replace")


def name_of(cell):
    cell = re.sub(r'^[\s"\ufeff]+|[\s"\ufeff]+$', "", cell)
    return re.sub(r"[\s\x00_-]+", "-", cell.lower())


class Oracle:
    """What stands in a file, line by line."""

    AMOUNTS = frozenset(map(name_of, V1_AMOUNT_COLUMNS))

    def __init__(self, text):
        #: Lines below the first header: number → (columns, cells), and those that are headers.
        self.lines = {}
        self.separator = None
        self.header_lines = set()
        columns = None
        for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
            found = self._header(line)
            if found and (columns is None or found[0] == "settlement-id"):
                columns = found
                self.header_lines.add(number)
            elif columns is not None and line.replace('"', "").strip(" \t,;\xa0\r\x1a"):
                self.lines[number] = (columns, self._cells(line))
        self._mend()
        #: In a CSV a quoted field may go on in the next line; then lines are no rows.
        self.broken = self.separator != "\t" and any(
            line.count('"') % 2 for line in re.split("\r\n|\r|\n", text)
        )

    def _header(self, line):
        for separator in [self.separator] if self.separator else "\t,;":
            names = [name_of(cell) for cell in line.split(separator)]
            if "settlement-id" in names and "date/time" not in line:
                self.separator = separator
                return names
        return None

    def _mend(self):
        """Put together what a line break inside a field took apart, where nothing else fits."""
        references = {
            cells[columns.index("settlement-id")]
            for columns, cells in self.lines.values()
            if len(cells) >= len(columns)
        } - {""}
        self.mended = {}
        self.summaries = {number for number in self.lines if self.is_summary(number)}
        for number in sorted(self.lines) if self.separator == "\t" else ():
            columns, cells = self.lines[number]
            _columns, more = self.lines.get(number + 1, (None, []))
            if number in self.mended or cells[0] not in references or not more:
                continue
            fits = len(cells) + len(more) == len(columns) + 1 and 1 < len(more) < len(columns)
            if fits and more[0] not in references:
                self.mended[number + 1] = number
                middle = f"{cells[-1]} {more[0]}".strip()
                self.lines[number] = columns, [*cells[:-1], middle, *more[1:]]
        for number in self.mended:
            self.lines[number] = self.lines[number][0], []

    def _cells(self, line):
        if self.separator == "\t":
            cells = line.split("\t")
        else:
            csv.field_size_limit(10**9)
            cells = next(csv.reader([line], delimiter=self.separator), [])
            csv.field_size_limit(131072)
        return [self._bare(cell) for cell in cells]

    @staticmethod
    def _bare(cell):
        cell = cell.strip()
        return cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell

    def at(self, number, *names):
        """The non-blank cells of a line in the columns of these names."""
        columns, cells = self.lines[number]
        return [cell for name, cell in zip(columns, cells, strict=False) if name in names and cell]

    def amounts(self, number):
        columns = self.lines[number][0]
        names = ["amount"] if "amount-type" in columns else self.AMOUNTS
        return self.at(number, *names)

    def is_summary(self, number):
        """A settlement's own data: neither a kind of transaction nor an amount."""
        return not self.at(number, "transaction-type") and not self.amounts(number)

    def numbers_of(self, reference):
        return [number for number in self.lines if reference in self.at(number, "settlement-id")]

    def adds_up(self, reference):
        """Tell whether the settlement's amounts make its total, with one decimal mark or other."""
        numbers = self.numbers_of(reference)
        texts = [text for number in numbers for text in self.amounts(number)]
        totals = {text for number in numbers for text in self.at(number, "total-amount")}
        for mark in ".,":
            try:
                (total,) = {value(text, mark) for text in totals}
                if sum((value(text, mark) for text in texts), Decimal(0)) == total:
                    return True
            except (InvalidOperation, ValueError):
                continue
        return False


def value(text, mark):
    """Read an amount without any scruple: only its digits, its last mark and its sign."""
    digits = re.sub("[^0-9.,]", "", text).replace("," if mark == "." else ".", "")
    negative = re.search("[-−–(]", text)
    return Decimal(("-" if negative else "") + digits.replace(mark, "."))


# === THE MUTATIONS === #


class Mutator:
    def __init__(self, rng, originals):
        self.rng = rng
        self.originals = originals
        self.mutations = [
            *(self.flip_bytes, self.delete_line, self.duplicate_line, self.swap_lines, self.cut),
            *([self.nasty_cell] * 5),
            *(self.blank_cell, self.swap_cells, self.header_cell, self.separators, self.one_line),
            *(self.insert_line, self.break_line, self.strip_ends, self.line_ends, self.requote),
            *(self.join_files, self.twice, self.balance, self.balance, self.shift_row, self.pair),
        ]
        self.last = [self.packed, self.packed_cut, self.utf16, self.zipped]

    def make(self):
        """Return (what was done, bytes)."""
        rng = self.rng
        name, data = rng.choice(self.originals)
        done = [name]
        for _time in range(rng.choice((1, 1, 1, 2, 2, 3))):
            mutation = rng.choice(self.mutations)
            data = mutation(data)
            done.append(mutation.__name__)
        if rng.random() < 0.06:
            mutation = rng.choice(self.last)
            data = mutation(data)
            done.append(mutation.__name__)
        return " ".join(done), data

    def _line(self, lines, first=0):
        return self.rng.randrange(min(first, len(lines) - 1), len(lines))

    def _edit(self, data, change, first=0):
        """Apply ``change`` to the cells of one line."""
        lines = data.split(b"\n")
        position = self._line(lines, first)
        cells = lines[position].split(b"\t")
        change(cells)
        lines[position] = b"\t".join(cells)
        return b"\n".join(lines)

    def _nasty(self):
        return self.rng.choice(NASTY).encode()

    def flip_bytes(self, data):
        data = bytearray(data)
        for _time in range(self.rng.randint(1, 4) if data else 0):
            data[self.rng.randrange(len(data))] = self.rng.randrange(256)
        return bytes(data)

    def delete_line(self, data):
        lines = data.split(b"\n")
        del lines[self._line(lines)]
        return b"\n".join(lines)

    def duplicate_line(self, data):
        lines = data.split(b"\n")
        lines.insert(self._line(lines), lines[self._line(lines)])
        return b"\n".join(lines)

    def swap_lines(self, data):
        lines = data.split(b"\n")
        one, two = self._line(lines), self._line(lines)
        lines[one], lines[two] = lines[two], lines[one]
        return b"\n".join(lines)

    def cut(self, data):
        return data[: self.rng.randrange(len(data) + 1)]

    def nasty_cell(self, data):
        def change(cells):
            cells[self._line(cells)] = self._nasty()

        return self._edit(data, change, first=1)

    def blank_cell(self, data):
        def change(cells):
            cells[self._line(cells)] = b""

        return self._edit(data, change)

    def swap_cells(self, data):
        def change(cells):
            one, two = self._line(cells), self._line(cells)
            cells[one], cells[two] = cells[two], cells[one]

        return self._edit(data, change)

    def shift_row(self, data):
        def change(cells):
            cells.insert(self._line(cells), b"")

        return self._edit(data, change)

    def header_cell(self, data):
        head, mark, rest = data.partition(b"\n")
        cells = head.split(b"\t")
        position = self._line(cells)
        cells[position] = self.rng.choice(
            [self._nasty(), cells[self._line(cells)], cells[position].upper(), b"", b"other-amount"]
        )
        return b"\t".join(cells) + mark + rest

    def separators(self, data):
        return data.replace(b"\t", self.rng.choice((b",", b";", b"\t\t", b" ", b"\t ")))

    def one_line(self, data):
        lines = data.split(b"\n")
        position = self._line(lines)
        mark = self.rng.choice((b",", b" ", b"\t\t", b"\n", b"\r"))
        lines[position] = lines[position].replace(b"\t", mark, self.rng.randint(1, 30))
        return b"\n".join(lines)

    def insert_line(self, data):
        lines = data.split(b"\n")
        made = [self._nasty() for _cell in range(self.rng.choice((1, 2, 5, 24)))]
        lines.insert(self._line(lines), b"\t".join(made))
        return b"\n".join(lines)

    def break_line(self, data):
        position = self.rng.randrange(len(data) + 1)
        return data[:position] + self.rng.choice((b"\n", b"\r\n", b"\r", b"\n\n")) + data[position:]

    def strip_ends(self, data):
        keep = self.rng.random()
        return b"\n".join(
            line if self.rng.random() < keep else line.rstrip(b"\t") for line in data.split(b"\n")
        )

    def line_ends(self, data):
        return data.replace(b"\r\n", b"\n").replace(b"\n", self.rng.choice((b"\r", b"\r\n")))

    def requote(self, data):
        def change(cells):
            position = self._line(cells)
            cells[position] = (
                self.rng.choice((b'"%s"', b'"%s', b'%s"', b'""%s""')) % cells[position]
            )

        return self._edit(data, change)

    def join_files(self, data):
        _name, other = self.rng.choice(self.originals)
        return data + self.rng.choice((b"", b"\n")) + other

    def twice(self, data):
        return data + self.rng.choice((b"", b"\n")) + data

    def balance(self, data):
        """Change two amounts so that the sum stays, in one of many ways of writing."""
        lines = data.split(b"\n")
        places = [
            (number, position)
            for number, line in enumerate(lines[2:], 2)
            for position, cell in enumerate(line.split(b"\t"))
            if re.fullmatch(rb"-?[0-9]+\.[0-9]{2}", cell)
        ]
        if len(places) < 2:
            return data
        step = Decimal(self.rng.choice((1, 1000, 123456, 10**12))) / 100
        for (number, position), by in zip(self.rng.sample(places, 2), (step, -step), strict=True):
            cells = lines[number].split(b"\t")
            amount = Decimal(cells[position].decode()) + by
            form = self.rng.choice(
                ("{:.2f}", "{:,.2f}", "{:.2f} ", "$ {:.2f}", "({:.2f})", "{:.3f}")
            )
            cells[position] = form.format(amount).encode()
            lines[number] = b"\t".join(cells)
        return b"\n".join(lines)

    def pair(self, data):
        """Two quotation marks at the starts of two cells: a CSV field over many lines."""
        starts = [match.end() for match in re.finditer(rb"[\t,;\n]", data)]
        if len(starts) < 2:
            return data
        one, two = sorted(self.rng.sample(starts, 2))
        return data[:one] + b'"' + data[one : two - 1] + b'"' + data[two - 1 :]

    def packed(self, data):
        return gzip.compress(data, 1)

    def packed_cut(self, data):
        return self.flip_bytes(self.cut(gzip.compress(data, 1)))

    def utf16(self, data):
        return data.decode("utf-8", "replace").encode("utf-16")

    def zipped(self, data):
        stream = io.BytesIO()
        with zipfile.ZipFile(
            stream, "w", self.rng.choice((zipfile.ZIP_STORED, 8, 12, 14))
        ) as packed:
            packed.writestr("a/file.txt", data)
            packed.writestr("b.txt", b"")
        data = stream.getvalue()
        return self.rng.choice((data, self.flip_bytes(data), b"PK\x03\x04" + self.cut(data)[4:]))


def originals():
    """The samples, and some of them as a spreadsheet would have saved them."""
    found = [(path.name, path.read_bytes()) for path in sorted(SAMPLES.iterdir())]
    found = [(name, data) for name, data in found if name != "README.md"]
    for name, separator in (("v2_uk_gbp.txt", ","), ("v2_de_eur_comma.txt", ";")):
        stream = io.StringIO()
        rows = (SAMPLES / name).read_text("utf-8").splitlines()
        writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
        writer.writerows(row.split("\t") for row in rows)
        found.append((f"{name} as CSV", stream.getvalue().encode()))
    return found


# === THE TESTS === #


class TestFuzz(unittest.TestCase):
    def check(self, data):
        """Read a file to its end and compare with the oracle; return how many are proved."""
        proved = 0
        for report in flat_file.open_reports("file.txt", data):
            for problem in report.problems:
                self.assertIsInstance(problem, Problem)
                str(problem)
            rows = list(report.rows()) if report.headers else []
            settlements = summarise(report, classifier())
            if not settlements:
                self.assertTrue(report.problems, "nothing found and nothing said")
            for settlement in settlements.values():
                self.assertIs(type(settlement.amount_rows), Decimal)
                self.assertEqual(len(settlement.digest), 32)
                proved += settlement.proved
            if not data.startswith(b"PK") and rows:
                left_out = {note.line for note in report.notes}
                self.compare(plain_text(data), rows, settlements, left_out)
        return proved

    def compare(self, text, rows, settlements, left_out):
        oracle = Oracle(text)
        read, bad = defaultdict(set), {}
        for row in rows:
            if isinstance(row, BadRow):
                bad[row.line] = row
                str(row)
            else:
                read[row.settlement_ref].add(row.line)
        if not oracle.broken:
            self.no_line_lost(oracle, left_out.union(bad, *read.values()))
        for reference, settlement in settlements.items():
            if not settlement.proved:
                continue
            homeless = [row for row in bad.values() if row.settlement_ref not in settlements]
            self.assertFalse(homeless, "a bad row of no settlement must block all")
            self.assertFalse([row for row in bad.values() if row.settlement_ref == reference])
            summaries = [n for n in oracle.numbers_of(reference) if oracle.is_summary(n)]
            self.not_twice(oracle, reference, summaries)
            if oracle.broken:
                expected = self.lines_that_look_like(reference, text, summaries)
            else:
                expected = set(oracle.numbers_of(reference)) - set(summaries)
                self.assertTrue(oracle.adds_up(reference), "wrong «proved»")
            self.assertLessEqual(expected, read[reference], "a line without a row")

    def not_twice(self, oracle, reference, summaries):
        """Rows that count twice make twice the total, which shows unless that is nothing."""
        totals = {text for n in summaries for text in oracle.at(n, "total-amount")}
        if len(summaries) > 1 and not any(map(float, totals)):
            rows = [oracle.lines[n][1] for n in oracle.numbers_of(reference) if n not in summaries]
            self.assertGreater(len(set(map(tuple, rows))) * 2, len(rows))

    def no_line_lost(self, oracle, seen):
        for number in oracle.lines:
            found = number in seen or number in oracle.summaries
            found = found or oracle.mended.get(number) in seen
            self.assertTrue(found, f"line {number} is lost")

    @staticmethod
    def lines_that_look_like(reference, text, summaries):
        lines = enumerate(re.split("\r\n|\r|\n", text), 1)
        return {
            number
            for number, line in lines
            if line.replace('"', "").startswith(reference + ",") and number not in summaries
        }

    def test_oracle_agrees_with_the_samples(self):
        for name, data in originals():
            with self.subTest(name):
                self.check(data)
                oracle = Oracle(plain_text(data))
                for report in flat_file.open_reports(name, data):
                    for reference, settlement in summarise(report, classifier()).items():
                        self.assertEqual(oracle.adds_up(reference), settlement.proved)

    def test_mutated_files_give_typed_results_and_never_a_wrong_proof(self):
        mutator = Mutator(random.Random(SEED), originals())
        proved = 0
        for number in range(COUNT):
            done, data = mutator.make()
            try:
                proved += self.check(data)
            except Exception as error:
                raise AssertionError(f"file {number} ({done}): {error!r}") from error
        # Or else the mutations are so harsh that nothing is tested.
        self.assertGreater(proved, COUNT // 10)
