"""The wizard: where it leads, and the pasted token of a private application."""

from odoo.exceptions import AccessError, UserError, ValidationError

from ...models.amazon.reasons import REASONS
from ..connect_common import ConnectCase


class TestPrivateToken(ConnectCase):
    """The third way in: a private application's refresh token, pasted."""

    def setUp(self):
        super().setUp()
        self.connection.unlink()
        self.grant = self.fake.grant()

    def paste(self, token=None, seller=None, **vals):
        wizard = self.env["sp.connect"].create(
            {
                "application_id": self.application.id,
                "company_id": self.company.id,
                "region": "eu",
                "method": "token",
                "name": "Pasted",
                "selling_partner_ref": self.seller_ref if seller is None else seller,
                "refresh_token": self.grant.refresh_token if token is None else token,
                **vals,
            }
        )
        self.cr.flush()
        return wizard

    def assertNothingKept(self, wizard, *words):
        before = self.stored()
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            wizard.action_connect()
        text = str(caught.exception)
        self.assertNotIn("Atz", text)
        for word in words:
            self.assertIn(str(word), text)
        self.assertIsNone(caught.exception.__cause__)
        self.assertUnchanged(before)
        self.assertFalse(self.env["sp.connection"].search_count([]))

    def test_a_good_token_is_verified_and_kept(self):
        wizard = self.paste()
        action = wizard.action_connect()
        connection = self.env["sp.connection"].browse(action["res_id"])
        self.assertConnected(connection)
        self.assertEqual(self.tokens(connection)["refresh_token"], self.grant.refresh_token)
        self.assertEqual(connection.active_names, "Amazon.de, Amazon.fr")
        self.assertIn("getReports", self.fake.counts())
        self.assertFalse(self.tokens(wizard))

    def test_blanks_around_a_pasted_token_do_not_matter(self):
        action = self.paste(
            f"  {self.grant.refresh_token}\n", f" {self.seller_ref} "
        ).action_connect()
        self.assertConnected(self.env["sp.connection"].browse(action["res_id"]))

    def test_a_pasted_token_never_comes_back(self):
        wizard = self.paste()
        self.assertFalse(wizard.refresh_token)
        self.assertFalse(wizard.read(["refresh_token"])[0]["refresh_token"])
        self.cr.execute("SELECT * FROM sp_connect")
        self.assertNotIn("Atzr", str(self.cr.fetchall()))

    def test_wrong_tokens_keep_nothing(self):
        other = self.fake.add_application(self.theirs.redirect_uris, self.theirs.login_uri)
        foreign = self.fake.grant(other).refresh_token
        for token in ("Atzr|IwEBnonsense", foreign, self.grant.refresh_token[:-1]):
            with self.subTest(token[:12]):
                self.assertNothingKept(self.paste(token))

    def test_a_revoked_token_keeps_nothing(self):
        self.fake.revoke()
        self.assertNothingKept(self.paste())

    def test_trouble_keeps_nothing(self):
        for operation, kind, code in (
            ("token", "secret_refused", "invalid_client"),
            ("token", "503", None),
            ("token", "empty", None),
            ("getReports", "role_missing", "no_role"),
            ("getReports", "500", None),
            ("getReports", "secret_refused", "secret_expired"),
        ):
            with self.subTest(operation, kind=kind):
                self.fake.fail(operation, kind)
                self.assertNothingKept(self.paste(), *REASONS.get(code, ()))

    def test_a_token_of_another_region_keeps_nothing(self):
        self.assertNothingKept(self.paste(region="na"), *REASONS["region_eu"])

    def test_seller_ids_are_checked_before_amazon_is_asked(self):
        asked = len(self.fake.calls)
        for seller in ("", "nonsense", "A1B2C3<script>"):
            with self.subTest(seller):
                self.assertNothingKept(self.paste(seller=seller))
        self.assertEqual(len(self.fake.calls), asked)

    def test_a_connected_seller_is_not_connected_twice(self):
        self.paste().action_connect()
        before = self.stored()
        wizard = self.paste(name="Again")
        with self.assertRaises(UserError), self.cr.savepoint():
            wizard.action_connect()
        self.env["sp.secret"]._erase(wizard)
        self.assertUnchanged(before)

    def test_an_empty_token_is_asked_for(self):
        self.assertNothingKept(self.paste(""))

    def test_a_bookkeeper_may_not(self):
        with self.assertRaises(AccessError):
            self.env["sp.connect"].with_user(self.bookkeeper).create({})

    def test_a_forgotten_wizard_is_swept_away_with_its_token(self):
        wizard = self.paste()
        self.assertTrue(self.tokens(wizard))
        self.cr.execute(
            "UPDATE sp_connect SET create_date = '2020-01-01', write_date = '2020-01-01'"
        )
        self.root_env["sp.connect"]._transient_vacuum()
        self.assertFalse(wizard.exists())
        self.assertFalse(self.tokens(wizard))


class TestConnectWizard(ConnectCase):
    def test_it_proposes_the_company_s_country_and_leads_to_its_seller_central(self):
        wizard = self.env["sp.connect"].create({"company_id": self.company.id, "region": "eu"})
        self.assertEqual(wizard.application_id, self.application)
        self.assertEqual(wizard.marketplace_id.country_id.code, "GB")
        action = wizard.action_connect()
        self.assertTrue(action["url"].startswith(f"{self.server.url}/apps/authorize/consent?"))
        connection = self.env["sp.connection"].search([], order="id desc", limit=1)
        self.follow(self.visit(self.consent(action["url"])))
        self.assertConnected(connection)

    def test_without_an_application_it_leads_to_its_form_and_back(self):
        self.connection.unlink()
        self.application.sudo().unlink()
        wizard = self.env["sp.connect"].create({})
        with self.assertRaisesRegex(UserError, "Choose the application"):
            wizard.action_connect()
        action = wizard.action_describe_application()
        self.assertEqual((action["res_model"], action["target"]), ("sp.application", "new"))
        application = self.env["sp.application"].create(
            {"name": "Ours", "application_ref": "a", "client_id": "b", "client_secret": "c"}
        )
        action = application.action_connect_account()
        again = self.env["sp.connect"].with_context(**action["context"]).create({})
        self.assertEqual(again.application_id, application)

    def test_the_country_decides_the_host_in_production(self):
        self.application.sudo().write(
            {
                "environment": "production",
                **dict.fromkeys(("api_host_na", "api_host_eu", "api_host_fe", "lwa_host"), False),
                "seller_central_host": False,
            }
        )
        for country, host in (
            ("de", "sellercentral-europe.amazon.com"),
            ("us", "sellercentral.amazon.com"),
            ("jp", "sellercentral.amazon.co.jp"),
            ("pl", "sellercentral.amazon.pl"),
        ):
            with self.subTest(country):
                url = self.leave(self.make_connection(country, country))
                self.assertTrue(url.startswith(f"https://{host}/apps/authorize/consent?"), url)

    def test_far_east_countries_are_connections_of_their_own(self):
        sellers = {
            country: self.fake.add_seller((country.upper(),)) for country in ("jp", "au", "sg")
        }
        for country, seller in sellers.items():
            connection = self.make_connection(country, country)
            self.connect(connection, seller)
            self.assertConnected(connection, seller)
            self.assertEqual(connection.region, "fe")

    def test_the_country_is_set_right_where_the_account_is_in_another(self):
        """Japan was chosen, and the Australian account consented."""
        seller = self.fake.add_seller(("AU",))
        connection = self.make_connection("Amazon Japan", "jp")
        self.connect(connection, seller)
        self.assertConnected(connection, seller)
        self.assertEqual(connection.marketplace_id.country_id.code, "AU")
        self.assertEqual(connection.name, "Amazon Australia")
        for words in (connection.connect_note, str(connection.message_ids.mapped("body"))):
            self.assertIn("Japan was chosen", words)
        self.fake.sellers.pop(seller.selling_partner_id)
        again = self.make_connection("Our Lamps", "jp")
        self.connect(again, self.fake.add_seller(("SG",)))
        self.assertEqual(again.marketplace_id.country_id.code, "SG")
        self.assertEqual(again.name, "Our Lamps")

    def test_an_abandoned_try_leaves_one_draft_and_that_for_a_day(self):
        def press():
            vals = {"company_id": self.company.id, "region": "eu", "name": "Tried"}
            self.env["sp.connect"].create(vals).action_connect()
            return self.env["sp.connection"].search([("name", "=", "Tried")])

        draft = press()
        self.assertEqual(press(), draft)
        self.assertIn("within a day", draft.remedy)
        self.root_env["sp.consent"]._gc_tries()
        self.assertTrue(draft.exists())
        self.cr.execute(
            "UPDATE sp_connection SET write_date = write_date - interval '25 hours' WHERE id = %s",
            (draft.id,),
        )
        self.root_env.invalidate_all()
        self.root_env["sp.consent"]._gc_tries()
        self.assertFalse(draft.exists())
        self.assertTrue(self.connection.exists())

    def test_a_try_that_is_finished_stays(self):
        vals = {"company_id": self.company.id, "region": "eu", "name": "Tried"}
        url = self.env["sp.connect"].create(vals).action_connect()["url"]
        self.visit(self.consent(url))
        connection = self.env["sp.connection"].search([("name", "=", "Tried")])
        self.assertConnected(connection)
        self.assertFalse(connection.is_try)

    def test_the_region_s_marketplaces_and_where_to_sign_in_are_shown(self):
        wizard = self.env["sp.connect"].create({"company_id": self.company.id, "region": "eu"})
        self.assertIn("Germany", wizard.region_places)
        self.assertNotIn("Japan", wizard.region_places)
        self.assertEqual(wizard.sign_in_host, self.server.url.partition("//")[2])
        self.assertIn("MD1000", wizard.codes_html)
        self.assertIn("MD1000", self.connection.codes_html)

    def test_several_accounts_of_one_region_are_normal(self):
        self.connect()
        other = self.fake.add_seller(("DE",))
        second = self.make_connection("Second")
        self.connect(second, other)
        self.assertConnected()
        self.assertConnected(second, other)
        self.assertNotEqual(self.tokens(), self.tokens(second))

    def test_an_application_of_other_companies_is_refused(self):
        elsewhere = self.make_company("Elsewhere Ltd")
        self.application.sudo().company_ids = elsewhere
        with self.assertRaises(ValidationError):
            self.make_connection("Wrong").sudo(False)
