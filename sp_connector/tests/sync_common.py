"""What the tests of the scheduled import share: a connected account, Amazon, both crons."""

from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time

from .common import SpCase
from .connect_common import AmazonMixin

SAMPLES = ("v2_uk_gbp.txt", "v2_de_eur_comma.txt", "v2_eu_eur_mix.txt", "v2_negative.txt")
REDIRECT = "https://odoo.test/sp_connector/oauth/return"


class SyncCase(AmazonMixin, SpCase):
    """A connected account of a simulated Amazon, and the two scheduled actions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_key()

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()
        self.set_up_amazon(REDIRECT)
        self.application = self.root_env["sp.application"].create(
            self.application_vals(company_ids=[(6, 0, self.company.ids)])
        )
        self.connection = self.connect(self.seller, "Europe")
        self.find = self.root_env.ref("sp_connector.ir_cron_find_reports")
        self.take = self.root_env.ref("sp_connector.ir_cron_import_reports")

    def connect(self, seller, name):
        """Connect a seller of the simulator by its refresh token."""
        grant = self.fake.grant(self.theirs, seller)
        wizard = (
            self.root_env["sp.connect"]
            .with_company(self.company)
            .create(
                {
                    "name": name,
                    "company_id": self.company.id,
                    "application_id": self.application.id,
                    "region": "eu",
                    "method": "token",
                    "selling_partner_ref": seller.selling_partner_id,
                    "refresh_token": grant.refresh_token,
                }
            )
        )
        return self.root_env["sp.connection"].browse(wizard.action_connect()["res_id"])

    def at_amazon(self, *names, seller=None):
        for name in names:
            self.fake.add_report(self.sample(name), seller or self.seller)

    def at_three_sellers(self, count):
        """Connect two sellers more; give each of the three its own settlements at Amazon."""
        sellers = [self.seller]
        for number in (2, 3):
            seller = self.fake.add_seller(("DE",), name=f"Seller {number}")
            self.connect(seller, f"Europe {number}")
            sellers.append(seller)
        text = self.sample("v2_uk_gbp.txt")
        for place, seller in enumerate(sellers):
            for number in range(count):
                ref = b"99000%d00%03d" % (place + 1, number)
                self.fake.add_report(text.replace(b"99000000101", ref), seller)

    def trigger(self, cron):
        """Run a scheduled action now."""
        cron.method_direct_trigger()

    def run_crons(self, times=1, minutes=0):
        """Run both scheduled actions, moving the clocks of Amazon and Odoo between the runs."""
        now = fields.Datetime.now()
        for turn in range(times):
            with freeze_time(now + timedelta(minutes=minutes * turn), tick=True):
                self.trigger(self.find)
                self.trigger(self.take)
            if minutes:
                self.fake.advance(minutes * 60)
        self.root_env.invalidate_all()

    @property
    def reports(self):
        return self.root_env["sp.report"].search([("company_id", "=", self.company.id)])

    @property
    def settlements(self):
        return self.root_env["sp.settlement"].search([("company_id", "=", self.company.id)])

    def states(self):
        return sorted(self.reports.mapped("state"))
