"""Every account of the set-up lands where an accountant of the country looks for it."""

from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from ...engine.tests.helpers import row
from ...engine.words.categories import ACCRUED_INCOME, BALANCING, CATEGORIES
from ...models.proposals.account_places import GENERIC, PROPOSALS, names, table
from ..common import MANAGER, SpCase

#: Chart → the module that ships it and its country.
CHARTS = {
    "uk": ("l10n_uk", "uk"),
    "xi": ("l10n_uk", "uk"),
    "de_skr03": ("l10n_de", "de"),
    "de_skr04": ("l10n_de", "de"),
    "fr": ("l10n_fr_account", "fr"),
    "mc": ("l10n_fr_account", "mc"),
    "it": ("l10n_it", "it"),
    "es_pymes": ("l10n_es", "es"),
    "es_full": ("l10n_es", "es"),
    "es_assec": ("l10n_es", "es"),
    "es_coop_full": ("l10n_es", "es"),
    "es_coop_pymes": ("l10n_es", "es"),
    "es_canary_assoc": ("l10n_es", "es"),
    "es_canary_full": ("l10n_es", "es"),
    "es_canary_pymes": ("l10n_es", "es"),
    "nl": ("l10n_nl", "nl"),
    "be_comp": ("l10n_be", "be"),
    "be_asso": ("l10n_be", "be"),
    "pl": ("l10n_pl", "pl"),
    "se": ("l10n_se", "se"),
    "se_K2": ("l10n_se", "se"),
    "se_K3": ("l10n_se", "se"),
    "ie": ("l10n_ie", "ie"),
    "us": ("l10n_us_account", "us"),
    "ca_2023": ("l10n_ca", "ca"),
    "au": ("l10n_au", "au"),
    "jp": ("l10n_jp", "jp"),
    "in": ("l10n_in", "in"),
    GENERIC: ("account", "us"),
}
#: A settlement with every category that has an account, over the end of a month.
ROWS = {
    "sales": ("Order/ItemPrice/Principal", "100.00"),
    "shipping_income": ("Order/ItemPrice/Shipping", "5.00"),
    "giftwrap_income": ("Order/ItemPrice/GiftWrap", "2.00"),
    "promotions": ("Order/Promotion/Shipping", "-3.00"),
    "refunds": ("Refund/ItemPrice/Principal", "-20.00"),
    "reimbursements": ("SAFE-T Reimbursement/Other transactions/SAFE-T Reimbursement", "8.00"),
    "selling_fees": ("Order/ItemFees/Commission", "-15.00"),
    "fba_fees": ("Order/ItemFees/FBAPerUnitFulfillmentFee", "-4.00"),
    "storage_fees": ("FBAFees/FBA Inventory Storage Fee/Base fee", "-4.00"),
    "advertising": ("ServiceFee/Cost of Advertising/TransactionTotalAmount", "-10.00"),
    "subscription": ("other-transaction/other-transaction/Subscription Fee", "-39.00"),
    "chargeback": ("Chargeback Refund/ItemPrice/Principal", "-7.00"),
    "sales_tax": ("Order/ItemPrice/Tax", "1.00"),
    "marketplace_withheld_tax": (
        "Order/ItemFees/MarketplaceFacilitatorVAT-Principal",
        "-1.00",
    ),
    "tax_credit": ("Income Tax Charged/other-transaction/MiscAdjustment", "-2.00"),
    "reserve": ("other-transaction/other-transaction/Current Reserve Amount", "-6.00"),
    "carried_balance": ("other-transaction/other-transaction/Payable to Amazon", "3.00"),
    "debt_adjustment": (
        "Debt Adjustment/Debt Adjustment/Cross-Account Debt Adjustment for 12345",
        "-1.00",
    ),
    "bank_verification": ("Transfers/Micro Deposit/Micro Deposit", "1.00"),
    "direct_payment": ("Order/DirectPayment/CollectOnDeliveryRevenue", "-9.00"),
    "card_charge": ("other-transaction/other-transaction/Successful charge", "2.00"),
    "loan": ("other-transaction/other-transaction/Amazon Capital Services", "-5.00"),
}


@tagged("post_install", "-at_install")
class TestTable(TransactionCase):
    """The table against what Odoo's charts themselves say, without loading one."""

    def test_each_chart_has_a_place_for_each_account_and_a_reason(self):
        self.assertEqual(set(table()), set(CHARTS))
        for chart, places in table().items():
            self.assertEqual(set(places), {proposal.key for proposal in PROPOSALS}, chart)
            slots = [place.slot for place in places.values()]
            self.assertEqual(len(set(slots)), len(slots), chart)
            for account, place in places.items():
                self.assertTrue(place.reason, (chart, account))
                self.assertTrue(place.has(place.slot), (chart, account))
                self.assertEqual(len(place.beside), len(place.first), (chart, account))

    def test_each_account_has_a_name_of_its_own_in_each_language(self):
        languages = {"en", "de", "fr", "it", "es", "nl", "ja", "pl", "sv"}
        for proposal in PROPOSALS:
            self.assertEqual(set(names(proposal.key)), languages)
        for language in languages:
            found = [names(proposal.key)[language] for proposal in PROPOSALS]
            self.assertEqual(len(set(found)), len(PROPOSALS), language)
            self.assertTrue(all("Amazon" in name for name in found), language)

    def test_each_place_is_free_and_beside_an_account_of_its_kind(self):
        """Same tags as that account, same class, and the group that the table names."""
        Template = self.env["account.chart.template"]
        shipped = Template._get_chart_template_mapping()
        seen = set()
        for chart, places in table().items():
            module, _country = CHARTS[chart]
            if self.env["ir.module.module"]._get(module).state != "installed":
                continue
            self.assertIn(chart, shipped)
            seen.add(chart)
            data = Template._get_chart_template_data(chart)
            company = next(iter(data["res.company"].values()))
            size = int(data["template_data"].get("code_digits") or 6)
            accounts = {
                vals["code"].ljust(size, "0"): vals for vals in data["account.account"].values()
            }
            for proposal in PROPOSALS:
                place = places[proposal.key]
                with self.subTest(chart=chart, account=proposal.key):
                    self.assertFalse(set(place.codes) & set(accounts), "taken by the chart")
                    if data["account.group"]:
                        self.assertEqual(self._group(data, place.slot), place.group)
                    else:
                        self.assertFalse(place.group)
                    transfer = company["transfer_account_code_prefix"]
                    if place.beside not in accounts and place.beside.startswith(transfer):
                        continue  # Odoo makes it when it loads the chart
                    beside = accounts[place.beside]
                    self.assertEqual(
                        beside["account_type"].startswith(("income", "expense")),
                        proposal.account_type.startswith(("income", "expense")),
                    )
                    tags = (beside.get("tag_ids") or "").split(",")
                    self.assertEqual(set(filter(None, tags)), set(place.tags))
        self.assertIn(GENERIC, seen)

    def _group(self, data, code):
        """The prefix of the group of a code: the longest that fits."""
        found = ""
        for vals in data["account.group"].values():
            start = str(vals["code_prefix_start"])
            end = str(vals.get("code_prefix_end") or start)
            if start <= code[: len(start)] <= end and len(start) > len(found):
                found = start
        return found


class TestOnCharts(SpCase):
    """A settlement with every category on real charts: group, tags, type, place."""

    def on_chart(self, chart):
        module, country = CHARTS[chart]
        company = self.make_company(f"Seller on {chart}", "GBP", country)
        if chart == GENERIC:
            self.root_env["account.chart.template"].try_loading(chart, company, False)
        else:
            self.load_chart(company, module, chart)
        manager = self.make_user(f"of_{chart}", MANAGER, company)
        env = self.root_env(user=manager, context={"allowed_company_ids": company.ids})
        before = env["account.account"].with_context(active_test=False).search([])
        service = env["sp.account.plan"]
        for proposal, planned in service._plan(company.with_env(env)).items():
            self.assertTrue(planned.is_certain, (proposal.key, planned.why))
            self.assertFalse(planned.account)
        service._set_up(company.with_env(env))
        created = env["account.account"].search([]) - before
        self.assertEqual(len(created), len(PROPOSALS))
        self._check(chart, company, created.with_env(env))
        for planned in service._plan(company.with_env(env)).values():
            self.assertTrue(planned.account and not planned.is_misplaced)
        self._book(company, created, env)

    def _check(self, chart, company, created):
        accounts = {account.name: account for account in created.with_context(lang="en_US")}
        groups = self.root_env["account.group"].search([("company_id", "=", company.id)])
        for proposal in PROPOSALS:
            place, account = table()[chart][proposal.key], accounts[proposal.name]
            with self.subTest(chart=chart, account=proposal.key):
                self.assertEqual(account.code, place.slot)
                self.assertEqual(account.account_type, proposal.account_type)
                self.assertEqual(account.reconcile, proposal.reconcile)
                self.assertEqual(account.company_ids, company)
                tags = account.tag_ids.get_external_id().values()
                self.assertEqual(set(tags), set(place.tags))
                self.assertEqual(
                    account.group_id.code_prefix_start or "", place.group if groups else ""
                )

    def _book(self, company, created, env):
        currency = company.currency_id
        rows = [
            row(
                words,
                amount,
                order_id=f"{number}",
                posted_date_time="2026-03-30 10:00:00 UTC"
                if number < 3
                else "2026-04-02 10:00:00 UTC",
            )
            for number, (words, amount) in enumerate(ROWS.values())
        ]
        total = str(sum(Decimal(amount) for _words, amount in ROWS.values()))
        file = self.file(
            *rows,
            total=total,
            currency=currency.name,
            settlement_start_date="2026-03-25 00:00:00 UTC",
        )
        env["sp.account.mapping"].search([]).tax_mode = "none"
        settlement = self.import_file(file, company=company, env=env)
        self.assertEqual(set(settlement.line_ids.mapped("category")), set(ROWS))
        settlement.action_book()
        self.assertTrue(settlement.move_id, settlement.hold_reason)
        unused = self.account_of(ACCRUED_INCOME, company)
        self.assertEqual(settlement._active_moves().line_ids.account_id, created - unused)

    def test_the_settlement_has_every_category(self):
        special = {"other", "unknown", "failed_transfer"}
        self.assertEqual(set(ROWS), set(CATEGORIES) - special)
        shared = {category for proposal in PROPOSALS for category in proposal.categories}
        self.assertEqual(shared, set(CATEGORIES) - {"other", "unknown"} | {*BALANCING})

    def test_united_kingdom(self):
        self.on_chart("uk")

    def test_germany_skr03(self):
        self.on_chart("de_skr03")

    def test_germany_skr04(self):
        self.on_chart("de_skr04")

    def test_france(self):
        self.on_chart("fr")

    def test_italy(self):
        self.on_chart("it")

    def test_spain(self):
        self.on_chart("es_pymes")

    def test_netherlands(self):
        self.on_chart("nl")

    def test_belgium(self):
        self.on_chart("be_comp")

    def test_poland(self):
        self.on_chart("pl")

    def test_sweden(self):
        self.on_chart("se")

    def test_ireland(self):
        self.on_chart("ie")

    def test_united_states(self):
        self.on_chart("us")

    def test_canada(self):
        self.on_chart("ca_2023")

    def test_australia(self):
        self.on_chart("au")

    def test_japan(self):
        self.on_chart("jp")

    def test_india(self):
        self.on_chart("in")

    def test_odoo_s_generic_chart(self):
        self.on_chart(GENERIC)
