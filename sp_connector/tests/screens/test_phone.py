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

    def test_lists_of_the_control_subject_are_cards_on_a_phone(self):
        """The client takes cards where a list has them beside it."""
        actions = {
            "sp.settlement": "sp_settlement_action",
            "sp.word": "sp_word_action",
            "sp.batch": "sp_batch_action",
            "sp.autopost": "sp_autopost_action",
            "sp.account.mapping": "sp_account_mapping_action",
            "sp.accrual": "sp_accrual_action",
            "sp.accrual.transaction": "sp_accrual_transaction_action",
        }
        for model, action in actions.items():
            with self.subTest(model):
                modes = self.root_env.ref(f"sp_connector.{action}").view_mode.split(",")
                self.assertIn("kanban", modes)
                arch = self.root_env[model]._get_view(view_type="kanban")[0]
                self.assertIsNotNone(arch.find(".//t[@t-name='card']"))
        form = self.root_env["sp.change.preview"]._get_view(view_type="form")[0]
        for name in ("line_ids", "settlement_ids", "detail_ids"):
            self.assertIsNotNone(form.find(f".//field[@name='{name}']/kanban"), name)
