"""Memory does not grow with the file."""

import tempfile
import tracemalloc
import unittest
from pathlib import Path

from ...files.document import Document
from ...lines.flat_file import open_report, open_reports
from ...lines.summary import summarise
from ...words.classify import Classifier, shipped_rules
from ..helpers import numbered, row, table


class TestMemory(unittest.TestCase):
    def peak(self, count, taxed=False):
        """Bytes in use at most while a file of ``count`` rows is read and summarised."""
        classifier = Classifier(rule for rule, _evidence in shipped_rules())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file.txt")
            with path.open("wb") as file:
                file.writelines(numbered(count))
                if taxed:
                    for number in range(count // 4):
                        tax = row(
                            "Order/ItemPrice/Tax", "0.00", order_id=f"999-{number:07d}-0000001"
                        )
                        file.write(table(tax).partition("\n")[2].encode())
            tracemalloc.start()
            try:
                (report,) = open_reports(path.name, lambda: path.open("rb"))
                (settlement,) = summarise(report, classifier).values()
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        self.assertTrue(settlement.proved)
        self.assertEqual(settlement.row_count, count + (count // 4 if taxed else 0))
        return peak

    def test_ten_times_the_rows_take_the_same_memory(self):
        self.peak(100)  # what Python sets up once
        small, large = self.peak(2_000), self.peak(20_000)
        self.assertLess(large, small + 600_000)
        self.assertLess(large, 4_000_000)

    def test_a_taxed_order_item_takes_some_bytes(self):
        """Which items have a Tax row must be known before the first row is read."""
        without, with_tax = self.peak(3_000), self.peak(3_000, taxed=True)
        self.assertLess(with_tax - without, 750 * 150)

    def test_rows_come_one_by_one(self):
        class Source:
            """Counts how many bytes were read."""

            def __init__(self):
                self.read_bytes = 0

            def __call__(self):
                source, data = self, iter(numbered(20_000))

                class Stream:
                    closed = False
                    buffer = b""

                    def read(self, size=-1):
                        while size < 0 or len(self.buffer) < size:
                            piece = next(data, None)
                            if piece is None:
                                break
                            self.buffer += piece
                        found, self.buffer = self.buffer[:size], self.buffer[size:]
                        source.read_bytes += len(found)
                        return found

                    read1 = read

                    def readable(self):
                        return True

                    def writable(self):
                        return False

                    seekable = writable

                    def flush(self):
                        pass

                    def close(self):
                        self.closed = True

                    def __enter__(self):
                        return self

                    def __exit__(self, *_error):
                        self.close()

                return Stream()

        source = Source()
        report = open_report(Document("file.txt", source))
        self.assertEqual(list(report.headers), ["42"])
        source.read_bytes = 0
        rows = report.rows()
        next(rows)
        self.assertLess(source.read_bytes, 150_000)
        rows.close()
