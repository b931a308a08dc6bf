"""Who may press which button, see which menu, and what a remote program could call."""

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method

from ..common import ADDON
from .test_security import PUBLIC, SecurityCase


class TestSecurityButtons(SecurityCase):
    # === BUTTONS === #

    def test_buttons_refuse_people_without_the_group(self):
        for user in (self.employee, self.accountant, self.stranger):
            settlement = self.settlement.with_user(user)
            for button in ("action_book", "action_post", "action_undo", "action_check"):
                with self.subTest(f"{user.login}: {button}"):
                    self.assertDenied(getattr(settlement, button))
        self.assertEqual(self.settlement.state, "review")
        self.assertFalse(self.settlement.move_ids)

    def test_undo_refuses_people_without_the_group(self):
        self.settlement.action_post()
        for user in (self.employee, self.accountant, self.stranger):
            self.assertDenied(self.settlement.with_user(user).action_undo)
        self.assertEqual(self.settlement.state, "posted")

    def test_the_bookkeeper_and_the_manager_may(self):
        for user in (self.bookkeeper, self.manager):
            settlement = self.settlement.with_user(user)
            settlement.action_book()
            self.assertEqual(settlement.state, "booked")
            settlement.action_post()
            self.assertEqual(settlement.state, "posted")
            settlement.action_undo()
            self.assertEqual(settlement.state, "review")

    def test_the_bookkeeper_may_delete_what_has_no_entry_and_nothing_else(self):
        env = self.root_env(user=self.bookkeeper)
        self.assertDenied(self.settlement.with_user(self.stranger).unlink)
        self.settlement.with_env(env).unlink()
        self.assertFalse(self.settlement.exists())

    def test_menus_follow_the_groups(self):
        root = self.root_env.ref("sp_connector.sp_connector_menu_root")
        configuration = self.root_env.ref("sp_connector.sp_connector_menu_configuration")
        seen = {
            role: [
                bool(menu.id in menu.with_user(user)._visible_menu_ids())
                for menu in (root, configuration)
            ]
            for role, user in self.people().items()
        }
        self.assertEqual(
            seen,
            {
                "employee": [False, False],
                "accountant": [False, False],
                "bookkeeper": [True, False],
                "manager": [True, True],
            },
        )

    # === REMOTE CALLS === #

    def _own_methods(self, model):
        """Public methods that classes of this addon define on a model."""
        for cls in type(model).mro():
            if not cls.__module__.startswith(f"odoo.addons.{ADDON.name}."):
                continue
            for name, value in vars(cls).items():
                if name.startswith("_") or not callable(value) or isinstance(value, type):
                    continue
                if not getattr(value, "_api_private", False):
                    yield name

    def test_only_buttons_are_public(self):
        audited = self.env.registry["sp.audited"]
        for name in self.env.registry:
            found = set(self._own_methods(self.env[name]))
            # What changes of a record is kept, so these three are everywhere.
            kept = PUBLIC["sp.audited"] if isinstance(self.env[name], audited) else set()
            self.assertEqual(found, PUBLIC.get(name, set()) | kept, name)

    def test_private_methods_are_out_of_reach_of_rpc(self):
        settlements = self.env["sp.settlement"]
        for name in ("_import_report", "_check", "_open_attachment", "_decide", "_compare_ledger"):
            self.assertTrue(hasattr(settlements, name), name)
            with self.assertRaises(AccessError):
                get_public_method(settlements, name)
        self.assertTrue(get_public_method(settlements, "action_book"))
