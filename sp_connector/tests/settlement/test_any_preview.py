"""What the upload says of a settlement is what the imported one says, whatever is wrong with it.

A fixed seed makes every run the same; ``SP_CONNECTOR_ANY=20`` looks at twenty times as many.
"""

import os
import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from odoo.fields import Command

from ...engine.books import decide
from ...engine.tests import helpers
from ...engine.words.categories import DEPOSIT, ROLLOVER
from ..common import SpCase

COUNT = 40 * int(os.environ.get("SP_CONNECTOR_ANY", "1"))
SEED = 20261128
WORDS = (
    "Order/ItemPrice/Principal",
    "Order/ItemPrice/Shipping",
    "Order/ItemFees/Commission",
    "Order/ItemFees/ShippingChargeback",
    "Refund/ItemPrice/Principal",
    "ServiceFee/Cost of Advertising/TransactionTotalAmount",
    "other-transaction/other-transaction/Current Reserve Amount",
    "other-transaction/other-transaction/Payable to Amazon",
    "Order/ItemPrice/ExportCharge",
    "Order/ItemFees/TeleportFee",
    "ServiceFee/MoonFee/Something",
)
PLACES = ("Amazon.co.uk", "Amazon.co.uk", "Amazon.de", "Non-Amazon UK", "Amazon.moon", "")
#: What may be wrong with the books; each is a method ``spoil_…``.
TROUBLES = (
    "clearing",
    "rollover",
    "journal",
    "archived_journal",
    "later_account",
    "locked",
    "tax_locked",
    "next_open_day",
    "undecided",
    "archived_tax",
    "archived_account",
    "invoice",
    "one_entry",
    "deposit_day",
    "zone",
    "default_marketplace",
    "double",
    "left_entries",
    "elsewhere",
)


class TestAnyPreview(SpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vat = cls.make_tax("VAT", 20)
        cls.zero = cls.make_tax("Zero", 0)
        cls.uk = cls.root_env.ref("sp_connector.sp_marketplace_uk")
        cls.other = cls.make_company("Second Tea Ltd")
        cls.root_env["sp.sku.rule"].create(
            {"pattern": "BOOK-*", "tax_class": "zero", "company_id": cls.company.id}
        )
        cls.map_tax("sales", "output_included", cls.vat)
        cls.map_tax("shipping_income", "output_included", cls.vat)
        cls.map_tax("shipping_income", "marketplace", cls.zero, tax_class="zero")

    def mappings(self, *categories):
        domain = [("company_id", "=", self.company.id), ("category", "in", categories)]
        return self.root_env["sp.account.mapping"].search(domain)

    # === WHAT IS WRONG WITH THE BOOKS === #

    def spoil_clearing(self, _chance):
        self.mappings(DEPOSIT).unlink()

    def spoil_rollover(self, _chance):
        self.mappings(ROLLOVER).unlink()

    def spoil_journal(self, _chance):
        self.company.sp_journal_id = False

    def spoil_archived_journal(self, _chance):
        self.company.sp_journal_id.active = False

    def spoil_later_account(self, chance):
        self.mappings(chance.choice(("sales", "selling_fees"))).write({"date_from": "2026-03-10"})

    def spoil_locked(self, chance):
        day = date(2026, chance.choice((1, 2, 3, 4)), 15)
        self.company.fiscalyear_lock_date = day

    def spoil_tax_locked(self, chance):
        self.company.tax_lock_date = date(2026, chance.choice((1, 2, 3)), 28)

    def spoil_next_open_day(self, chance):
        self.company.sp_lock_policy = "next_open"
        self.spoil_locked(chance)

    def spoil_undecided(self, chance):
        open_ones = chance.choice((("selling_fees", "refunds"), ("refunds", "advertising")))
        self.mappings(*open_ones).write({"tax_mode": "undecided"})
        self.company.sp_tax_registration = chance.choice(("yes", "yes", "no"))

    def spoil_archived_tax(self, _chance):
        self.vat.active = False

    def spoil_archived_account(self, chance):
        self.account_of(chance.choice(("sales", "selling_fees", DEPOSIT))).active = False

    def spoil_invoice(self, chance):
        self.company.write(
            {
                "sp_booking_form": "invoice",
                "sp_invoice_journal_id": chance.choice((False, self.sales_journal().id)),
                "sp_partner_id": chance.choice((False, self.company.sp_partner_id.id)),
            }
        )

    def sales_journal(self):
        return self.root_env["account.journal"].create(
            {"name": "Sales", "code": "SAL", "type": "sale", "company_id": self.company.id}
        )

    def spoil_one_entry(self, _chance):
        self.company.sp_split_months = False

    def spoil_deposit_day(self, _chance):
        self.company.sp_last_date = "deposit"

    def spoil_zone(self, _chance):
        self.company.sp_time_zone = "Pacific/Auckland"

    def spoil_default_marketplace(self, _chance):
        self.company.sp_default_marketplace_ids = [Command.set(self.uk.ids)]

    def spoil_double(self, chance):
        account = self.account_of("refunds")
        move = self.root_env["account.move"].create(
            {
                "journal_id": self.root_env["account.journal"]
                .create(
                    {"name": "M", "code": "MM", "type": "general", "company_id": self.company.id}
                )
                .id,
                "ref": "Amazon settlement 42",
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": amount})
                    for amount in (5.0, -5.0)
                ],
            }
        )
        if chance.random() < 0.5:
            move._post(False)

    def spoil_left_entries(self, _chance):
        """An entry that was reversed, of a settlement that was deleted since."""
        words = ("Order/ItemFees/Commission", "5.00")
        settlement = self.import_file(self.file(words, total="5.00", **self.period))
        settlement.action_post()
        if settlement.state == "posted":
            move = settlement.move_id.sudo()
            self.company.fiscalyear_lock_date = move.date
            settlement.action_undo()
            self.company.fiscalyear_lock_date = False
        settlement.sudo().unlink()

    def spoil_elsewhere(self, _chance):
        words = ("Order/ItemFees/Commission", "5.00")
        data = self.file(words, total="5.00", **self.period)
        self.import_file(data, company=self.other, env=self.root_env)

    # === WHAT IS DRAWN === #

    def draw_file(self, chance):
        start = date(2026, 1, 20) + timedelta(days=chance.randrange(40))
        end = start + timedelta(days=chance.choice((3, 14, 14, 45)))
        self.period = {
            "settlement_start_date": f"{start} 00:00:00 UTC",
            "settlement_end_date": f"{end} 20:00:00 UTC",
            "deposit_date": f"{end + timedelta(days=2)} 20:00:00 UTC",
        }
        rows, total = [], Decimal(0)
        usual = WORDS if chance.random() < 0.4 else WORDS[:8]
        for number in range(chance.choice((0, 1, 3, 6, 9))):
            words = chance.choice(usual)
            amount = chance.choice((1, 1, -1, 0)) * Decimal(chance.randint(1, 99_999)) / 100
            day = start + timedelta(days=chance.randint(-3, (end - start).days + 2))
            cells = {
                "posted_date_time": chance.choice([f"{day} 12:00:00 UTC"] * 9 + [""]),
                "order_id": f"999-{number}",
                "order_item_code": str(number),
                "marketplace_name": chance.choice(PLACES),
                "sku": chance.choice(("LAMP", "BOOK-1")),
            }
            rows.append(helpers.row(words, f"{amount:f}", **cells))
            total += amount
            tax = Decimal(0)
            if "ItemPrice" in words:
                tax = round(amount * chance.choice((0, 10, 20, 20)) / 100, 2)
            if tax:
                rows.append(helpers.row("Order/ItemPrice/Tax", f"{tax:f}", **cells))
                total += tax
        if chance.random() < 0.1:
            total += Decimal("0.01")
        if chance.random() < 0.1:
            rows.append(helpers.row(WORDS[0], "1.2.3"))
        currency = chance.choice(("GBP", "GBP", "EUR", "JPY"))
        if currency == "JPY":
            for cells in rows:
                cells["amount"] = cells["amount"].replace(".", "")
            total *= 100
        return self.file(*rows, total=f"{total:f}".removesuffix(".00"), currency=currency,
                         **self.period)  # fmt: skip

    def draw_rates(self, chance):
        if chance.random() < 0.8:
            self.set_rate("EUR", chance.choice(("2026-01-01", "2026-02-10")), 1.17)
            self.set_rate("JPY", "2026-01-01", 190.5)
            self.set_rate("EUR", "2026-02-20", chance.choice((1.17, 1.2)))

    # === WHAT MUST HOLD === #

    def look(self, data):
        attachment = self.env["ir.attachment"].create(
            {"name": "file.txt", "raw": data, "res_model": "sp.settlement.import", "res_id": 0}
        )
        wizard = self.env["sp.settlement.import"].create(
            {"attachment_ids": [Command.set(attachment.ids)]}
        )
        wizard.action_check()
        return wizard

    def check_one(self, number):
        chance = random.Random(f"{SEED}.{number}")
        data = self.draw_file(chance)
        self.draw_rates(chance)
        # Each is drawn twice at least, and others with it.
        more = chance.sample(TROUBLES, chance.choice((0, 0, 1, 2)))
        for trouble in dict.fromkeys([TROUBLES[number % len(TROUBLES)], *more]):
            getattr(self, f"spoil_{trouble}")(chance)
        wizard = self.look(data)
        settlement = self.import_file(data)
        self.assertEqual(len(settlement), 1, wizard.line_ids.message)
        told = "\n".join(filter(None, [settlement.hold_reason, settlement.booking_note]))
        self.assertEqual(wizard.line_ids.message or "", told)
        status = "hold" if settlement.state == "held" else "new"
        self.assertEqual((wizard.line_ids.status, settlement.state in ("held", "review", "empty")),
                         (status, True))  # fmt: skip
        decision = settlement._decide()
        return [finding.code for finding in decision.holds + decision.notes]

    def test_the_upload_says_what_the_imported_settlement_says(self):
        found = Counter()
        for number in range(COUNT):
            with self.subTest(number=number):
                savepoint = self.env.cr.savepoint()
                try:
                    found.update(self.check_one(number))
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()
        # Much of what a decision can say was drawn.
        codes = {*decide.PROOF, *decide.MAPPING, *decide.TAX, *decide.BOOKING, *decide.NOTES}
        self.assertGreaterEqual(len(codes & found.keys()), 20, codes - found.keys())
