"""Account set-up and tax set-up as proposed, on Odoo's own charts: posted in the right boxes, or
held with the name of what an accountant must decide."""

from decimal import Decimal

from ...engine.tests import helpers
from ..tax_common import TaxSetupCase

#: Chart of each country, its currency, its marketplace, the standard rate of its tax.
CHARTS = {
    "GB": ("l10n_uk", "uk", "GBP", "uk", "Amazon.co.uk", 20),
    "DE": ("l10n_de", "de_skr03", "EUR", "de", "Amazon.de", 19),
    "FR": ("l10n_fr_account", "fr", "EUR", "fr", "Amazon.fr", 20),
    "IT": ("l10n_it", "it", "EUR", "it", "Amazon.it", 22),
    "ES": ("l10n_es", "es_pymes", "EUR", "es", "Amazon.es", 21),
    "NL": ("l10n_nl", "nl", "EUR", "nl", "Amazon.nl", 21),
    "AU": ("l10n_au", "au", "AUD", "au", "Amazon.com.au", 10),
    "JP": ("l10n_jp", "jp", "JPY", "jp", "Amazon.co.jp", 10),
    "CA": ("l10n_ca", "ca_2023", "CAD", "ca", "Amazon.ca", 5),
    "US": ("l10n_us_account", "generic_coa", "USD", "us", "Amazon.com", 0),
    "IN": ("l10n_in", "in", "INR", "in", "Amazon.in", 18),
}
#: Net amounts: words, and whether the row names its marketplace.
ROWS = (
    ("Order/ItemPrice/Principal", 1000, True),
    ("Order/ItemPrice/Shipping", 100, True),
    ("Refund/ItemPrice/Principal", -200, True),
    ("Order/ItemFees/Commission", -100, True),
    ("Order/ItemFees/FBAPerUnitFulfillmentFee", -200, True),
    ("other-transaction/other-transaction/Storage Fee", -50, False),
    ("other-transaction/other-transaction/Subscription Fee", -300, False),
    ("ServiceFee/Cost of Advertising/TransactionTotalAmount", -400, False),
    ("other-transaction/FBA Inventory Reimbursement/WAREHOUSE_DAMAGE", 70, False),
    ("other-transaction/other-transaction/Current Reserve Amount", -10, False),
)
#: Boxes of the tax return, debit positive. Sales 1,100 less refunds 200, and fees 650, each at the
#: country's rate; advertising 400 is billed with VAT in Britain, elsewhere without: there it is a
#: reverse charge on what the file shows.
BOXES = {
    "GB": {"6": -900.0, "1": -180.0, "7": 1050.0, "4": 210.0},
    "DE": {
        "81_BASE": -900.0,
        "81_TAX": -171.0,
        "66": 123.5,
        "46": 476.0,
        "47": -90.44,
        "67": 90.44,
    },
    "FR": {
        "A1": -900.0,
        "08_base": -900.0,
        "A3": 480.0,
        "08_base_rc": 480.0,
        "08_taxe": -276.0,
        "17": -96.0,
        "20": 226.0,
    },
    "IT": {"02": -900.0, "03": 1138.0, "vj3": 488.0, "4v": -305.36, "5v": 250.36},
    "ES": {
        "mod303[07]": -1100.0,
        "mod303[09]": -231.0,
        "mod303[14_sale]": 200.0,
        "mod303[15]": 42.0,
        "mod303[28]": 650.0,
        "mod303[29]": 136.5,
        "mod303[10]": 484.0,
        "mod303[11]": -101.64,
        "mod303[36]": 484.0,
        "mod303[37]": 101.64,
        "mod390[605]": 650.0,
        "mod390[606]": 136.5,
        "mod390[551]": 484.0,
        "mod390[552]": -101.64,
        "mod390[637]": 484.0,
        "mod390[638]": 101.64,
    },
    "NL": {
        "1a (omzet)": -900.0,
        "1a (BTW)": -189.0,
        "4b (omzet)": 484.0,
        "4b (BTW)": -101.64,
        "5b (BTW)": 238.14,
    },
    # In the United States nothing of it is in a tax return.
    "US": {},
}
_SOLD = ("Sales", "Shipping charged to buyers", "Refunds")
_BILLED = ("Selling fees", "FBA fees", "Storage fees", "Subscription", "Advertising")
#: What is undecided after the proposals were applied.
HELD = {
    "AU": ("Storage fees", "Subscription", "Advertising", "Reimbursements"),
    "JP": (*_SOLD, "Reimbursements"),
    "CA": (*_SOLD, *_BILLED, "Reimbursements"),
    "IN": (*_SOLD, *_BILLED, "Reimbursements"),
}


class TestTaxCharts(TaxSetupCase):
    """Each country in a company of its own; ``EXPECTED`` was worked out by hand from ``ROWS``."""

    def make_shop(self, code):
        module, chart, currency, place, _name, _rate = CHARTS[code]
        self.establish("UK" if code == "GB" else code, currency)
        self.load_chart(self.shop, module, chart)
        self.set_up_accounts(self.shop, self.keeper)
        return place

    def settle(self, code):
        """Import the settlement: every amount with its tax inside, as Amazon writes it."""
        _module, _chart, currency, _place, name, rate = CHARTS[code]
        rows, total = [], Decimal(0)
        for words, net, is_named in ROWS:
            amount = Decimal(net)
            if not words.startswith("other-transaction/FBA") and "Reserve" not in words:
                amount = amount * (100 + rate) / 100
            total += amount
            cells = {"marketplace_name": name} if is_named else {}
            digits = "1" if currency == "JPY" else "0.01"
            rows.append(helpers.row(words, str(amount.quantize(Decimal(digits))), **cells))
        return self.import_file(
            self.file(*rows, total=str(total), currency=currency), company=self.shop
        )

    def boxes(self, settlement):
        """{tag: sum of the journal items that carry it}, debit positive."""
        found = {}
        for item in settlement._active_moves().line_ids:
            for tag in item.with_context(lang="en_US").tax_tag_ids:
                found[tag.name] = round(found.get(tag.name, 0) + item.balance, 2)
        return found

    def held_for(self, settlement):
        """What must be decided: category and marketplace."""
        lines = settlement.hold_reason.splitlines()
        self.assertTrue(lines[0].startswith("Tax undecided"), lines[0])
        return [line.removeprefix("• ").partition(":")[0] for line in lines[1:]]

    def book(self, code, decide=False):
        """Set accounts and taxes up, import, and post what nothing holds."""
        place = self.make_shop(code)
        setup = self.open(place, registration="no" if code == "US" else "yes")
        for line in setup.line_ids.filtered("has_tax") if decide else ():
            if line.tax_mode == "undecided" or (line.tax_mode != "none" and not line.tax_ids):
                line.tax_mode = "none"
            line.is_ticked = line.marketplace_ids == self.place(place)
        setup.action_apply()
        settlement = self.settle(code)
        if settlement.state != "held":
            settlement.action_post()
            self.assertEqual(settlement.state, "posted")
            self.assertBalanced(settlement)
        return settlement

    def test_the_boxes_of_the_tax_return(self):
        for code, expected in BOXES.items():
            with self.subTest(code):
                self.assertEqual(self.boxes(self.book(code)), expected)

    def test_what_an_accountant_must_decide_is_named(self):
        for code, categories in HELD.items():
            with self.subTest(code):
                place = CHARTS[code][4]
                self.assertEqual(
                    sorted(self.held_for(self.book(code))),
                    sorted(f"{category}, {place}" for category in categories),
                )

    def test_what_was_held_is_posted_once_decided(self):
        settlement = self.book("AU", decide=True)
        self.assertEqual(settlement.state, "posted", settlement.hold_reason)
        items = settlement._active_moves().line_ids
        taxed = {
            use: round(
                sum(
                    items.filtered(
                        lambda item, use=use: item.tax_line_id.type_tax_use == use
                    ).mapped("balance")
                ),
                2,
            )
            for use in ("sale", "purchase")
        }
        self.assertEqual(taxed, {"sale": -90.0, "purchase": 105.0})
