"""A copy of a database must never speak to Amazon in the seller's name."""

from odoo.modules import neutralize
from odoo.tools import SQL

from ..connect_common import ConnectCase


class TestNeutralize(ConnectCase):
    def setUp(self):
        super().setUp()
        self.connect()
        self.draft = self.make_connection("Draft")
        self.leave(self.draft)
        self.settlement = self.make_settlement(self.connection)
        self.assertTrue(self.tokens())
        self.cr.flush()
        # Less the charts of other tests: the Polish one's own script names a column it lacks.
        modules = [
            name for name in neutralize.get_installed_modules(self.cr) if name[:5] != "l10n_"
        ]
        self.patch(neutralize, "get_installed_modules", lambda _cr: modules)
        neutralize.neutralize_database(self.cr)
        self.env.invalidate_all()

    def test_every_secret_and_every_state_is_gone(self):
        for table in ("sp_secret", "sp_oauth_state"):
            self.cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
            self.assertEqual(self.cr.fetchone(), (0,), table)
        self.assertFalse(self.application.has_secret)

    def test_connections_say_that_they_are_disconnected(self):
        self.assertEqual((self.connection.state, self.draft.state), ("disconnected", "draft"))
        self.assertFalse(self.connection.state_reason)

    def test_settlements_stay(self):
        self.assertEqual(self.settlement.connection_id, self.connection)

    def test_nobody_asks_amazon_any_more(self):
        asked = len(self.fake.calls)
        self.connection.action_test()
        self.root_env.ref("sp_connector.ir_cron_daily_watch").method_direct_trigger()
        self.assertEqual(len(self.fake.calls), asked)
