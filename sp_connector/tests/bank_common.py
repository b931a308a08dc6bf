"""Settlements that wait for the bank, and what the bank brings."""

from odoo.fields import Command

from ..engine.tests import helpers
from .common import SpCase

SALE, FEE = "Order/ItemPrice/Principal", "Order/ItemFees/Commission"


class BankCase(SpCase):
    """A British company with a bank account in pounds and one in euros; it matches what is sure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_rate("EUR", "2026-01-01", 1.25)
        cls.set_up_exchange()
        cls.suspense = cls.make_account("Suspense", "asset_current")
        cls.clearing = cls.account_of("deposit")
        cls.bank = cls.make_bank("Bank", "SPB")
        cls.euros = cls.make_bank("Euros", "SPE", currency_id=cls.root_env.ref("base.EUR").id)
        cls.count = 20000000000

    @classmethod
    def make_bank(cls, name, code, kind="bank", company=None, **vals):
        return cls.root_env["account.journal"].create(
            {
                "name": name,
                "code": code,
                "type": kind,
                "company_id": (company or cls.company).id,
                "suspense_account_id": cls.suspense.id,
                **vals,
            }
        )

    @classmethod
    def settle(cls, amount, deposit="2026-04-17", currency="GBP", post=True, company=None, **cells):
        """A settlement of one sale whose deposit is of a day, posted unless said otherwise."""
        cls.count += 1
        ref = str(cls.count)
        start = cells.pop("start", f"{deposit[:8]}01")
        moment = f"{start} 12:00:00 UTC"
        word = SALE if amount > 0 else FEE
        settlement = cls.import_file(
            cls.file(
                helpers.row(word, f"{amount:.2f}", ref=ref, posted_date_time=moment, **cells),
                total=f"{amount:.2f}",
                ref=ref,
                currency=currency,
                settlement_start_date=f"{start} 00:00:00 UTC",
                settlement_end_date=f"{deposit} 00:00:00 UTC",
                deposit_date=f"{deposit} 00:00:00 UTC",
            ),
            f"{ref}.txt",
            company=company,
            env=cls.root_env if company else None,
        )
        if post:
            settlement.action_post()
            assert settlement.state == "posted", settlement.hold_reason
        return settlement

    @classmethod
    def bank_line(cls, amount, day="2026-04-20", text="AMAZON PAYMENTS UK", journal=None, **vals):
        return cls.root_env["account.bank.statement.line"].create(
            {
                "journal_id": (journal or cls.bank).id,
                "date": day,
                "payment_ref": text,
                "amount": amount,
                **vals,
            }
        )

    @classmethod
    def find(cls, **focus):
        """What is proposed, as (kind, bank lines, settlements, sure)."""
        return [
            (one.kind, set(one.lines), set(one.deposits), one.is_sure)
            for one in cls.root_env["sp.bank.match"]._find(cls.company, **focus)
        ]

    @classmethod
    def match(cls, kind, lines, settlements=None):
        """Match a proposal as a manager does by one click."""
        env = cls.root_env(user=cls.manager)
        settlements = settlements if settlements is not None else env["sp.settlement"]
        env["sp.bank.match"]._match(kind, lines.with_env(env), settlements.with_env(env))

    @classmethod
    def payout(cls, settlements):
        """The journal items that wait for the bank, matched or not."""
        return (
            settlements.sudo()
            ._active_moves()
            .line_ids.filtered(
                lambda item: item.account_id == cls.clearing and not item.sp_line_ids
            )
        )

    def assertMatched(self, lines, settlements, suspense=0):
        """Ordinary reconciled bank lines; suspense and clearing are zero, in both currencies.

        :param suspense: what other bank lines left on the suspense account
        """
        self.assertTrue(all(lines.mapped("is_reconciled")))
        self.assertFalse(any(lines.mapped("amount_residual")))
        items = lines.move_id.line_ids
        self.assertNotIn(self.suspense, items.account_id)
        self.assertAlmostEqual(sum(items.mapped("balance")), 0, places=6)
        for line in lines:
            liquidity = line._seek_for_lines()[0]
            self.assertEqual(len(liquidity), 1)
            self.assertEqual(liquidity.amount_currency, line.amount)
        payout = self.payout(settlements)
        self.assertTrue(all(payout.mapped("reconciled")))
        self.assertFalse(any(payout.mapped("amount_residual")))
        self.assertEqual(self.balance(self.suspense), suspense)
        self.assertEqual(settlements.mapped("state"), ["posted"] * len(settlements))

    @classmethod
    def balance(cls, account):
        """The posted balance of an account in the company's currency."""
        cls.root_env.flush_all()
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        ((total,),) = cls.root_env["account.move.line"]._read_group(domain, [], ["balance:sum"])
        return round(total or 0.0, 2)

    @classmethod
    def as_invoices(cls):
        """Book settlements as invoices from now on."""
        cls.make_bank("Sales", "SPS", "sale", suspense_account_id=False)
        amazon = cls.company.sp_partner_id.with_company(cls.company)
        amazon.property_account_receivable_id = cls.make_account(
            "Debtors", "asset_receivable", reconcile=True
        )
        cls.clearing = amazon.property_account_receivable_id
        cls.set_booking(booking_form="invoice")

    @classmethod
    def allow(cls, **vals):
        """Change the company's settings of bank matching."""
        cls.company.sudo().write({f"sp_bank_{name}": value for name, value in vals.items()})


__all__ = ["FEE", "SALE", "BankCase", "Command"]
