"""What the Odoo tests share: a company of their own, its people, and the engine's samples."""

import gzip
import os
from pathlib import Path
from unittest import SkipTest

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from ..engine.lines.flat_file import open_reports
from ..engine.tests import helpers

ADDON = Path(__file__).resolve().parent.parent
CURRENCIES = ("AUD", "CAD", "EUR", "GBP", "JPY", "SGD", "USD")
USER = "sp_connector.sp_connector_group_user"
MANAGER = "sp_connector.sp_connector_group_manager"


@tagged("post_install", "-at_install")
class SpCase(TransactionCase):
    """A British company with its accounts set up; ``self.env`` is its bookkeeper's.

    The manager is a manager of finance and no administrator of Odoo, as in most companies.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maxDiff = None
        cls.root_env = cls.env
        cls.env["res.currency.rate"].search([]).unlink()  # only the test's own rates count
        cls.env["res.currency"].with_context(active_test=False).search(
            [("name", "in", CURRENCIES)]
        ).active = True
        cls.company = cls.make_company("Tea and Lamps Ltd")
        cls.bookkeeper = cls.make_user("bookkeeper", USER)
        cls.manager = cls.make_user("manager", MANAGER)
        cls.set_up_accounts(cls.company, cls.manager)
        cls.env = cls.env(user=cls.bookkeeper)

    # === PEOPLE AND PLACES === #

    @classmethod
    def make_company(cls, name, currency="GBP", country=None):
        places = {"GBP": "uk", "EUR": "de", "AUD": "au", "CAD": "ca", "JPY": "jp"}
        country = country or places.get(currency, "us")
        return cls.root_env["res.company"].create(
            {
                "name": name,
                "currency_id": cls.root_env.ref(f"base.{currency}").id,
                "country_id": cls.root_env.ref(f"base.{country}").id,
            }
        )

    @classmethod
    def load_chart(cls, company, module, chart):
        """Give a company the chart and the taxes of its country, e.g. ``l10n_uk``, ``uk``.

        Skips where the module is not installed; ``make test`` installs it, so fails without.
        """
        if cls.root_env["ir.module.module"]._get(module).state != "installed":
            if module in os.environ.get("SP_CONNECTOR_TEST_MODULES", "").split(","):
                raise AssertionError(f"{module} should be installed here")
            raise SkipTest(f"{module} is not installed")
        cls.root_env["account.chart.template"].try_loading(chart, company, install_demo=False)

    @classmethod
    def make_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.root_env,
            f"sp_test_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def set_up_accounts(cls, company, user=None):
        """Create and map the accounts as the set-up proposes them, and decide the taxes."""
        env = cls.root_env(
            user=user or cls.root_env.user, context={"allowed_company_ids": company.ids}
        )
        env["sp.account.plan"]._set_up(company.with_env(env))
        cls.decide_taxes(company)

    @classmethod
    def set_booking(cls, **vals):
        """Change how the company books, as a manager does on the page of the set-up."""
        setup = cls.root_env["sp.setup"].with_user(cls.manager)
        answers = {"company_id": cls.company.id, "registration": "no", "line_ids": []}
        setup.create({**answers, **vals}).action_apply()

    @classmethod
    def decide_taxes(cls, company):
        """Say «No tax» for everything undecided: these tests are about something else."""
        cls.root_env["sp.account.mapping"].search(
            [("company_id", "=", company.id), ("tax_mode", "=", "undecided")]
        ).tax_mode = "none"

    @classmethod
    def set_up_exchange(cls):
        """Say where the company books exchange differences, as its chart would."""
        cls.company.sudo().write(
            {
                "currency_exchange_journal_id": cls.company.sp_journal_id.id,
                "income_currency_exchange_account_id": cls.make_account("Gains", "income_other").id,
                "expense_currency_exchange_account_id": cls.make_account("Losses", "expense").id,
            }
        )

    @classmethod
    def set_rate(cls, currency, day, rate, company=None):
        """Enter an exchange rate: so many units of ``currency`` for one of the company's."""
        return cls.root_env["res.currency.rate"].create(
            {
                "currency_id": cls.root_env.ref(f"base.{currency}").id,
                "company_id": (company or cls.company).id,
                "name": day,
                "rate": rate,
            }
        )

    @classmethod
    def set_all_rates(cls, day="2025-12-01", rate=2.0):
        for currency in CURRENCIES:
            if currency != "GBP":
                cls.set_rate(currency, day, rate)

    @classmethod
    def account_of(cls, category, company=None):
        """The account the set-up mapped a category to."""
        return (
            cls.root_env["sp.account.mapping"]
            .search(
                [
                    ("company_id", "=", (company or cls.company).id),
                    ("category", "=", category),
                    ("marketplace_id", "=", False),
                ]
            )
            .account_id
        )

    @classmethod
    def make_account(cls, name, account_type="income", company=None, **vals):
        return cls.root_env["account.account"].create(
            {
                "name": name,
                "code": f"T{cls.root_env['account.account'].search_count([]):05}",
                "account_type": account_type,
                "company_ids": [Command.set((company or cls.company).ids)],
            }
            | vals
        )

    @classmethod
    def map_category(cls, category, account, marketplace=None):
        """Say which account a category goes to, as the manager."""
        mapping = cls.root_env["sp.account.mapping"].with_user(cls.manager)
        found = mapping.search(
            [
                ("company_id", "=", cls.company.id),
                ("category", "=", category),
                ("marketplace_id", "=", marketplace.id if marketplace else False),
            ]
        )
        if found:
            found.account_id = account
            return found
        return mapping.create(
            {
                "company_id": cls.company.id,
                "category": category,
                "marketplace_id": marketplace.id if marketplace else False,
                "account_id": account.id,
                "tax_mode": "none",
            }
        )

    @classmethod
    def make_tax(cls, name, amount, use="sale", company=None, reverse=False, **vals):
        """A tax with an account of its own and tags for base and tax, named after it."""
        company = company or cls.company
        env = cls.root_env(context={"allowed_company_ids": company.ids})
        account = cls.make_account(f"{name} account", "liability_current", company)

        def repartition(document):
            def line(kind, factor=100.0, **more):
                sign = "" if factor > 0 else " back"
                tag = env["account.account.tag"].create(
                    {
                        "name": f"{name} {document} {kind}{sign}",
                        "applicability": "taxes",
                        "country_id": company.account_fiscal_country_id.id,
                    }
                )
                return Command.create(
                    {
                        "repartition_type": kind,
                        "factor_percent": factor,
                        "tag_ids": [Command.set(tag.ids)],
                        **more,
                    }
                )

            lines = [line("base"), line("tax", account_id=account.id)]
            return lines + ([line("tax", -100.0, account_id=account.id)] if reverse else [])

        return env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": use,
                "company_id": company.id,
                "country_id": company.account_fiscal_country_id.id,
                "tax_group_id": env["account.tax.group"]
                .create({"name": name, "company_id": company.id})
                .id,
                "invoice_repartition_line_ids": repartition("invoice"),
                "refund_repartition_line_ids": repartition("refund"),
                **vals,
            }
        )

    @classmethod
    def map_tax(cls, category, mode, taxes, marketplace=None, **limits):
        """Say how a category is taxed, on the account it has, as the manager."""
        found = cls.map_category(category, cls.account_of(category), marketplace)
        if limits:
            found = found.copy(limits)
        found.write({"tax_mode": mode, "tax_ids": [Command.set(taxes.ids)]})
        return found

    @classmethod
    def map_words(cls, words, category):
        """Say what words mean, as the manager."""
        transaction_type, amount_type, description = words.split("/")
        return (
            cls.root_env["sp.category.rule"]
            .with_user(cls.manager)
            .create(
                {
                    "transaction_type": transaction_type,
                    "amount_type": amount_type,
                    "amount_description": description,
                    "category": category,
                    "company_id": cls.company.id,
                }
            )
        )

    # === FILES === #

    @classmethod
    def sample(cls, name):
        return helpers.sample(name)

    @classmethod
    def file(cls, *rows, total, ref="42", currency="GBP", **cells):
        """The bytes of a small V2 file: ``rows`` are (words, amount) or ``helpers.row``'s."""
        made = [row if isinstance(row, dict) else helpers.row(*row, ref=ref) for row in rows]
        return helpers.table(helpers.head(total, ref, currency, **cells), *made).encode()

    @classmethod
    def import_file(cls, data, name="file.txt", company=None, env=None):
        """Import a file's bytes and return the new settlements."""
        settlements = (env or cls.env)["sp.settlement"]
        for report in open_reports(name, data):
            settlements |= settlements._import_report(report, company or cls.company)
        return settlements

    @classmethod
    def import_sample(cls, *names, **options):
        settlements = (options.get("env") or cls.env)["sp.settlement"]
        for name in names:
            settlements |= cls.import_file(helpers.sample(name), name, **options)
        return settlements

    @staticmethod
    def resaved(data):
        """Other bytes of the same content: CRLF, byte order mark, gzip, several at once."""
        crlf = data.replace(b"\n", b"\r\n")
        return {
            "crlf": crlf,
            "bom": b"\xef\xbb\xbf" + data,
            "gzip": gzip.compress(data, mtime=0),
            "all": gzip.compress(b"\xef\xbb\xbf" + crlf, mtime=0),
        }

    # === WHAT CAME OUT === #

    @staticmethod
    def entry(settlement):
        """The journal items of all parts as (label, account's name, amount in currency)."""
        lines = settlement._active_moves().line_ids.sorted("id")
        return [(line.name, line.account_id.name, line.amount_currency) for line in lines]

    @classmethod
    def taxed_entry(cls, settlement):
        """As ``entry``, with the tags: (account's name, amount in currency, tags)."""
        lines = settlement._active_moves().line_ids.sorted("id")
        return [
            (
                line.account_id.name,
                line.amount_currency,
                " + ".join(sorted(line.tax_tag_ids.mapped("name"))),
            )
            for line in lines
        ]

    def assertBalanced(self, settlement):
        """Each part balances in both currencies; together they pay out Amazon's total."""
        currency = settlement.currency_id
        self.assertTrue(settlement.move_id)
        for move in settlement._active_moves():
            self.assertEqual(move.currency_id, currency)
            self.assertEqual(set(move.line_ids.currency_id), set(currency))
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0, places=6)
            self.assertAlmostEqual(sum(move.line_ids.mapped("amount_currency")), 0, places=6)
        self.assertAlmostEqual(settlement.amount_entry, settlement.amount_total, places=6)
        self.assertTrue(currency.is_zero(settlement.amount_difference))

    def assertHeld(self, settlement, *words):
        """It is held, says all these words, and pressing Book makes no entry."""
        self.assertEqual(settlement.state, "held", settlement.settlement_ref)
        for word in words:
            self.assertIn(word, settlement.hold_reason)
        answer = settlement.action_book()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertIn(settlement.settlement_ref, answer["params"]["message"])
        self.assertFalse(settlement.move_ids)

    def assertDenied(self, function, *args, **kwargs):
        """Odoo refuses the call for want of rights, and it leaves nothing behind."""
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            function(*args, **kwargs)
            self.env.cr.flush()
