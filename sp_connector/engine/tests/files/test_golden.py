"""Every shape of input, from bytes to entry plan, compared with what was read and found right."""

import difflib
import unittest
from decimal import Decimal

from ...lines import flat_file
from ...lines.summary import summarise
from ..golden import FOLDER, inputs, render
from ..helpers import REAL_FILES, SAMPLES, classifier, sample, settle

REGENERATE = "if the change is wanted: cd sp_connector && python3 -m engine.tests.golden"


class TestGolden(unittest.TestCase):
    longMessage = False

    def test_every_sample_reads_as_recorded(self):
        for stem, (name, data) in inputs().items():
            with self.subTest(stem):
                path = FOLDER / f"{stem}.txt"
                self.assertTrue(path.exists(), f"no golden file; {REGENERATE}")
                recorded = path.read_text("utf-8").splitlines()
                made = render(name, data).splitlines()
                changes = difflib.unified_diff(recorded, made, "recorded", "made", n=0, lineterm="")
                self.assertEqual(recorded, made, "\n".join([REGENERATE, *changes]))

    def test_every_golden_file_has_its_input(self):
        self.assertEqual({path.stem for path in FOLDER.glob("*.txt")}, set(inputs()))

    def test_every_sample_is_described(self):
        described = (SAMPLES / "README.md").read_text("utf-8")
        for path in SAMPLES.iterdir():
            if path.name != "README.md":
                self.assertIn(f"`{path.name}`", described)

    def test_what_the_samples_say_of_themselves(self):
        """The table in the samples' README, which was written before any engine read them."""
        for line in (SAMPLES / "README.md").read_text("utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) < 5 or not cells[1].startswith("…") or "," in cells[1]:
                continue
            name, total, currency = cells[0].strip("`"), *[*cells[3].split(), ""][:2]
            with self.subTest(name):
                settlement = settle(sample(name))
                header = settlement.header
                self.assertEqual(header.settlement_ref, cells[1].replace("…", "99000000"))
                if name.startswith("v2"):
                    self.assertEqual(settlement.row_count, int(cells[2]))
                if total == "nothing":
                    self.assertIsNone(header.amount_total)
                    continue
                mark = "," if currency == "EUR" else "."
                total = total.replace("," if mark == "." else ".", "").replace(mark, ".")
                self.assertEqual(header.amount_total, Decimal(total))
                self.assertEqual(header.currency, currency)
                self.assertEqual(settlement.proved, name != "v2_does_not_sum.txt")
                self.assertEqual(bool(settlement.unknown), name == "v2_unknown_words.txt")


@unittest.skipUnless(REAL_FILES.is_dir(), "SP_CONNECTOR_REAL_FILES names no folder")
class TestRealReports(unittest.TestCase):
    #: file → (rows that the index counts, sum), as measured by hand when they were collected.
    MEASURED = {
        "v1_ca_cad_50011020300.txt": (3, "-321.69"),
        "v1_ca_cad_50018020314.txt": (15, "-62.31"),
        "v1_ca_cad_50034020328.txt": (189, "1016.08"),
        "v1_ca_cad_50041020342.txt": (489, "2539.66"),
        "v2_de_eur_7293436482.txt": (5, "53.44"),
        "v2_us_usd_synthetic_28471003921.txt": (23, "582.89"),
        "v2_uk_gbp_synthetic_bom_TEST-001.txt": (14, "1062.53"),
        "v2_sg_sgd_synthetic_preamble_SET-SG.txt": (1, "125.50"),
    }

    def settlements(self, name):
        path = REAL_FILES / name
        (report,) = flat_file.open_reports(name, lambda: path.open("rb"))
        return report, summarise(report, classifier())

    def test_each_is_proved(self):
        for path in sorted(REAL_FILES.glob("*.txt")):
            with self.subTest(path.name):
                _report, found = self.settlements(path.name)
                for settlement in found.values():
                    self.assertIsNotNone(settlement.header.amount_total)
                    self.assertEqual(settlement.problems, [])
                    self.assertTrue(settlement.proved)

    def test_rows_and_sums_are_those_measured(self):
        for name, (count, total) in self.MEASURED.items():
            if not (REAL_FILES / name).exists():
                continue
            with self.subTest(name):
                report, found = self.settlements(name)
                (settlement,) = found.values()
                self.assertEqual(len({row.line for row in report.rows()}), count)
                self.assertEqual(settlement.amount_rows, Decimal(total))

    def test_no_words_are_unknown_but_one(self):
        """The made-up UK file has «Something new»: its sum holds, its words are unknown."""
        for path in sorted(REAL_FILES.glob("*.txt")):
            with self.subTest(path.name):
                _report, found = self.settlements(path.name)
                for settlement in found.values():
                    unknown = [" ".join(line.key[2:5]) for line in settlement.unknown]
                    expected = 1 if "TEST-001" in path.name else 0
                    self.assertEqual(len(unknown), expected, unknown)
                    self.assertTrue(all("Something new" in words for words in unknown))

    def test_the_canadian_files_are_a_chain(self):
        """Each ends where the next starts; a negative total comes back as Payable to Amazon."""
        names = sorted(path.name for path in REAL_FILES.glob("v1_ca_cad_*.txt"))
        chain = [next(iter(self.settlements(name)[1].values())) for name in names]
        self.assertEqual(len(chain), 4)
        for before, after in zip(chain, chain[1:], strict=False):
            self.assertEqual(before.header.date_end, after.header.date_start)
            carried = sum(
                line.amount for line in after.lines.values() if line.category == "carried_balance"
            )
            self.assertEqual(carried, min(before.header.amount_total, 0))

    def test_months_of_the_file_that_spans_two(self):
        _report, found = self.settlements("v1_ca_cad_50041020342.txt")
        months = {}
        for line in next(iter(found.values())).lines.values():
            months[line.key.month] = months.get(line.key.month, 0) + line.amount
        self.assertEqual(
            {month.month: amount for month, amount in months.items() if month},
            {8: Decimal("138.00"), 9: Decimal("2401.66")},
        )
