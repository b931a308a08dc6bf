"""Who may say where secrets are sent to, and what happens to them when somebody does."""

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command

from ...engine.errors import Misconfigured
from ..common import MANAGER, SpCase
from ..connect_common import AmazonMixin

HOSTS = (
    "api_host_na",
    "api_host_eu",
    "api_host_fe",
    "lwa_host",
    "seller_central_host",
    "revocation_url",
)


class TestHosts(AmazonMixin, SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_key()
        cls.admin = cls.make_user("admin_of_odoo", f"{MANAGER},base.group_system")
        cls.application = (
            cls.root_env["sp.application"]
            .with_user(cls.manager)
            .create(
                {
                    "name": "Own",
                    "application_ref": "amzn1.sp.solution.1",
                    "client_id": "amzn1.application-oa2-client.1",
                    "client_secret": "amzn1.oa2-cs.v1.1",
                }
            )
        )

    def test_a_manager_leads_secrets_nowhere_else(self):
        for name in HOSTS:
            with self.subTest(name), self.assertRaises(AccessError):
                self.application.write({name: "https://listener.example"})
        with self.assertRaises(AccessError):
            self.application.environment = "simulator"
        with self.assertRaises(AccessError):
            self.application.copy({"lwa_host": "https://listener.example"})
        with self.assertRaises(AccessError):
            self.application.is_sealed = False

    def test_a_manager_still_changes_the_rest(self):
        self.application.write(
            {"name": "Ours", "environment": "production", "lwa_host": False, "is_draft": False}
        )
        self.assertEqual(self.application.name, "Ours")
        self.assertFalse(self.application.is_sealed)

    def test_a_changed_host_seals_the_secrets_until_one_is_typed_again(self):
        for vals in (
            {"lwa_host": "https://lwa.example.com"},
            {"environment": "sandbox"},
            {"revocation_url": "https://revoke.example.com"},
        ):
            with self.subTest(vals):
                self.application.with_user(self.admin).write(vals)
                self.assertTrue(self.application.is_sealed)
                client = self.env["sp.client"]
                with self.assertRaises(Misconfigured) as caught, client._lwa(self.application):
                    pass
                self.assertEqual(caught.exception.code, "sealed")
                self.application.client_secret = "amzn1.oa2-cs.v1.2"
                self.assertFalse(self.application.is_sealed)
                with client._lwa(self.application) as lwa:
                    self.assertTrue(lwa)

    def test_the_next_secret_does_not_break_the_seal(self):
        self.application.with_user(self.admin).lwa_host = "https://lwa.example.com"
        self.application.next_client_secret = "amzn1.oa2-cs.v1.2"
        self.assertTrue(self.application.is_sealed)

    def test_a_changed_host_is_followed_in_the_chatter(self):
        self.env.flush_all()
        self.env.cr.precommit.run()  # a new record is not followed within its transaction
        self.application.with_user(self.admin).lwa_host = "https://lwa.example.com"
        self.env.flush_all()
        self.env.cr.precommit.run()
        values = self.application.sudo().message_ids.tracking_value_ids
        self.assertIn("https://lwa.example.com", values.mapped("new_value_char"))

    def test_private_addresses_are_for_a_simulator(self):
        application = self.application.with_user(self.admin)
        for host in (
            "http://lwa.example.com",
            "https://127.0.0.1:8300",
            "https://localhost",
            "https://10.1.2.3",
            "https://[::1]/",
            "https://169.254.169.254",
            "https://intranet",
        ):
            with self.subTest(host), self.assertRaises(ValidationError):
                application.lwa_host = host

    def test_an_application_of_several_companies_is_theirs_together(self):
        other = self.make_company("Lamps Inc")
        self.application.sudo().company_ids = [Command.link(other.id)]
        for change in (
            lambda: self.application.write({"client_secret": "amzn1.oa2-cs.v1.9"}),
            lambda: self.application.write({"name": "Mine"}),
            lambda: self.application.write({"company_ids": [Command.unlink(other.id)]}),
            self.application.unlink,
        ):
            with self.assertRaises(AccessError):
                change()
        self.manager.company_ids = [Command.link(other.id)]
        self.application.name = "Ours"

    def test_nobody_gives_an_application_to_a_company_that_is_not_his(self):
        other = self.make_company("Lamps Inc")
        with self.assertRaises(AccessError):
            self.application.company_ids = [Command.link(other.id)]

    def test_a_connection_takes_no_state_from_the_one_who_makes_it(self):
        vals = {
            "name": "X",
            "application_id": self.application.id,
            "region": "eu",
            "marketplace_id": self.root_env.ref("sp_connector.sp_marketplace_de").id,
            "company_id": self.company.id,
        }
        connections = self.root_env["sp.connection"].with_user(self.manager)
        for told in (
            {"state": "connected"},
            {"selling_partner_ref": "A1"},
            {"authorised_at": "2026-01-01 00:00:00"},
        ):
            with self.subTest(told), self.assertRaises(AccessError):
                connections.create(vals | told)
        connection = connections.create(vals)
        other = self.application.sudo().copy(
            {"name": "Other", "application_ref": "amzn1.sp.solution.2", "client_id": "x"}
        )
        connection.application_id = other  # a draft holds nothing
        connection.sudo().state = "connected"
        for move in ({"application_id": self.application.id}, {"region": "na"}):
            with self.subTest(move), self.assertRaises(AccessError):
                connection.write(move)


class TestCatalogue(SpCase):
    def test_only_administrators_change_the_marketplaces_of_all_companies(self):
        place = self.root_env.ref("sp_connector.sp_marketplace_de")
        with self.assertRaises(AccessError):
            place.with_user(self.manager).seller_central_host = "sellercentral.amazon.ae"
        with self.assertRaises(AccessError):
            place.with_user(self.manager).copy()

    def test_consent_is_asked_at_amazon_alone(self):
        place = self.root_env.ref("sp_connector.sp_marketplace_de")
        for host in ("evil.example", "sellercentral.amazon.com.evil.example", "amazon.de", ""):
            with self.subTest(host), self.assertRaises(ValidationError):
                place.seller_central_host = host
        place.seller_central_host = "sellercentral.amazon.ie"
