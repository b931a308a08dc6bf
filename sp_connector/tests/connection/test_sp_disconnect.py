"""Taking leave: what Amazon still holds is checked and said, and the tokens are erased."""

from ...engine.tests.wire import Wire
from ...engine.vault import make_key
from ..connect_common import ConnectedCase, short_timeout


class TestDisconnect(ConnectedCase):
    def open(self):
        action = self.connection.action_disconnect()
        return self.env["sp.disconnect"].browse(action["res_id"])

    def assertDisconnected(self):
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.state, "disconnected")
        self.assertFalse(self.tokens())
        self.assertEqual(self.ask().code, "no_token")

    def test_the_guide_leads_to_manage_your_apps(self):
        page = self.visit(self.open().manage_url)
        self.assertEqual((page.status, page.title), (200, "Manage Your Apps"))

    def test_checking_tells_what_amazon_holds(self):
        wizard = self.open()
        self.assertEqual(wizard.grant, "unknown")
        wizard.action_check()
        self.assertEqual(wizard.grant, "held")
        # The seller presses Disable authorization at Amazon.
        self.submit(self.visit(wizard.manage_url))
        wizard.action_check()
        self.assertEqual(wizard.grant, "gone")
        self.assertEqual(self.connection.state, "connected")

    def test_checking_proves_nothing_when_amazon_cannot_be_asked(self):
        wizard = self.open()
        self.fake.revoke()
        for kind in ("503", "500", "secret_refused", "empty", "reset", "400", "429"):
            with self.subTest(kind):
                self.fake.fail("token", kind)
                wizard.action_check()
                self.assertEqual(wizard.grant, "unreachable")

    def test_disconnecting_erases_tokens_and_keeps_settlements(self):
        settlement = self.make_settlement(self.connection)
        self.open().action_disconnect()
        self.assertDisconnected()
        self.assertEqual(settlement.connection_id, self.connection)
        self.assertTrue(self.connection.participation_ids)
        self.assertEqual(self.connection.selling_partner_ref, self.seller_ref)

    def test_the_chatter_says_that_amazon_still_holds_the_grant(self):
        self.open().action_disconnect()
        self.assertDisconnected()
        self.assertIn("still holds", self.chatter().lower())
        self.assertIn("Manage Your Apps", self.chatter())

    def test_the_chatter_says_that_the_grant_is_gone(self):
        self.fake.revoke()
        self.open().action_disconnect()
        self.assertDisconnected()
        self.assertIn("no longer holds", self.chatter())
        self.assertNotIn("still holds", self.chatter().lower())

    def test_the_chatter_does_not_claim_what_is_not_known(self):
        self.fake.fail("token", "503")
        self.open().action_disconnect()
        self.assertDisconnected()
        self.assertIn("not known", self.chatter())

    def test_asking_again_does_not_turn_a_held_grant_into_a_gone_one(self):
        self.open().action_disconnect()
        wizard = self.open()
        wizard.action_check()
        self.assertNotEqual(wizard.grant, "gone")
        wizard.action_disconnect()
        self.assertNotIn("no longer holds", self.chatter())

    def test_a_revocation_endpoint_is_called_first(self):
        tokens = self.tokens()
        with Wire() as wire:
            wire.say(200)
            self.change_hosts(revocation_url=f"{wire.url}/revoke")
            refreshed = len(self.token_calls("refresh_token"))
            self.open().action_disconnect()
        (asked,) = wire.asked
        self.assertEqual((asked.method, asked.path), ("POST", "/revoke"))
        self.assertEqual(
            asked.form,
            {
                "token": tokens["refresh_token"],
                "token_type_hint": "refresh_token",
                "client_id": self.theirs.client_id,
                "client_secret": self.theirs.client_secret,
            },
        )
        # A polite answer is no proof: Amazon is asked, and it still holds the grant.
        self.assertEqual(len(self.token_calls("refresh_token")) - refreshed, 1)
        self.assertIn("still holds", self.chatter().lower())
        self.assertDisconnected()

    def test_a_revocation_endpoint_that_fails_does_not_keep_the_tokens(self):
        with Wire() as wire, short_timeout():
            wire.say(hold=True)
            self.change_hosts(revocation_url=f"{wire.url}/revoke")
            self.open().action_disconnect()
            self.assertEqual(len(wire.asked), 1)
        self.assertDisconnected()
        self.assertIn("revocation endpoint", self.chatter())

    def test_without_the_key_disconnecting_still_works(self):
        self.root_env["sp.secret"]._write_key_file([self.other_key()])
        self.open().action_disconnect()
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.state, "disconnected")
        self.assertIn("not known", self.chatter())
        self.assertFalse(
            self.root_env["sp.secret"]
            .search([("res_model", "=", "sp.connection")])
            .filtered(lambda secret: secret.res_id == self.connection.id)
        )

    def test_a_disconnected_connection_takes_only_the_same_seller_back(self):
        self.open().action_disconnect()
        other = self.fake.add_seller(("DE",))
        self.assertRefused(self.consent(self.leave(), other), "wrong_seller")
        self.connect()
        self.assertConnected()

    def other_key(self):
        self.addCleanup(
            self.root_env["sp.secret"]._write_key_file, self.root_env["sp.secret"]._keys()
        )
        return make_key()
