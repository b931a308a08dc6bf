"""From a file to records: nothing lost, nothing twice, nothing stored that is refused."""

from collections import Counter
from decimal import Decimal

from odoo.tools import mute_logger

from ...engine.lines.flat_file import open_reports
from ...engine.tests import helpers
from ..common import SpCase

# What the README of the samples says: file → (settlement id, rows, total, currency). The rows of
# V1 are counted by amounts, as they are stored: an advertising row and its tax are two.
SAMPLES = {
    "v2_uk_gbp.txt": ("101", 28, "84.75", "GBP"),
    "v2_uk_gbp_next.txt": ("102", 19, "85.73", "GBP"),
    "v2_us_usd.txt": ("201", 37, "51.05", "USD"),
    "v2_us_short_rows_crlf.txt": ("202", 14, "19.77", "USD"),
    "v2_de_eur_comma.txt": ("301", 14, "973.92", "EUR"),
    "v2_eu_eur_mix.txt": ("302", 32, "41.74", "EUR"),
    "v2_ca_cad.txt": ("401", 21, "129.00", "CAD"),
    "v2_au_aud_gross_net.txt": ("501", 33, "21.95", "AUD"),
    "v2_jp_jpy.txt": ("601", 27, "5121", "JPY"),
    "v2_preamble_bom.txt": ("701", 9, "1007.00", "SGD"),
    "v2_header_repeated.txt": ("801", 8, "42.25", "USD"),
    "v2_negative.txt": ("802", 11, "-56.06", "GBP"),
    "v2_zero.txt": ("803", 10, "0.00", "USD"),
    "v1_ca_cad_33_columns.txt": ("901", 8, "-286.93", "CAD"),
    "v1_ca_cad_36_columns.txt": ("902", 23, "-6.68", "CAD"),
    "v1_ca_cad_37_columns.txt": ("903", 11, "55.71", "CAD"),
}
HELD_SAMPLES = {
    "v2_unknown_words.txt": ("804", 14, "39.68", "GBP"),
    "v2_does_not_sum.txt": ("806", 10, "36.54", "GBP"),
}


class TestSpSettlementIntake(SpCase):
    def test_samples_are_all_covered(self):
        names = {path.name for path in helpers.SAMPLES.glob("*.txt")}
        names -= {name for name in names if name.startswith("refused_")}
        self.assertEqual(
            names, {*SAMPLES, *HELD_SAMPLES, "v2_two_settlements.txt", "v2_no_total.txt"}
        )

    def test_each_sample_is_stored_with_its_rows_and_its_total(self):
        self.set_all_rates()
        for name, (number, rows, total, currency) in (SAMPLES | HELD_SAMPLES).items():
            with self.subTest(name):
                settlement = self.import_sample(name)
                total = Decimal(total)
                self.assertEqual(settlement.settlement_ref, f"99000000{number}")
                self.assertEqual(settlement.currency_id.name, currency)
                self.assertEqual(settlement.row_count, rows)
                self.assertEqual(settlement.bad_row_count, 0)
                self.assertAlmostEqual(settlement.amount_total, float(total))
                amounts = settlement.row_ids.mapped("amount")
                self.assertEqual(len(amounts), rows)
                self.assertAlmostEqual(sum(amounts), settlement.amount_rows)
                self.assertAlmostEqual(settlement.amount_lines, settlement.amount_rows)
                self.assertEqual(sum(settlement.line_ids.mapped("row_count")), rows)
                held = name in HELD_SAMPLES
                self.assertEqual(settlement.state, "held" if held else "review")
                if not held:
                    self.assertAlmostEqual(settlement.amount_rows, float(total))
                    self.assertTrue(settlement.currency_id.is_zero(settlement.amount_difference))

    def test_each_line_is_the_sum_of_its_own_rows(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        self.assertGreater(len(settlement.line_ids), 10)
        for line in settlement.line_ids:
            rows = settlement.row_ids.filtered(lambda row, line=line: row.line_id == line)
            self.assertEqual(len(rows), line.row_count)
            self.assertAlmostEqual(sum(rows.mapped("amount")), line.amount)
            for word in ("transaction_type", "amount_type", "amount_description"):
                self.assertEqual(set(rows.mapped(word)), {line[word]})

    def test_rows_are_stored_cell_by_cell(self):
        settlement = self.import_sample("v2_us_short_rows_crlf.txt")
        (report,) = open_reports("x.txt", self.sample("v2_us_short_rows_crlf.txt"))
        stored = settlement.row_ids.sorted("line_number")
        self.assertEqual(stored.mapped("line_number"), list(range(3, 17)))
        for row, record in zip(report.rows(), stored, strict=True):
            self.assertEqual(record.line_number, row.line)
            self.assertEqual(record.part, row.part)
            self.assertEqual(record.posted_at, row.posted_at)
            self.assertAlmostEqual(record.amount, float(row.amount))
            self.assertEqual(record.quantity, row.quantity)
            for name in row._fields[8:18] + ("promotion_ref", "amount_description"):
                self.assertEqual(record[name] or "", getattr(row, name), name)
        self.assertIn('12" record', stored.mapped("sku"))

    def test_text_that_copy_treats_as_special_arrives_unchanged(self):
        odd = r"a\tb\N\\ 'quote' " + "ソ表"
        data = self.file(
            helpers.row("Order/ItemPrice/Principal", "10.00", sku=odd, order_id="\\N"),
            helpers.row("Order/ItemPrice/Principal", "2.00", sku="\\.", promotion_id="x\\"),
            total="12.00",
        )
        rows = self.import_file(data).row_ids.sorted("line_number")
        self.assertEqual(rows.mapped("sku"), [odd, "\\."])
        self.assertEqual(rows[0].order_ref, "\\N")
        self.assertEqual(rows[1].promotion_ref, "x\\")

    def test_blank_cells_are_empty_not_text(self):
        settlement = self.import_file(
            self.file(("Order/ItemPrice/Principal", "10.00"), total="10.00")
        )
        self.env.cr.execute(
            "SELECT sku, order_ref, promotion_ref FROM sp_settlement_row WHERE settlement_id = %s",
            [settlement.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [(None, None, None)])

    def test_identical_rows_all_count(self):
        """Two byte-identical blocks of three rows are two sales."""
        settlement = self.import_sample("v2_au_aud_gross_net.txt")
        facts = Counter(
            (row.order_item_ref, row.posted_at, row.amount_description, row.amount)
            for row in settlement.row_ids
        )
        self.assertEqual(sum(1 for count in facts.values() if count == 2), 3)

    def test_header_and_marketplace(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        self.assertEqual(str(settlement.date_start), "2026-04-08 08:30:00")
        self.assertEqual(str(settlement.date_end), "2026-04-22 08:30:00")
        self.assertEqual(str(settlement.date_deposit), "2026-04-24 08:30:00")
        self.assertEqual(str(settlement.date), "2026-04-22")
        self.assertEqual(settlement.flavour, "v2")
        self.assertEqual(settlement.marketplace_id.name, "Amazon.co.uk")
        self.assertEqual(settlement.company_id, self.company)

    def test_lines_know_their_marketplace(self):
        self.set_all_rates()
        lines = self.import_sample("v2_eu_eur_mix.txt").line_ids
        self.assertEqual(
            set(lines.marketplace_id.mapped("name")),
            {"Amazon.de", "Amazon.fr", "Amazon.it", "Amazon.es", "Non-Amazon"},
        )
        elsewhere = lines.filtered(lambda line: (line.marketplace_name or "").startswith("Non-"))
        self.assertTrue(elsewhere)
        self.assertTrue(elsewhere.marketplace_id.is_other_channel)

    def test_source_file_is_kept_byte_by_byte(self):
        for name in ("v2_us_short_rows_crlf.txt", "v2_jp_jpy.txt", "v2_preamble_bom.txt"):
            with self.subTest(name):
                settlement = self.import_sample(name)
                file = settlement.attachment_id
                self.assertEqual(file.raw, self.sample(name))
                self.assertEqual(file.name, name)
                self.assertEqual((file.res_model, file.res_id), ("sp.settlement", settlement.id))

    def test_source_file_s_words_stay_out_of_the_text_index(self):
        """Odoo keeps a second copy of every text attachment for searching."""
        self.assertFalse("999-0000101" in (self._file().sudo().index_content or ""))

    def _file(self):
        return self.import_sample("v2_uk_gbp.txt").attachment_id

    def test_gzip_is_kept_as_it_came(self):
        packed = self.resaved(self.sample("v2_uk_gbp.txt"))["gzip"]
        settlement = self.import_file(packed, "v2_uk_gbp.txt.gz")
        self.assertEqual(settlement.row_count, 28)
        self.assertEqual(settlement.attachment_id.raw, packed)

    def test_two_settlements_of_a_file_are_two_records_with_the_file_each(self):
        settlements = self.import_sample("v2_two_settlements.txt")
        self.assertEqual(settlements.mapped("settlement_ref"), ["99000000101", "99000000102"])
        self.assertEqual(settlements.mapped("row_count"), [28, 19])
        self.assertEqual(len(settlements.attachment_id), 2)
        for settlement in settlements:
            self.assertEqual(settlement.attachment_id.raw, self.sample("v2_two_settlements.txt"))

    def test_only_the_new_settlement_of_a_file_is_stored(self):
        first = self.import_sample("v2_uk_gbp.txt")
        second = self.import_sample("v2_two_settlements.txt")
        self.assertEqual(second.settlement_ref, "99000000102")
        self.assertEqual(second.row_count, 19)
        self.assertEqual(len(second.row_ids), 19)
        self.assertEqual(len(first.row_ids), 28)

    def _everything(self):
        return {
            model: self.root_env[model].search([]).ids
            for model in (
                "sp.settlement",
                "sp.settlement.line",
                "sp.settlement.row",
                "ir.attachment",
                "mail.message",
                "account.move",
            )
        }

    def test_importing_again_changes_nothing(self):
        name = "v2_uk_gbp.txt"
        settlement = self.import_sample(name)
        settlement.action_post()
        self.env.flush_all()
        before, stamp = self._everything(), settlement.write_date
        for form, data in {"plain": self.sample(name), **self.resaved(self.sample(name))}.items():
            with self.subTest(form):
                self.assertFalse(self.import_file(data, name))
                self.env.flush_all()
                self.assertEqual(self._everything(), before)
        settlement.invalidate_recordset()
        self.assertEqual(settlement.write_date, stamp)
        self.assertEqual(settlement.state, "posted")

    def test_order_of_rows_does_not_make_another_settlement(self):
        lines = self.sample("v2_uk_gbp.txt").splitlines(keepends=True)
        settlement = self.import_sample("v2_uk_gbp.txt")
        status = self._compare(b"".join(lines[:2] + lines[:1:-1]))[0]
        self.assertEqual(status, "same")
        self.assertEqual(settlement.state, "review")

    def _compare(self, data):
        from ...engine.lines.summary import summarise

        (report,) = open_reports("other.txt", data)
        classifier = self.env["sp.category.rule"]._classifier(self.company)
        (summary,) = summarise(report, classifier).values()
        return self.env["sp.settlement"]._compare(summary, self.company)

    def assertDiffers(self, data, *words, silent=()):
        before = self._everything()
        status, message, existing = self._compare(data)
        message = message.replace("\xa0", " ").replace("\ufeff", "")  # in Odoo's amounts
        self.assertEqual(status, "different")
        self.assertEqual(existing.settlement_ref, "42")
        for word in ("Settlement 42", "refused", *words):
            self.assertIn(word, message)
        for word in silent:
            self.assertNotIn(word, message)
        self.assertFalse(self.import_file(data), "it was imported all the same")
        self.assertEqual(self._everything(), before)

    STORED = (("Order/ItemPrice/Principal", "10.00"), ("Order/ItemFees/Commission", "-1.50"))

    def test_other_content_is_refused_and_says_what_differs(self):
        sale, fee = self.STORED
        self.import_file(self.file(sale, fee, total="8.50"))
        with self.subTest("total, sum of rows and category"):
            changed = ("Order/ItemFees/Commission", "-2.00")
            self.assertDiffers(
                self.file(sale, changed, total="8.00"),
                "total: stored £ 8.50, file £ 8.00",
                "sum of rows: stored £ 8.50, file £ 8.00",
                "Selling fees: stored £ -1.50, file £ -2.00",
                "delete the stored settlement first",
                silent=("Sales:", "rows: stored 2"),
            )
        with self.subTest("the total alone"):
            self.assertDiffers(
                self.file(sale, fee, total="9.50"),
                "total: stored £ 8.50, file £ 9.50",
                silent=("sum of rows", "Selling fees"),
            )
        with self.subTest("rows"):
            zero = ("Order/ItemPrice/Shipping", "0.00")
            self.assertDiffers(
                self.file(sale, fee, zero, total="8.50"),
                "rows: stored 2, file 3",
                silent=("total:",),
            )
        with self.subTest("a single cell"):
            named = helpers.row(sale[0], sale[1], sku="TEA")
            self.assertDiffers(
                self.file(named, fee, total="8.50"), "single cells", silent=("What differs",)
            )
        with self.subTest("V1 instead of V2"):
            v1 = helpers.table(
                helpers.head("8.50"),
                helpers.v1_row("Order", price_type="Principal", price_amount="10.00"),
                helpers.v1_row(
                    "Order",
                    item_related_fee_type="Commission",
                    item_related_fee_amount="-1.50",
                ),
                columns=helpers.V1_COLUMNS,
            ).encode()
            self.assertDiffers(v1, "Stored is the V2 form, this file is the V1 form")

    def test_a_booked_settlement_is_not_to_be_deleted_for_another_file(self):
        sale, fee = self.STORED
        self.import_file(self.file(sale, fee, total="8.50")).action_book()
        message = self._compare(self.file(sale, total="10.00"))[1]
        self.assertIn("What differs", message)
        self.assertNotIn("delete the stored settlement", message)

    def test_a_currency_unknown_to_odoo_is_refused(self):
        data = self.file(("Order/ItemPrice/Principal", "1.00"), total="1.00", currency="QQQ")
        status, message, _existing = self._compare(data)
        self.assertEqual(status, "refused")
        self.assertIn("«QQQ»", message)
        self.assertFalse(self.import_file(data))

    def test_a_file_that_names_no_currency_is_refused_for_what_it_lacks(self):
        """Without summary row nothing says in which currency its amounts are."""
        status, message, _existing = self._compare(self.sample("v2_no_total.txt"))
        self.assertEqual(status, "refused")
        self.assertIn("has no currency", message)
        self.assertIn("does not say what settlement 99000000805 totals", message)
        self.assertFalse(self.import_sample("v2_no_total.txt"))

    def test_an_inactive_currency_of_odoo_is_known(self):
        dirham = self.root_env.ref("base.AED")
        dirham.active = False
        data = self.file(("Order/ItemPrice/Principal", "1.00"), total="1.00", currency="AED")
        self.assertEqual(self.import_file(data).currency_id, dirham)

    def test_refused_files_store_nothing(self):
        before = self._everything()
        for path in sorted(helpers.SAMPLES.glob("refused_*")):
            with self.subTest(path.name):
                for report in open_reports(path.name, path.read_bytes()):
                    self.assertFalse(report.headers)
                    self.assertFalse(self.env["sp.settlement"]._import_report(report, self.company))
        self.assertEqual(self._everything(), before)

    def test_a_row_that_cannot_be_read_is_counted_and_shown(self):
        settlement = self.import_file(
            self.file(
                ("Order/ItemPrice/Principal", "10.00"),
                ("Order/ItemPrice/Principal", "ten"),
                total="10.00",
            )
        )
        self.assertEqual((settlement.row_count, settlement.bad_row_count), (1, 1))
        self.assertIn("line 4", settlement.file_problem)
        self.assertIn("«ten»", settlement.file_problem)
        self.assertHeld(settlement, "cannot be trusted", "line 4")

    def test_many_bad_rows_are_counted_not_listed(self):
        rows = [("Order/ItemPrice/Principal", "ten")] * 50
        settlement = self.import_file(
            self.file(("Order/ItemPrice/Principal", "1.00"), *rows, total="1.00")
        )
        self.assertEqual(settlement.bad_row_count, 50)
        self.assertEqual(settlement.file_problem.count("«ten»"), 10)
        self.assertIn("and 40 more", settlement.file_problem)

    def test_an_error_on_the_way_stores_nothing(self):
        """Rows that did not all arrive in the database undo the import."""
        before = self._everything()
        settlements = type(self.env["sp.settlement"])
        honest = settlements._copy_rows

        def lossy(self, report, *args):
            honest(self, report, *args)
            self.env.cr.execute(
                "DELETE FROM sp_settlement_row WHERE id = (SELECT max(id) FROM sp_settlement_row)"
            )

        self.patch(settlements, "_copy_rows", lossy)
        with self.assertRaisesRegex(Exception, "not stored completely"), self.cr.savepoint():
            self.import_sample("v2_uk_gbp.txt")
        self.assertEqual(self._everything(), before)

    def test_the_database_refuses_a_second_record_of_a_settlement(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        with self.assertRaisesRegex(Exception, "settlement_ref"), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                settlement.sudo().copy()

    def _queries_of_import(self, count):
        words = (
            "Order/ItemPrice/Principal",
            "Order/ItemPrice/Shipping",
            "Order/ItemFees/Commission",
            "Refund/ItemPrice/Principal",
        )
        amounts = ("9.00", "2.00", "-1.50", "-4.50")
        rows = [
            helpers.row(
                words[number % 4],
                amounts[number % 4],
                ref=f"{count}",
                order_id=f"999-{number // 4:07}-0000001",
            )
            for number in range(count)
        ]
        data = self.file(*rows, total=f"{5 * count // 4}.00", ref=f"{count}")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        settlement = self.import_file(data)
        self.env.flush_all()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual((settlement.row_count, settlement.state), (count, "review"))
        return queries

    def test_queries_of_an_import_do_not_grow_with_the_rows(self):
        self._queries_of_import(20)  # warms Odoo's caches
        few = self._queries_of_import(200)
        self.assertGreater(few, 5)
        self.assertEqual(self._queries_of_import(2000), few)
