"""What the first page shows, to whom, and what a click on it opens."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from ...models.home.cards import CARDS
from ..common import USER, SpCase


class TestHome(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.review = cls.import_sample("v2_uk_gbp.txt")
        cls.held = cls.import_sample("v2_unknown_words.txt")

    def home(self, user=None, companies=None):
        env = self.env(
            user=user or self.bookkeeper,
            context={"allowed_company_ids": (companies or self.company).ids},
        )
        return env["sp.home"].get_home()

    def cards(self, **options):
        return {card["key"]: card for card in self.home(**options)["cards"] if card["count"]}

    def found(self, card, part=None):
        model = next(one.model for one in CARDS if one.key == card["key"])
        return self.env[model].search((part or card)["domain"])

    # === CARDS === #

    def test_a_card_opens_what_it_counts(self):
        cards = self.cards()
        # It brings back a reserve that nothing here has booked.
        self.assertEqual(set(cards), {"review", "held", "gaps", "opening"})
        self.assertEqual(self.found(cards["review"]), self.review)
        self.assertEqual(cards["review"]["amounts"], [self.review.currency_id.format(84.75)])
        self.assertEqual(self.found(cards["held"]), self.held)
        self.assertEqual(self.found(cards["opening"]), self.review)
        for card in CARDS:
            action = self.env["ir.actions.act_window"]._for_xml_id(card.action)
            self.assertEqual(action["res_model"], card.model)

    def test_what_is_held_is_told_by_reason(self):
        self.review.sudo().hold_code = "locked"
        card = self.cards()["held"]
        self.assertEqual(card["count"], 2)
        found = {part["title"]: self.found(card, part) for part in card["parts"]}
        labels = dict(self.env["sp.settlement"]._fields["hold_code"].selection)
        words = (labels["unknown_words"], labels["locked"])
        self.assertEqual(found, dict(zip(words, (self.held, self.review), strict=True)))

    def test_a_settlement_goes_from_card_to_card(self):
        self.review.action_book()
        self.assertEqual(self.cards()["drafts"]["count"], 1)
        self.review.action_post()
        cards = self.cards()
        self.assertEqual(set(cards), {"held", "gaps", "bank", "opening"})
        self.assertEqual(self.found(cards["bank"]), self.review)
        self.assertEqual(self.found(cards["bank"], cards["bank"]["parts"][0]), self.review)
        items = self.review.move_id.sudo().line_ids
        items[0].account_id = self.make_account("Elsewhere")
        self.assertEqual(self.found(self.cards()["changed"]), self.review)

    def test_failed_uploads_and_breaks_are_shown(self):
        gaps = self.cards().get("gaps", {"count": 0})["count"]
        self.root_env["sp.upload"].create(
            {"name": "a.txt", "company_id": self.company.id, "state": "failed"}
        )
        self.root_env["sp.settlement.gap"].create(
            {
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "kind": "gap",
                "before_ref": "1",
                "after_ref": "2",
            }
        )
        cards = self.cards()
        self.assertEqual((cards["uploads"]["count"], cards["gaps"]["count"]), (1, gaps + 1))

    def test_totals_are_told_by_currency(self):
        self.set_all_rates()
        self.import_sample("v2_us_usd.txt", "v2_ca_cad.txt")
        amounts = self.cards()["review"]["amounts"] + self.cards()["held"]["amounts"]
        self.assertTrue(any("$" in amount for amount in amounts), amounts)
        self.assertGreater(len(amounts), 2)

    # === WHO SEES WHAT === #

    def test_it_shows_the_companies_of_the_switcher(self):
        other = self.make_company("Lamps Inc")
        self.import_sample("v2_uk_gbp.txt", company=other, env=self.root_env)
        both = self.make_user("both", USER)
        both.company_ids = self.company | other
        self.assertEqual(self.cards(user=both)["review"]["count"], 1)
        # Nothing is set up there: held.
        two = self.cards(user=both, companies=self.company | other)
        self.assertEqual((two["review"]["count"], two["held"]["count"]), (1, 2))
        first_run = self.home(user=both, companies=other)["first_run"]
        self.assertFalse(first_run["done"]["setup"])

    def test_who_may_not_read_settlements_may_not_ask(self):
        for groups in ("base.group_user", "account.group_account_readonly"):
            self.assertDenied(self.home, user=self.make_user(groups.rpartition("_")[2], groups))

    def test_every_role_reads_it(self):
        self.assertFalse(self.home()["is_manager"])
        self.assertTrue(self.home(user=self.manager)["is_manager"])

    def test_the_number_of_queries_does_not_grow_with_the_settlements(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.home()
            return self.env.cr.sql_log_count - before

        def add(number):
            words = ("Order/ItemPrice/Principal", "10.00")
            self.import_file(self.file(words, total="10.00", ref=f"55{number}"))

        add(0)
        self.home()
        few = count()
        for number in range(1, 12):
            add(number)
        self.assertLessEqual(count(), few)
        self.assertLess(few, 60)

    # === PAYOUTS === #

    def test_payouts_of_files_are_drawn_with_the_next_one_expected(self):
        settlements = self.review | self.held | self.import_sample("v2_uk_gbp_next.txt")
        end = max(settlements.mapped("date_end"))
        with freeze_time(end + timedelta(days=1)):
            (files,) = self.home()["connections"]
        self.assertFalse(files["id"])
        self.assertEqual(files["payouts"][0]["currency"], "GBP")
        self.assertEqual(
            files["payouts"][0]["amounts"][-1], settlements.sorted("date_end")[-1].amount_total
        )
        self.assertTrue(files["expected"])
        self.assertFalse(files["is_late"])
        with freeze_time(end + timedelta(days=20)):
            self.assertTrue(self.home()["connections"][0]["is_late"])

    def test_a_connection_says_how_it_is_and_who_may_mend_it(self):
        application = self.root_env["sp.application"].create(
            {
                "name": "Ours",
                "application_ref": "amzn1.sp.solution.1",
                "client_id": "amzn1.application-oa2-client.1",
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.root_env["sp.connection"].create(
            {
                "name": "Europe",
                "company_id": self.company.id,
                "application_id": application.id,
                "region": "eu",
                "marketplace_id": self.root_env.ref("sp_connector.sp_marketplace_uk").id,
            }
        )._set_state("reconnect_required", "invalid_grant")
        shown = self.home(user=self.manager)["connections"][0]
        self.assertEqual((shown["name"], shown["look"]), ("Europe", "danger"))
        self.assertIn("revoked", shown["problem"])
        self.assertEqual(shown["button"]["method"], "action_connect")
        self.assertFalse(self.home()["connections"][0]["button"])
        self.assertEqual(self.cards()["reconnect"]["count"], 1)
        connection = self.root_env["sp.connection"].search([("name", "=", "Europe")])
        connection.write({"state": "connected", "authorised_at": fields.Datetime.now()})
        self.assertNotIn("reconnect", self.cards())
        connection.authorised_at -= timedelta(days=350)
        self.assertEqual(self.cards()["reconnect"]["count"], 1)


class TestFirstRun(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fresh = cls.make_company("Fresh Ltd")
        cls.person = cls.make_user("person", USER, cls.fresh)
        cls.env = cls.root_env(user=cls.person, context={"allowed_company_ids": cls.fresh.ids})

    def run_(self):
        return self.env["sp.home"].get_home()["first_run"]

    def test_each_step_is_seen_from_the_records(self):
        self.assertEqual(self.run_()["current"], "source")
        settlement = self.import_sample("v2_uk_gbp.txt", company=self.fresh)
        self.assertEqual(self.run_()["current"], "setup")
        self.assertTrue(self.run_()["is_held"])
        self.set_up_accounts(self.fresh)
        self.assertEqual(self.run_()["current"], "look")
        self.assertEqual(self.run_()["first_id"], settlement.id)
        settlement.action_book()
        self.assertEqual(self.run_()["current"], "post")
        settlement.action_post()
        self.assertFalse(self.run_())
        settlement.action_undo()
        self.assertEqual(self.run_()["current"], "look")

    def test_a_registered_company_decides_its_taxes_first(self):
        self.import_sample("v2_uk_gbp.txt", company=self.fresh)
        self.set_up_accounts(self.fresh)
        self.assertTrue(self.run_()["done"]["setup"])
        sales = self.root_env["sp.account.mapping"]._general(self.fresh)["sales"]
        sales.tax_mode = "undecided"
        self.assertTrue(self.run_()["done"]["setup"])
        self.fresh.vat = "GB123456782"
        self.assertFalse(self.run_()["done"]["setup"])

    def test_it_names_the_managers_of_the_company(self):
        boss = self.make_user("boss", "sp_connector.sp_connector_group_manager", self.fresh)
        self.assertIn(boss.name, self.run_()["managers"])
        self.assertNotIn(self.manager.name, self.run_()["managers"])
