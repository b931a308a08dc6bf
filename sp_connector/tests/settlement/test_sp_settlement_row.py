"""A row keeps what is its own; what it shares with others is its line's, which answers for it."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.fields import Command

from ...engine.tests import helpers
from ..common import SpCase

SALE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"
COUPON = "CouponRedemptionFee/CouponRedemptionFee/"


class TestSpSettlementRow(SpCase):
    @contextmanager
    def queries(self):
        """Collect the SQL that is executed."""
        asked = []
        execute = type(self.env.cr).execute

        def note(cursor, query, *args, **kwargs):
            asked.append(str(getattr(query, "code", query)))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", note):
            yield asked

    # === WHAT A ROW IS === #

    def test_free_text_stays_with_the_row_and_nothing_else_does(self):
        data = self.file(
            (SALE, "10.00"),
            (COUPON + "Spring, 3 redeemed", "-1.00"),
            (COUPON + "Winter, 9 redeemed", "-2.00"),
            total="7.00",
        )
        sale, spring, winter = self.import_file(data).row_ids.sorted("line_number")
        self.assertEqual(spring.line_id, winter.line_id)
        self.assertEqual((sale.free_text, sale.amount_description), (False, "Principal"))
        self.assertEqual(spring.amount_description, "*")
        self.assertEqual(
            (spring.free_text, winter.free_text),
            (
                "CouponRedemptionFee / CouponRedemptionFee / Spring, 3 redeemed",
                "CouponRedemptionFee / CouponRedemptionFee / Winter, 9 redeemed",
            ),
        )
        self.assertEqual(
            self.env["sp.settlement.row"].search([("free_text", "like", "Spr")]), spring
        )

    def test_the_database_checks_no_reference_of_a_row(self):
        """Each check would cost more than the row."""
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'sp_settlement_row'::regclass AND contype = 'f'"
        )
        self.assertEqual(self.env.cr.fetchall(), [])

    def test_rows_go_with_their_settlement_and_with_their_lines(self):
        stays = self.import_sample("v2_uk_gbp_next.txt")
        settlement, regrouped = (
            self.import_file(self.file((SALE, "10.00"), (FEE, "-1.00"), total="9.00", ref=ref))
            for ref in ("42", "43")
        )
        ids = (settlement | regrouped | stays).ids
        settlement.sudo().unlink()
        regrouped.line_ids[0].sudo().unlink()
        self.env.cr.execute(
            "SELECT settlement_id, count(*) FROM sp_settlement_row WHERE settlement_id = ANY(%s)"
            " GROUP BY settlement_id",
            [ids],
        )
        self.assertEqual(dict(self.env.cr.fetchall()), {regrouped.id: 1, stays.id: 19})

    # === WHAT LINES ANSWER === #

    GROUPS = (
        [],
        ["month:month"],
        ["month:month", "amount_type", "amount_description"],
        ["settlement_id"],
        ["category"],
        ["settlement_id", "transaction_type"],
    )

    def test_lines_answer_for_rows_as_the_rows_would(self):
        settlements = self.import_sample("v2_uk_gbp.txt", "v2_two_settlements.txt")
        Row = self.env["sp.settlement.row"]
        domains = (
            [("settlement_id", "in", settlements.ids)],
            [("settlement_id", "=", settlements[0].id), ("amount_type", "ilike", "fee")],
            [("line_id.category", "=", "sales"), ("settlement_id.currency_id.name", "=", "GBP")],
            [("amount_description", "=", "of no row")],
        )
        sums = ["__count", "amount:sum"]
        for domain in domains:
            for groupby in self.GROUPS:
                with self.subTest(domain=domain, groupby=groupby):
                    with self.queries() as asked:
                        fast = Row._read_group(domain, groupby, sums)
                    self.assertNotIn('FROM "sp_settlement_row"', "".join(asked))
                    with patch.dict(Row._read_group.__globals__, SUMS={}):
                        slow = Row._read_group(domain, groupby, sums)
                    self.assertEqual(
                        [(*row[:-1], round(row[-1] or 0, 6)) for row in fast],
                        [(*row[:-1], round(row[-1] or 0, 6)) for row in slow],
                    )
                    self.assertTrue(fast or groupby)

    def test_what_lines_do_not_know_is_asked_of_the_rows(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        Row, domain = self.env["sp.settlement.row"], [("settlement_id", "=", settlement.id)]
        by_order = Row._read_group(domain, ["order_ref"], ["__count"])
        self.assertEqual(sum(count for _order, count in by_order), 28)
        first = settlement.row_ids.filtered("order_ref")[0].order_ref
        ((count,),) = Row._read_group([*domain, ("order_ref", "=", first)], [], ["__count"])
        self.assertEqual(count, dict(by_order)[first])

    def test_the_words_of_a_settlement_s_rows_are_looked_up_in_its_lines(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        self.import_sample("v2_uk_gbp_next.txt")
        rows = self.env["sp.settlement.row"]
        domain = [("settlement_id", "=", settlement.id), ("amount_description", "=", "Principal")]
        line_ids = settlement.line_ids.filtered(lambda line: line.amount_description == "Principal")
        self.assertEqual(
            rows._through_lines(self.domain(domain)),
            self.domain([("line_id", "in", line_ids.ids), ("settlement_id", "=", settlement.id)]),
        )
        found = rows.search(domain)
        self.assertEqual(found, settlement.row_ids.filtered_domain(domain[1:]))
        self.assertTrue(found)
        self.assertFalse(rows.search([*domain, ("category", "=", "subscription")]))

    @staticmethod
    def domain(conditions):
        from odoo.fields import Domain

        return Domain(conditions)

    def test_another_company_s_rows_stay_hidden_however_they_are_asked_for(self):
        other = self.make_company("Elsewhere Ltd")
        self.set_up_accounts(other)
        hidden = self.import_sample(
            "v2_uk_gbp.txt",
            company=other,
            env=self.root_env(context={"allowed_company_ids": other.ids}),
        )
        Row = self.env["sp.settlement.row"]
        for words in ([], [("amount_description", "=", "Principal")]):
            domain = [("settlement_id", "=", hidden.id), *words]
            self.assertFalse(Row.search(domain))
            self.assertEqual(Row._read_group(domain, [], ["__count"]), [(0,)])
            self.assertEqual(Row._read_group(domain, ["month:month"], ["__count"]), [])
            self.assertTrue(Row.sudo().search(domain))

    # === THE FILE === #

    def upload(self, data, name="file.txt"):
        return self.env["ir.attachment"].create(
            {"name": name, "raw": data, "res_model": "sp.settlement.import", "res_id": 0}
        )

    def wizard(self, attachment):
        return self.env["sp.settlement.import"].create(
            {"attachment_ids": [Command.set(attachment.ids)]}
        )

    def test_the_file_is_kept_without_being_stored_a_second_time(self):
        attachment = self.upload(self.sample("v2_two_settlements.txt"))
        name = attachment.store_fname
        with patch.object(type(attachment), "_sp_create_streamed") as streamed:
            self.wizard(attachment).action_import()
        streamed.assert_not_called()
        kept = self.env["sp.settlement"].search([]).attachment_id
        self.assertEqual(kept.mapped("store_fname"), [name, name])
        self.assertEqual(kept[1].raw, self.sample("v2_two_settlements.txt"))
        self.assertEqual(kept[1].file_size, len(kept[1].raw))

    def test_a_streamed_file_is_what_odoo_would_have_stored(self):
        data = self.sample("v2_jp_jpy.txt")
        theirs = self.upload(data, "theirs.txt")
        kept = self.import_file(data, "ours.txt").attachment_id.sudo()
        for name in ("checksum", "store_fname", "file_size", "raw"):
            self.assertEqual(kept[name], theirs[name], name)

    def test_a_file_that_was_imported_is_not_even_opened_again(self):
        data = self.sample("v2_two_settlements.txt")
        self.wizard(self.upload(data)).action_import()
        attachment = self.upload(data)
        with patch.object(type(attachment), "_sp_opener", side_effect=AssertionError("opened")):
            wizard = self.wizard(attachment)
            wizard.action_check()
            self.assertEqual(wizard.line_ids.mapped("status"), ["same", "same"])
            self.assertEqual(
                wizard.line_ids.mapped("settlement_ref"), ["99000000101", "99000000102"]
            )
            self.assertEqual(wizard.line_ids.mapped("row_count"), [28, 19])
            self.assertFalse(wizard.new_count)

    def test_a_file_of_which_a_settlement_is_missing_is_read(self):
        data = self.sample("v2_two_settlements.txt")
        self.wizard(self.upload(data)).action_import()
        stored = self.env["sp.settlement"].search([], order="settlement_ref")
        stored[0].sudo().unlink()
        wizard = self.wizard(self.upload(data))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("status"), ["new", "same"])
        self.assertEqual(wizard.action_import()["res_model"], "sp.settlement")
        self.assertEqual(self.env["sp.settlement"].search_count([]), 2)

    def test_a_file_that_brought_only_some_of_its_settlements_is_read(self):
        self.import_sample("v2_uk_gbp.txt")
        data = self.sample("v2_two_settlements.txt")
        self.wizard(self.upload(data)).action_import()
        wizard = self.wizard(self.upload(data))
        wizard.action_check()
        self.assertEqual(wizard.line_ids.mapped("status"), ["same", "same"])

    # === MANY SETTLEMENTS === #

    def _queries_of_month(self, count, start):
        head, rows = helpers.head, helpers.row
        lines = []
        for number in range(start, start + count):
            ref = str(number)
            lines += [
                head("9.00", ref, "GBP"),
                rows(SALE, "10.00", ref=ref),
                rows(FEE, "-1.00", ref=ref),
            ]
        data = helpers.table(*lines).encode()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        settlements = self.import_file(data)
        self.env.flush_all()
        self.assertEqual(len(settlements), count)
        self.assertEqual(set(settlements.mapped("state")), {"review"})
        return self.env.cr.sql_log_count - before

    def test_queries_for_a_settlement_do_not_grow_with_their_number(self):
        self._queries_of_month(2, 100)  # warms Odoo's caches
        few, many = self._queries_of_month(5, 200), self._queries_of_month(50, 300)
        # One of them keeps in the audit trail that it came.
        self.assertLess((many - few) / 45, 10)
