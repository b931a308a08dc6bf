"""The developer's application: addresses, hosts, secrets that go in and never come out."""

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command

from ...const import LOGIN_ROUTE, RETURN_ROUTE
from ..connect_common import MANAGER, ConnectCase

NO_HOSTS = dict.fromkeys(
    ("api_host_na", "api_host_eu", "api_host_fe", "lwa_host", "seller_central_host"), False
)


class TestSpApplication(ConnectCase):
    def make(self, name="Second", **vals):
        values = {
            "name": name,
            "application_ref": f"amzn1.sp.solution.{name}",
            "client_id": f"amzn1.application-oa2-client.{name}",
            "company_ids": [Command.set(self.company.ids)],
            **vals,
        }
        return self.root_env["sp.application"].create(values).with_env(self.env)

    def test_a_secret_that_was_just_typed_is_not_missing(self):
        """The form reads the application in the transaction that stores it."""
        application = self.make(client_secret="amzn1.oa2-cs.v1.1")
        self.assertTrue(application.has_secret)
        application = self.make("Third")
        self.assertFalse(application.has_secret)
        application.client_secret = "amzn1.oa2-cs.v1.2"
        self.assertTrue(application.has_secret)

    def test_the_addresses_to_paste_at_amazon(self):
        parameters = self.root_env["ir.config_parameter"]
        for base in ("https://odoo.example", "https://odoo.example/"):
            parameters.set_param("web.base.url", base)
            self.application.invalidate_recordset()
            self.assertEqual(self.application.redirect_uri, f"https://odoo.example{RETURN_ROUTE}")
            self.assertEqual(
                self.application.login_uri,
                f"https://odoo.example{LOGIN_ROUTE}/{self.application.id}",
            )
            self.assertTrue(self.application.is_https)

    def test_a_base_url_without_https_is_told(self):
        self.root_env["ir.config_parameter"].set_param("web.base.url", "http://odoo.example")
        self.application.invalidate_recordset()
        self.assertFalse(self.application.is_https)

    def test_hosts_of_the_environments(self):
        production, sandbox = self.make(), self.make("Sandbox", environment="sandbox")
        self.assertEqual(production._hosts().api["eu"], "https://sellingpartnerapi-eu.amazon.com")
        self.assertEqual(
            sandbox._hosts().api["fe"], "https://sandbox.sellingpartnerapi-fe.amazon.com"
        )
        for application in (production, sandbox):
            self.assertEqual(application._hosts().token_url, "https://api.amazon.com/auth/o2/token")
        production.sudo().api_host_eu = "https://proxy.example/eu/"
        self.assertEqual(production._hosts().api["eu"], "https://proxy.example/eu")

    def test_amazon_is_spoken_to_over_https_only(self):
        application = self.make()
        for name in (*NO_HOSTS, "revocation_url"):
            for host in ("http://evil.example", "ftp://x", "evil.example", "//evil.example"):
                with self.subTest(name, host=host), self.assertRaises(ValidationError):
                    application.sudo()[name] = host

    def test_a_simulator_needs_all_its_hosts(self):
        for name in NO_HOSTS:
            with self.subTest(name), self.assertRaises(ValidationError):
                self.application.sudo()[name] = False
        with self.assertRaises(ValidationError):
            self.application.sudo().environment = "production"

    def test_callbacks_are_allowed_to_every_seller_central_and_nowhere_else(self):
        allowed = self.make()._allowed_callbacks()
        places = self.root_env["sp.marketplace"].search([("is_other_channel", "=", False)])
        self.assertNotIn("https://False", allowed)
        self.assertLessEqual({f"https://{one.seller_central_host}" for one in places}, allowed)
        self.assertEqual(self.application._allowed_callbacks(), {self.server.url})

    # === SECRETS === #

    def test_a_typed_secret_goes_in_and_never_comes_out(self):
        self.assertTrue(self.application.has_secret)
        self.assertFalse(self.application.client_secret)
        fields = ["client_secret", "next_client_secret"]
        for user in (self.manager, self.bookkeeper, self.root_env.ref("base.user_admin")):
            user.sudo().company_ids |= self.company
            (values,) = self.application.with_user(user).read(fields)
            self.assertEqual([values[name] for name in fields], [False, False])
        self.assertEqual(
            self.tokens(self.application), {"client_secret": self.theirs.client_secret}
        )

    def test_saving_in_the_form_answers_without_the_secret(self):
        specification = {"client_secret": {}, "has_next_secret": {}, "next_client_secret": {}}
        for vals in ({"next_client_secret": "typed-1"}, {"client_secret": "typed-2"}):
            answer = self.application.web_save(vals, specification)
            self.assertNotIn("typed", str(answer))
            self.assertFalse(answer[0]["client_secret"])
        self.assertEqual(
            self.tokens(self.application),
            {"client_secret": "typed-2", "next_client_secret": "typed-1"},
        )

    def test_an_onchange_answers_without_the_secret(self):
        specification = {"client_secret": {}, "is_draft": {}, "secret_expires_on": {}}
        for record in (self.application, self.env["sp.application"]):
            answer = record.onchange(
                {"client_secret": "typed", "is_draft": True, "secret_date": "2026-01-01"},
                ["secret_date"],
                specification,
            )
            self.assertNotIn("typed", str(answer))

    def test_blanks_around_a_secret_do_not_matter(self):
        self.application.client_secret = "  typed \n"
        self.assertEqual(self.tokens(self.application)["client_secret"], "typed")

    def test_saving_without_typing_keeps_the_secret(self):
        self.application.write({"name": "Renamed", "client_secret": False})
        self.application.write({"client_secret": ""})
        self.assertEqual(self.tokens(self.application)["client_secret"], self.theirs.client_secret)

    def test_deleting_erases_the_secrets(self):
        application = self.make(client_secret="typed")
        application_id = application.id
        application.unlink()
        self.assertFalse(
            self.root_env["sp.secret"].search_count(
                [("res_model", "=", "sp.application"), ("res_id", "=", application_id)]
            )
        )

    def test_a_copy_has_no_secret(self):
        copy = self.application.sudo().copy(
            {"name": "Copy", "application_ref": "amzn1.sp.solution.c", "client_id": "c"}
        )
        self.assertFalse(copy.has_secret or copy.has_next_secret)
        self.assertFalse(self.tokens(copy))

    def test_finishing_a_rotation_leaves_the_new_secret_alone(self):
        new = self.fake.rotate_secret(overlap=0)
        self.application.write({"next_client_secret": new, "secret_date": "2020-01-01"})
        self.application.action_finish_rotation()
        self.assertEqual(self.tokens(self.application), {"client_secret": new})
        self.assertGreater(str(self.application.secret_date), "2026")
        self.connect()
        self.assertConnected()

    def test_finishing_a_rotation_that_never_began_changes_nothing(self):
        before = self.stored()
        self.application.action_finish_rotation()
        self.assertUnchanged(before)

    def test_two_sellers_of_two_applications(self):
        """Many applications per database: the same seller may be connected by each."""
        theirs = self.fake.add_application(
            [self.application.redirect_uri], self.application.redirect_uri
        )
        application = self.make(
            **{
                name: value
                for name, value in self.application_vals().items()
                if name not in ("name", "application_ref", "client_id", "client_secret")
            },
            client_secret=theirs.client_secret,
        )
        application.write({"application_ref": theirs.application_id, "client_id": theirs.client_id})
        self.connect()
        second = self.make_connection("Second", application_id=application.id)
        self.connect(second)
        self.assertConnected()
        self.assertConnected(second)

    # === RIGHTS === #

    def test_who_may_do_what(self):
        self.assertTrue(self.application.with_user(self.bookkeeper).name)
        for act in (
            lambda one: one.write({"name": "x"}),
            lambda one: one.write({"client_secret": "x"}),
            lambda one: one.action_finish_rotation(),
            lambda one: one.unlink(),
            lambda one: one.copy(),
        ):
            with self.assertRaises(AccessError):
                act(self.application.with_user(self.bookkeeper))
        employee = self.make_user("employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.application.with_user(employee).read(["name"])

    def test_a_refused_write_leaves_the_secret_alone(self):
        stranger = self.make_user("stranger", MANAGER, self.make_company("Elsewhere Ltd"))
        for user in (self.bookkeeper, stranger):
            with self.assertRaises(AccessError):
                self.application.with_user(user).write({"client_secret": "x"})
            self.assertEqual(
                self.tokens(self.application)["client_secret"], self.theirs.client_secret
            )

    def test_other_companies_do_not_see_it(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        stranger = self.make_user("stranger", MANAGER, elsewhere)
        applications = self.env["sp.application"].with_user(stranger)
        self.assertNotIn(self.application, applications.search([]))
        with self.assertRaises(AccessError):
            applications.browse(self.application.id).read(["name"])

    def test_one_shared_with_a_company_out_of_sight_can_be_read_and_used(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        self.application.sudo().company_ids = [Command.link(elsewhere.id)]
        self.env.invalidate_all()
        (values,) = self.application.web_read(
            {"name": {}, "company_ids": {"fields": {"display_name": {}}}}
        )
        self.assertEqual([one["id"] for one in values["company_ids"]], self.company.ids)
        self.connect()
        self.assertConnected()

    def test_a_new_client_secret_starts_its_180_days(self):
        self.application.sudo().secret_date = "2026-01-01"
        self.application.client_secret = "amzn1.oa2-cs.v1.another"
        self.assertGreater(str(self.application.secret_date), "2026-01-01")

    def test_what_amazon_said_cannot_be_written_by_hand(self):
        connection = self.connection
        for vals in ({"state": "connected"}, {"selling_partner_ref": "A1B2C3D4E5F6"}):
            with self.assertRaises(AccessError):
                connection.with_user(self.manager).write(vals)
