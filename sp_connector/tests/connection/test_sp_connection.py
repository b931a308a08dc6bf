"""A connection through the years: reconnect, unify, companies."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from ..connect_common import MANAGER, USER, ConnectCase, ConnectedCase


class TestReconnect(ConnectedCase):
    def test_settlements_mapping_and_choices_stay(self):
        settlement = self.make_settlement(self.connection)
        account = self.root_env["account.account"].create(
            {
                "name": "Amazon sales",
                "code": "T4000",
                "account_type": "income",
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        mapping = self.root_env["sp.account.mapping"].create(
            {
                "company_id": self.company.id,
                "category": "sales",
                "marketplace_id": self.connection.marketplace_id.id,
                "account_id": account.id,
            }
        )
        france = self.connection.participation_ids.filtered(lambda line: line.name == "Amazon.fr")
        france.is_active = False
        lines = self.connection.participation_ids
        self.fake.revoke()
        self.ask()
        self.connect()
        self.assertConnected()
        self.assertEqual(settlement.connection_id, self.connection)
        self.assertTrue(mapping.exists())
        self.assertEqual(self.connection.participation_ids, lines)
        self.assertFalse(france.is_active)

    def test_new_and_closed_marketplaces_are_noticed(self):
        self.fake.sellers.pop(self.seller_ref)
        self.seller = self.fake.add_seller(("DE", "IT"), selling_partner_id=self.seller_ref)
        self.connect()
        lines = {
            line.name: line.is_participating
            for line in self.connection.participation_ids
            if line.marketplace_id
        }
        self.assertEqual(
            lines,
            {"Amazon.de": True, "Amazon.it": True, "Amazon.fr": False, "Amazon.nl": False},
        )

    def test_reconnecting_starts_another_year(self):
        self.connection.sudo().authorised_at = "2020-01-01"
        self.assertEqual(self.connection.expires_in, "expired")
        self.connect()
        self.assertFalse(self.connection.expires_in)

    def test_a_copy_is_a_connection_without_token(self):
        copy = self.connection.copy()
        self.assertEqual((copy.state, copy.selling_partner_ref), ("draft", False))
        self.assertFalse(copy.authorised_at or copy.plan or copy.participation_ids)
        self.assertFalse(self.tokens(copy))

    def test_deleting_a_connection_erases_its_tokens(self):
        connection_id = self.connection.id
        self.connection.unlink()
        self.assertFalse(
            self.root_env["sp.secret"].search_count(
                [("res_model", "=", "sp.connection"), ("res_id", "=", connection_id)]
            )
        )

    def test_a_connection_with_settlements_cannot_be_deleted(self):
        self.make_settlement(self.connection)
        with self.assertRaises(UserError):
            self.connection.unlink()
        self.assertConnected()

    def test_a_bookkeeper_plans_an_activity_of_a_colleague_beside_what_is_read_only(self):
        connection = self.connection.with_user(self.bookkeeper)
        connection.activity_schedule("mail.mail_activity_data_todo", user_id=self.manager.id)
        self.assertIn(self.manager, connection.sudo().activity_ids.user_id)

    def test_a_bookkeeper_may_look_and_not_connect(self):
        connection = self.connection.with_user(self.bookkeeper)
        self.assertEqual(connection.state, "connected")
        for press in ("action_connect", "action_disconnect"):
            with self.assertRaises(AccessError):
                getattr(connection, press)()
        with self.assertRaises(AccessError):
            connection.name = "Mine"

    def test_other_companies_do_not_see_it(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        stranger = self.make_user("stranger", MANAGER, elsewhere)
        connections = self.env["sp.connection"].with_user(stranger)
        self.assertNotIn(self.connection.id, connections.search([]).ids)
        for method in ("action_connect", "action_disconnect", "action_test"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(connections.browse(self.connection.id), method)()

    def test_connecting_without_a_client_secret_says_so(self):
        self.root_env["sp.secret"]._erase(self.application)
        with self.assertRaises(UserError):
            self.connection.action_connect()


class TestUnified(ConnectedCase):
    def setUp(self):
        super().setUp()
        self.second = self.make_company("Second Ltd")
        self.manager.sudo().company_ids |= self.second
        self.application.sudo().company_ids |= self.second
        self.env = self.env(context={"allowed_company_ids": [self.company.id, self.second.id]})
        self.connection = self.connection.with_env(self.env)
        self.child = self.make_child()

    def make_child(self, user=None, **vals):
        wizard = self.env["sp.connect"].with_user(user or self.manager)
        wizard = wizard.create(
            {
                "application_id": self.application.id,
                "company_id": self.second.id,
                "region": "eu",
                "name": "Child",
                "parent_id": self.connection.id,
                **vals,
            }
        )
        return self.env["sp.connection"].browse(wizard.action_connect()["res_id"])

    def test_who_may_change_both_may_unify_whatever_companies_are_ticked(self):
        self.env = self.env(context={"allowed_company_ids": self.second.ids})
        self.child.unlink()
        self.assertEqual(self.make_child().state, "connected")

    def test_a_child_is_connected_at_once_by_its_parent_s_tokens(self):
        self.assertEqual(
            (self.child.state, self.child.selling_partner_ref), ("connected", self.seller_ref)
        )
        self.assertEqual(self.child.expires_at, self.connection.expires_at)
        self.assertEqual(
            set(self.child.participation_ids.mapped("name")),
            set(self.connection.participation_ids.mapped("name")),
        )
        self.assertFalse(self.tokens(self.child))
        self.assertIsNone(self.ask(self.child))
        self.assertEqual(self.fake.calls[-1].seller, self.seller_ref)

    def test_a_child_renews_the_parent_s_access_token(self):
        self.outdate_access_token()
        self.assertIsNone(self.ask(self.child))
        self.assertIsNone(self.ask())
        self.assertEqual(len(self.token_calls("refresh_token")), 1)
        self.assertFalse(self.tokens(self.child))

    def test_the_parent_s_revocation_shows_on_the_child(self):
        self.fake.revoke()
        self.ask(self.child)
        self.assertEqual({self.child.state, self.connection.state}, {"reconnect_required"})

    def test_reconnecting_the_parent_heals_the_child(self):
        self.fake.revoke()
        self.ask()
        self.assertEqual(self.child.state, "reconnect_required")
        self.connection.sudo().authorised_at = "2020-01-01"
        self.connect()
        self.child.invalidate_recordset()
        self.assertEqual(self.child.state, "connected")
        self.assertEqual(self.child.expires_at, self.connection.expires_at)
        self.assertIsNone(self.ask(self.child))

    def test_a_child_cannot_be_reconnected_itself(self):
        with self.assertRaisesRegex(UserError, "Amazon Europe"):
            self.child.action_connect()

    def test_disconnecting_the_parent_stops_the_child(self):
        wizard = self.env["sp.disconnect"].create({"connection_id": self.connection.id})
        wizard.action_disconnect()
        self.assertEqual(self.child.state, "disconnected")
        self.assertEqual(self.ask(self.child).code, "no_token")

    def test_disconnecting_a_child_leaves_the_parent_alone(self):
        wizard = self.env["sp.disconnect"].create({"connection_id": self.child.id})
        wizard.action_disconnect()
        self.assertEqual(self.child.state, "disconnected")
        self.assertConnected()
        self.assertIsNone(self.ask())

    def leave(self, connection=None, user=None):
        return super().leave(connection or self.connection, user)

    def disconnect(self, connection):
        self.env["sp.disconnect"].create({"connection_id": connection.id}).action_disconnect()

    def test_a_disconnected_child_stays_so(self):
        self.disconnect(self.child)
        self.connect()
        self.ask()
        self.fake.revoke()
        self.ask()
        self.child.invalidate_recordset()
        self.assertEqual(self.child.state, "disconnected")

    def test_a_disconnected_child_comes_back_by_its_own_button(self):
        self.disconnect(self.child)
        self.child.action_connect()
        self.assertEqual(self.child.state, "connected")
        self.assertIsNone(self.ask(self.child))

    def test_a_child_follows_its_parent_out_and_back(self):
        self.disconnect(self.connection)
        self.assertEqual(self.child.state, "disconnected")
        self.assertIn("Amazon Europe", self.child.problem)
        self.connect()
        self.child.invalidate_recordset()
        self.assertEqual(self.child.state, "connected")

    def test_a_child_says_that_nothing_comes_to_it_until_books_of_names_it(self):
        self.assertIn("No settlement comes to this company", self.child.problem)
        self.assertIn("Books Of", self.child.remedy)
        self.connection.participation_ids[:1].booking_company_id = self.second
        self.child.invalidate_recordset()
        self.assertFalse(self.child.problem)
        self.assertEqual(self.child.books_text, self.connection.participation_ids[:1].name)

    def test_books_of_are_chosen_in_the_wizard(self):
        self.child.unlink()
        germany = self.connection.participation_ids.filtered(lambda one: one.name == "Amazon.de")
        child = self.make_child(booked_place_ids=[Command.set(germany.ids)])
        self.assertEqual(germany.booking_company_id, self.second)
        self.assertFalse(child.problem)

    def test_settlements_of_a_child_are_those_that_came_to_its_company(self):
        mine = self.make_settlement(self.connection)
        theirs = mine.copy({"settlement_ref": "2", "company_id": self.second.id})
        self.child.invalidate_recordset()
        self.assertEqual(self.child.settlement_count, 1)
        action = self.child.action_view_settlements()
        self.assertEqual(self.env["sp.settlement"].search(action["domain"]), theirs)

    def test_a_child_that_is_asked_to_sync_lets_its_parent_look(self):
        self.fake.add_report("settlement-id\n1\n", self.seller)
        action = self.child.action_sync_now()
        self.assertEqual(action["params"]["title"], "Amazon Europe")
        self.assertFalse(self.child.sudo().report_ids)
        self.assertEqual(len(self.connection.sudo().report_ids), 1)
        with self.assertRaisesRegex(UserError, "Amazon Europe"):
            self.env["sp.connection.sync"].sudo()._find_reports(self.child.sudo())

    def test_who_sees_the_child_alone_is_told_who_looks(self):
        clerk = self.make_user("clerk", USER, self.second)
        asked = len(self.fake.calls)
        with self.assertRaisesRegex(UserError, "Amazon Europe looks for the settlements"):
            self.child.with_user(clerk).with_context(
                allowed_company_ids=self.second.ids
            ).action_sync_now()
        self.assertEqual(len(self.fake.calls), asked)

    def test_leaving_says_whose_settlements_still_come(self):
        self.connection.participation_ids[:1].booking_company_id = self.second
        self.disconnect(self.child)
        said = " ".join(self.child.message_ids.mapped("body"))
        self.assertIn("still go to this company", said)

    def test_nobody_takes_the_authorisation_of_a_company_out_of_reach(self):
        """A manager of another company names the connection by its id."""
        stranger = self.make_user("stranger", MANAGER, self.second)
        env = self.env(user=stranger, context={"allowed_company_ids": self.second.ids})
        vals = {
            "name": "Stolen",
            "company_id": self.second.id,
            "application_id": self.application.id,
            "region": "eu",
            "marketplace_id": self.connection.marketplace_id.id,
        }
        stolen = {**vals, "parent_id": self.connection.id}
        own = env["sp.connection"].create(vals)
        for steal in (
            lambda: env["sp.connection"].create(stolen),
            lambda: own.write({"parent_id": self.connection.id}),
            lambda: env["sp.connect"].create(stolen).action_connect(),
        ):
            with self.assertRaises(AccessError):
                steal()
            self.assertFalse(own.parent_id)
        self.assertEqual(self.connection.sudo().child_ids, self.child)

    def test_no_grandchildren_and_no_strangers(self):
        with self.assertRaises(ValidationError):
            self.make_connection("Grandchild", parent_id=self.child.id)
        with self.assertRaises(ValidationError):
            self.connection.parent_id = self.child
        with self.assertRaises(ValidationError):
            self.make_connection("Elsewhere", "us", parent_id=self.connection.id)


class TestCompanies(ConnectCase):
    def test_a_manager_of_two_companies_connects_either(self):
        second = self.make_company("Second Ltd")
        self.manager.sudo().company_ids = [Command.link(second.id)]
        self.application.sudo().company_ids |= second
        connection = (
            self.env["sp.connection"]
            .with_context(allowed_company_ids=second.ids)
            .create(
                {
                    "name": "Second",
                    "company_id": second.id,
                    "application_id": self.application.id,
                    "region": "eu",
                    "marketplace_id": self.connection.marketplace_id.id,
                }
            )
        )
        self.connect(connection)
        self.assertConnected(connection)
