"""A phone shows cards where a desk shows a list; what it sends when it saves is the same."""

from ..common import SpCase


class TestPhone(SpCase):
    def test_the_set_up_saves_all_its_lines_hold(self):
        form = self.env["sp.setup"].sudo()._get_view(view_type="form")[0]
        (lines,) = form.iterfind(".//field[@name='line_ids'][kanban]")
        saved = {field.get("name") for field in lines.iterfind("list//field[@force_save]")}
        self.assertIn("section", saved)
        cards = {field.get("name") for field in lines.iterfind("kanban//field[@force_save]")}
        self.assertEqual(saved - cards, set())
