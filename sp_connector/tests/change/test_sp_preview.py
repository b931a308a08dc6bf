"""The entries of a settlement before there are any, on screen and on paper."""

from lxml import html

from ...engine.tests import helpers
from ..common import MANAGER, SpCase

PERIOD = {
    "settlement_start_date": "2026-06-24 00:00:00 UTC",
    "settlement_end_date": "2026-07-08 10:00:00 UTC",
}


class TestSpPreview(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.make_tax("VAT 20", 20.0)
        cls.map_tax("sales", "output_included", cls.tax)
        cls.settlement = cls.import_file(
            cls.file(
                ("Order/ItemPrice/Principal", "24.00"),
                ("Order/ItemFees/Commission", "-3.60"),
                total="20.40",
                ref="61",
            )
        )

    def prepare(self, settlement):
        return self.env["sp.settlement.preview"]._prepare(settlement)

    def shown(self, settlement):
        """The items of all parts as (account, label, debit, credit, taxes, grids)."""
        names = ("account", "label", "debit", "credit", "taxes", "grids")
        return [
            tuple(item[name] for name in names)
            for part in self.prepare(settlement)["parts"]
            for item in part["entry_items"]
        ]

    def test_it_shows_what_is_then_booked(self):
        shown = self.shown(self.settlement)
        self.assertFalse(self.settlement.move_ids)
        self.assertEqual(self.settlement.state, "review")
        self.settlement.action_book()
        money = self.company.currency_id

        def amount(balance):
            return money.format(balance) if balance > 0 else ""

        booked = [
            (
                item.account_id.display_name,
                item.name,
                amount(item.balance),
                amount(-item.balance),
                ", ".join(item.tax_ids.mapped("name")),
                ", ".join(item.tax_tag_ids.mapped("name")),
            )
            for item in self.settlement.move_id.line_ids.sorted("id")
        ]
        self.assertEqual(shown, booked)
        self.assertIn("VAT 20 invoice base", [grids for *_rest, grids in shown])
        # Also of one that is booked, as it would be booked now.
        self.assertEqual(self.shown(self.settlement), booked)
        self.assertTrue(self.prepare(self.settlement)["is_booked"])

    def test_each_month_has_its_entry_and_a_lock_its_effect(self):
        rows = [
            helpers.row(
                "Order/ItemPrice/Principal", amount, "62", posted_date_time=f"{day} 12:00:00 UTC"
            )
            for amount, day in (("24.00", "2026-06-25"), ("10.00", "2026-07-02"))
        ]
        settlement = self.import_file(self.file(*rows, total="34.00", ref="62", **PERIOD))
        parts = self.prepare(settlement)["parts"]
        self.assertEqual(len(parts), 2)
        self.assertFalse(any(part["own_day"] for part in parts))
        self.company.sudo().write(
            {"fiscalyear_lock_date": "2030-01-31", "sp_lock_policy": "next_open"}
        )
        found = self.prepare(settlement)
        self.assertTrue(all(part["own_day"] for part in found["parts"]))
        self.company.sudo().sp_lock_policy = "hold"
        found = self.prepare(settlement)
        self.assertIn("locked", " ".join(found["holds"]))
        self.assertEqual(
            len(found["parts"]), 2, "what waits for a lock alone is shown all the same"
        )

    def test_what_would_be_held_says_why(self):
        settlement = self.import_sample("v2_unknown_words.txt")
        content = self.open(settlement).content
        self.assertIn("It would be held", content)
        self.assertIn("MoonFees", content)
        self.assertNotIn("<table", content)

    def open(self, settlement):
        return self.env["sp.preview"].browse(settlement.action_preview()["res_id"])

    def test_on_screen_and_on_paper(self):
        preview = self.open(self.settlement)
        self.assertIn(self.account_of("sales").name, preview.content)
        report = self.env["ir.actions.report"]
        page, _kind = report._render_qweb_html("sp_connector.sp_preview_page", self.settlement.ids)
        self.assertIn(self.account_of("sales").name, page.decode())
        self.assertIn("VAT 20", page.decode())
        self.assertEqual(preview.action_print()["type"], "ir.actions.report")

    def paper(self, settlement):
        """The tables of the printed page: the text of each cell of each row, and all the text."""
        report = self.env["ir.actions.report"]
        page, _kind = report._render_qweb_html("sp_connector.sp_preview_page", settlement.ids)
        root = html.fromstring(page)
        rows = [
            [" ".join(cell.text_content().split()) for cell in row.xpath("./th|./td")]
            for row in root.xpath("//table//tr")
        ]
        return rows, " ".join(root.text_content().split())

    def test_paper_has_grids_analytic_locks_and_what_holds(self):
        rows, text = self.paper(self.settlement)
        self.assertNotIn("Analytic", rows[0], "an empty column takes room from the others")
        self.assertIn("Amazon settlement 61", text)
        plan = self.root_env["account.analytic.plan"].create({"name": "Shops"})
        shop = self.root_env["account.analytic.account"].create(
            {"name": "Web shop", "plan_id": plan.id, "company_id": self.company.id}
        )
        mapping = self.map_category("sales", self.account_of("sales"))
        mapping.analytic_distribution = {str(shop.id): 60.0}
        self.company.sudo().write(
            {"fiscalyear_lock_date": "2030-01-31", "sp_lock_policy": "next_open"}
        )
        rows, text = self.paper(self.settlement)
        header = rows[0]
        (sales,) = [row for row in rows if row[1].startswith("Sales")]
        cells = dict(zip(header, sales, strict=True))
        self.assertEqual(cells["Tax Grids"], "VAT 20 invoice base")
        self.assertEqual(cells["Analytic"], "Web shop 60 %")
        self.assertEqual((cells["Debit"], cells["Credit"]), ("", "£ 20.00"))
        (vat,) = [row for row in rows if "VAT 20 account" in row[0]]
        self.assertEqual(dict(zip(header, vat, strict=True))["Tax Grids"], "VAT 20 invoice tax")
        self.assertEqual(rows[-1][-2:], ["£ 24.00", "£ 24.00"])
        self.assertIn("02/01/2030", text)
        self.assertIn("which lies in a locked period", text)
        held = self.import_sample("v2_unknown_words.txt")
        rows, text = self.paper(held)
        self.assertFalse(rows)
        self.assertIn("It would be held", text)
        self.assertIn("MoonFees", text)

    def test_only_for_those_of_the_company(self):
        stranger = self.make_user("stranger", MANAGER, self.make_company("Elsewhere Ltd"))
        self.assertDenied(self.settlement.with_user(stranger).action_preview)
        preview = self.open(self.settlement)
        self.assertDenied(preview.with_user(stranger).read, ["content"])

    def test_the_set_up_says_what_it_would_change(self):
        self.settlement.action_post()
        env = self.root_env(user=self.manager)
        setup = env["sp.setup"].create({"company_id": self.company.id, "registration": "no"})
        action = setup.action_what_would_change()
        preview = env["sp.change.preview"].browse(action["res_id"])
        self.assertIn("None of 1 settlements", preview.note)
        line = setup.line_ids.filtered(lambda line: line.key == "selling_fees")[:1]
        line.account_id = self.make_account("Fees Elsewhere", "expense")
        action = setup.action_what_would_change()
        preview = env["sp.change.preview"].browse(action["res_id"])
        self.assertIn("Fees Elsewhere", " ".join(preview.line_ids.mapped("name")))
        self.assertFalse(preview.can_save)
        self.assertNotIn("Fees Elsewhere", self.account_of("selling_fees").name)
        self.assertEqual(preview.action_back()["res_id"], setup.id)
        self.assertEqual(line.account_id.name, "Fees Elsewhere")
