"""What holds a settlement, what releases it, and how people find and delete it."""

import ast
import re

from lxml import etree

from odoo.exceptions import UserError

from ...engine.tests import helpers
from ..common import SpCase

SALE = ("Order/ItemPrice/Principal", "10.00")


class TestSpSettlement(SpCase):
    # === PROOF === #

    def test_a_file_that_does_not_add_up_is_held_with_the_difference(self):
        settlement = self.import_sample("v2_does_not_sum.txt")
        self.assertAlmostEqual(settlement.amount_total, 36.54)
        self.assertAlmostEqual(settlement.amount_rows, 36.53)
        self.assertAlmostEqual(settlement.amount_difference, 0.01)
        reason = settlement.hold_reason.replace("\xa0", " ")
        self.assertIn("total is £ 36.54, its rows add up to £ 36.53", reason)
        self.assertIn("a difference of £ 0.01", reason)
        self.assertFalse(settlement.needs_mapping)
        self.assertHeld(settlement)

    def test_a_file_without_a_total_is_held_though_its_currency_is_known(self):
        settlement = self.import_file(self.file(SALE, total=""))
        self.assertFalse(settlement.has_total)
        self.assertHeld(settlement, "does not say what settlement 42 totals")

    def test_nothing_but_the_file_can_prove_a_settlement(self):
        """Whatever is mapped or checked again, an unproved settlement stays held."""
        settlement = self.import_sample("v2_does_not_sum.txt")
        settlement.action_check()
        self.assertHeld(settlement, "a difference of")
        settlement.action_post()
        self.assertFalse(settlement.move_ids)

    def test_lines_that_lost_an_amount_hold_it(self):
        settlement = self.import_file(self.file(SALE, total="10.00"))
        settlement.sudo().line_ids.amount = 9
        settlement.action_check()
        self.assertHeld(settlement, "lines add up to", "import it again")

    def test_a_proved_sample_is_ready_to_book(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        self.assertEqual(settlement.state, "review")
        self.assertFalse(settlement.hold_reason)
        self.assertFalse(settlement.needs_mapping)

    def test_a_file_without_any_date_is_held(self):
        dates = dict.fromkeys(("settlement_start_date", "settlement_end_date", "deposit_date"), "")
        row = helpers.row(*SALE, posted_date_time="")
        settlement = self.import_file(self.file(row, total="10.00", **dates))
        self.assertHeld(settlement, "no date at all")

    # === WORDS AND ACCOUNTS === #

    def test_unknown_words_hold_and_are_named(self):
        settlement = self.import_sample("v2_unknown_words.txt")
        self.assertTrue(settlement.needs_mapping)
        self.assertHeld(
            settlement,
            "Needs mapping",
            "Order / ItemFees / TeleportFee",
            "-\ufeff0.75",
            "MoonFees / Moon Storage / Base fee",
            "-\ufeff6.30",
        )
        unknown = settlement.line_ids.filtered(lambda line: line.category == "unknown")
        self.assertEqual(len(unknown), 2)
        self.assertEqual(set(unknown.mapped("match_level")), {"unknown"})
        self.assertFalse(unknown.account_id)

    def test_mapping_the_words_releases_the_settlement_at_once(self):
        settlement = self.import_sample("v2_unknown_words.txt")
        rule = self.map_words("Order/ItemFees/TeleportFee", "selling_fees")
        self.assertEqual(settlement.state, "held")
        self.assertNotIn("TeleportFee", settlement.hold_reason)
        self.assertIn("Moon Storage", settlement.hold_reason)
        self.map_words("MoonFees/Moon*/*", "storage_fees")
        self.assertEqual(settlement.state, "review")
        self.assertFalse(settlement.hold_reason)
        self.assertFalse(settlement.needs_mapping)
        line = settlement.line_ids.filtered(lambda line: line.amount_description == "TeleportFee")
        self.assertEqual(line.category, "selling_fees")
        self.assertEqual(line.rule_id, rule)
        self.assertEqual(line.match_level, "exact")
        self.assertEqual(line.account_id, self.account_of("selling_fees"))
        moon = settlement.line_ids.filtered(lambda line: line.transaction_type == "MoonFees")
        self.assertEqual((moon.category, moon.match_level), ("storage_fees", "pattern"))

    def test_deleting_the_rule_holds_it_again(self):
        settlement = self.import_sample("v2_unknown_words.txt")
        rules = self.map_words("Order/ItemFees/TeleportFee", "selling_fees")
        rules |= self.map_words("MoonFees/*/*", "storage_fees")
        self.assertEqual(settlement.state, "review")
        rules.unlink()
        self.assertHeld(settlement, "TeleportFee", "Moon Storage")

    def test_changing_the_rule_moves_the_lines(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        rule = self.map_words("Order/ItemFees/Commission", "advertising")
        lines = settlement.line_ids.filtered(
            lambda line: line.words == "Order / ItemFees / Commission"
        )
        self.assertEqual(set(lines.mapped("category")), {"advertising"})
        rule.category = "fba_fees"
        self.assertEqual(set(lines.mapped("category")), {"fba_fees"})
        self.assertEqual(lines.rule_id, rule)

    def test_the_map_button_fills_the_rule_in(self):
        settlement = self.import_sample("v2_unknown_words.txt")
        line = settlement.line_ids.filtered(lambda line: line.amount_description == "TeleportFee")
        action = line.action_map_words()
        rule = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"category": "selling_fees"})
        )
        self.assertEqual(rule.display_name, "Order / ItemFees / TeleportFee")
        self.assertEqual(rule.company_id, self.company)
        self.assertEqual(line.rule_id, rule)

    def test_the_settlement_s_map_button_takes_the_words_one_by_one(self):
        settlement = self.import_sample("v2_unknown_words.txt")
        self.assertTrue(settlement.has_unknown)
        asked = []
        while settlement.has_unknown:
            words = settlement.action_map_words()["context"]
            asked.append(words["default_transaction_type"])
            rules = self.env["sp.category.rule"].with_user(self.manager).with_context(**words)
            rules.create({"category": "selling_fees"})
        self.assertCountEqual(asked, ["Order", "MoonFees"])
        self.assertEqual(settlement.state, "review")

    def test_unknown_words_without_money_do_no_harm(self):
        settlement = self.import_file(
            self.file(SALE, ("Order/ItemFees/TeleportFee", "0.00"), total="10.00")
        )
        self.assertEqual(settlement.state, "review")
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertBalanced(settlement)

    def test_unknown_words_that_cancel_out_hold_all_the_same(self):
        fee = "Order/ItemFees/TeleportFee"
        settlement = self.import_file(self.file(SALE, (fee, "0.50"), (fee, "-0.50"), total="10.00"))
        self.assertHeld(settlement, "TeleportFee")

    def test_other_holds_until_somebody_gives_it_an_account(self):
        settlement = self.import_file(
            self.file(SALE, ("Order/ItemPrice/ExportCharge", "2.00"), total="12.00")
        )
        self.assertTrue(settlement.needs_mapping)
        self.assertHeld(settlement, "no account for Other (needs your account)")
        duties = self.make_account("Import Duties", "liability_current")
        mapping = self.map_category("other", duties)
        self.assertEqual(settlement.state, "review")
        settlement.action_book()
        self.assertIn(("Other (needs your account)", "Import Duties", -2.0), self.entry(settlement))
        settlement.action_undo()
        mapping.unlink()
        self.assertHeld(settlement, "no account for Other")

    def test_a_company_without_accounts_is_told_to_set_them_up(self):
        shop = self.make_company("Fresh Ltd")
        settlement = self.import_sample("v2_uk_gbp.txt", company=shop, env=self.root_env)
        self.assertTrue(settlement.needs_mapping)
        self.assertHeld(settlement, "no account for", "Sales", "Payout", "No journal")
        self.set_up_accounts(shop)
        self.assertEqual(settlement.state, "review")

    # === RATES AND LOCKS === #

    def test_a_missing_rate_holds_and_names_currency_and_date(self):
        settlement = self.import_sample("v1_ca_cad_33_columns.txt")
        self.assertFalse(settlement.needs_mapping)
        self.assertTrue(settlement.lacks_rate)
        rates = settlement.action_view_rates()
        self.assertEqual(rates["res_model"], "res.currency")
        self.assertEqual(rates["res_id"], self.env.ref("base.CAD").id)
        self.assertHeld(settlement, "No exchange rate", "CAD", "01/31/2026")

    def test_a_rate_of_a_later_day_or_another_company_is_no_rate(self):
        """Odoo would take the later one, or 1.0, without a word."""
        self.set_rate("CAD", "2026-03-03", 1.75)
        self.set_rate("CAD", "2026-01-01", 1.75, self.make_company("Other Ltd"))
        settlement = self.import_sample("v1_ca_cad_33_columns.txt")
        self.assertHeld(settlement, "No exchange rate")

    def test_the_rate_of_the_day_itself_is_enough(self):
        self.set_rate("CAD", "2026-01-31", 1.75)
        self.assertEqual(self.import_sample("v1_ca_cad_33_columns.txt").state, "review")

    def test_entering_the_rate_and_checking_again_releases(self):
        settlement = self.import_sample("v1_ca_cad_33_columns.txt")
        self.set_rate("CAD", "2026-01-01", 1.75)
        self.assertEqual(settlement.state, "held")
        settlement.action_check()
        self.assertEqual(settlement.state, "review")

    def test_booking_looks_again_by_itself(self):
        settlement = self.import_sample("v1_ca_cad_33_columns.txt")
        rate = self.set_rate("CAD", "2026-01-01", 1.75)
        settlement.action_book()
        self.assertEqual(settlement.state, "booked")
        settlement.action_undo()
        rate.unlink()
        settlement.action_book()
        self.assertHeld(settlement, "No exchange rate")

    def test_the_company_s_own_currency_needs_no_rate(self):
        self.assertEqual(self.import_sample("v2_uk_gbp.txt").state, "review")

    def test_a_branch_uses_the_rates_of_its_head_office(self):
        branch = self.root_env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.set_up_accounts(branch)
        settlement = self.import_sample(
            "v1_ca_cad_33_columns.txt", company=branch, env=self.root_env
        )
        self.assertHeld(settlement, "No exchange rate")
        self.set_rate("CAD", "2026-01-01", 1.75)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertBalanced(settlement)

    def test_a_locked_period_holds(self):
        self.company.fiscalyear_lock_date = "2026-04-30"
        settlement = self.import_sample("v2_uk_gbp.txt")
        self.assertHeld(settlement, "04/22/2026 lies in a locked period")
        self.company.fiscalyear_lock_date = "2026-04-21"
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(str(settlement.move_id.date), "2026-04-22")

    def test_several_at_once_book_the_free_and_name_the_held(self):
        settlements = self.import_sample("v2_uk_gbp.txt", "v2_unknown_words.txt")
        answer = settlements.action_post()
        free, held = settlements
        self.assertEqual((free.state, held.state), ("posted", "held"))
        lines = self.env["sp.batch"].browse(answer["res_id"]).line_ids
        self.assertEqual(lines.filtered("message").settlement_id, held)
        self.assertIsNone(free.action_post())

    # === FINDING === #

    def _search_filter(self, view, name):
        """The filter domain of a search field, as the web client evaluates it."""
        view = self.root_env.ref(view)
        arch = etree.fromstring(self.env[view.model].get_view(view.id, "search")["arch"])
        (field,) = arch.xpath(f"//field[@name='{name}'][contains(@filter_domain, 'order_ref')]")
        text = field.get("filter_domain")
        return lambda value: ast.literal_eval(re.sub(r"\bself\b", repr(value), text))

    def test_an_order_id_finds_the_settlement(self):
        settlements = self.import_sample("v2_uk_gbp.txt", "v2_uk_gbp_next.txt")
        domain = self._search_filter("sp_connector.sp_settlement_view_search", "row_ids")
        search = self.env["sp.settlement"].search
        self.assertEqual(search(domain("999-0000101-0000002")), settlements[0])
        self.assertFalse(search(domain("999-0000101-000000")), "half an id is no id")

    def test_an_order_id_finds_the_entry(self):
        settlements = self.import_sample("v2_uk_gbp.txt", "v2_uk_gbp_next.txt")
        settlements.action_book()
        moves = self.env["account.move"]
        arch = moves.get_view(self.root_env.ref("account.view_account_move_filter").id, "search")
        (field,) = etree.fromstring(arch["arch"]).xpath("//field[@name='sp_order_ref']")
        self.assertEqual(field.get("operator"), "=")
        found = moves.search([("sp_order_ref", "=", "999-0000101-0000002")])
        self.assertEqual(found, settlements[0].move_id)
        self.assertFalse(moves.search([("sp_order_ref", "=", "999-0000101-9999999")]))

    def test_a_journal_item_opens_its_rows(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        items = settlement.move_id.line_ids
        explained = self.env["sp.settlement.row"]
        for item in items:
            action = item.action_view_sp_rows()
            self.assertEqual(action["res_model"], "sp.settlement.row")
            rows = self.env["sp.settlement.row"].search(action["domain"])
            if item.name.startswith("Payout"):
                self.assertFalse(rows)
                continue
            self.assertTrue(rows)
            self.assertAlmostEqual(sum(rows.mapped("amount")), -item.amount_currency)
            self.assertEqual(rows.move_line_id, item)
            explained |= rows
        rest = settlement.row_ids - explained
        self.assertTrue(settlement.currency_id.is_zero(sum(rest.mapped("amount"))))

    def test_buttons_open_what_they_say(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        rows = settlement.action_view_rows()
        found = self.env[rows["res_model"]].search(rows["domain"])
        self.assertEqual(found, settlement.row_ids)
        line = settlement.line_ids[0]
        rows = line.action_view_rows()
        found = self.env[rows["res_model"]].search(rows["domain"])
        self.assertEqual(len(found), line.row_count)
        self.assertEqual(found.line_id, line)
        moves = settlement.action_view_moves()
        self.assertEqual(
            (moves["res_model"], moves["res_id"]), ("account.move", settlement.move_id.id)
        )
        back = settlement.move_id.action_view_sp_settlement()
        self.assertEqual((back["res_model"], back["res_id"]), ("sp.settlement", settlement.id))
        download = settlement.action_download_file()["url"]
        self.assertIn(f"/web/content/{settlement.attachment_id.id}?", download)
        setup = settlement.action_setup()
        self.assertEqual(setup["res_model"], "sp.setup")
        self.assertEqual(setup["context"]["default_company_id"], self.company.id)

    # === DELETING === #

    def test_deleting_takes_lines_rows_and_file_along(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        other = self.import_sample("v2_uk_gbp_next.txt")
        lines, rows, file = settlement.line_ids, settlement.row_ids, settlement.attachment_id
        settlement.unlink()
        self.env.invalidate_all()
        self.assertFalse(lines.exists())
        self.assertFalse(rows.exists())
        self.assertFalse(file.sudo().exists())
        self.assertEqual((len(other.row_ids), other.state), (19, "review"))

    def test_deleted_means_it_can_be_imported_again(self):
        first = self.import_sample("v2_does_not_sum.txt")
        first.unlink()
        again = self.import_sample("v2_does_not_sum.txt")
        self.assertEqual(again.row_count, 10)

    def test_a_settlement_with_an_entry_cannot_be_deleted(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        with self.assertRaisesRegex(UserError, "Undo it first"), self.cr.savepoint():
            settlement.unlink()
        settlement.action_post()
        with self.assertRaisesRegex(UserError, "Undo it first"), self.cr.savepoint():
            settlement.unlink()
        self.assertTrue(settlement.exists())

    def test_the_cancelled_entry_outlives_a_deleted_settlement(self):
        """Amazon reissues a file after its entry was taken back: the number trail stays."""
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_post()
        move = settlement.move_id
        number = move.name
        settlement.action_undo()
        settlement.unlink()
        self.env.invalidate_all()
        self.assertEqual((move.name, move.state), (number, "cancel"))
        self.assertIn("99000000101", move.ref)
        self.import_sample("v2_uk_gbp.txt").action_post()

    def test_a_settlement_whose_draft_was_undone_can_be_deleted(self):
        settlement = self.import_sample("v2_uk_gbp.txt")
        settlement.action_book()
        settlement.action_undo()
        settlement.unlink()
        self.assertFalse(settlement.exists())
