"""Statements that OCA's importers bring, and matches made in OCA's screen, are as good as ours.

Their addons are installed in a database of their own, that of ``make test-queue``.
"""

import base64
import os
from unittest import SkipTest

from .test_sp_settlement_payment import SALE, Paid

MODULES = (
    "account_reconcile_oca",
    "account_statement_import_camt",
    "account_statement_import_sheet_file",
)
IBAN = "DE89370400440532013000"
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>1</MsgId><CreDtTm>2026-04-01T05:00:00</CreDtTm></GrpHdr>
    <Stmt>
      <Id>42</Id><CreDtTm>2026-04-01T05:00:00</CreDtTm>
      <Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
      <Bal>
        <Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt>
        <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-30</Dt></Dt>
      </Bal>
      <Bal>
        <Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>
        <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-30</Dt></Dt>
      </Bal>
      <Ntry>
        <Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
        <BookgDt><Dt>2026-03-30</Dt></BookgDt><ValDt><Dt>2026-03-30</Dt></ValDt>
        <AcctSvcrRef>{reference}</AcctSvcrRef>
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls><TxDtls>
          <Refs><EndToEndId>{reference}</EndToEndId></Refs>
          <RltdPties><Dbtr><Nm>AMAZON PAYMENTS EUROPE S.C.A.</Nm></Dbtr></RltdPties>
          <RmtInf><Ustrd>AMAZON PAYMENTS {reference}</Ustrd></RmtInf>
        </TxDtls></NtryDtls>
      </Ntry>
    </Stmt>
  </BkToCstmrStmt>
</Document>
"""


class TestBankOca(Paid):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        installed = cls.root_env["ir.module.module"].search(
            [("name", "in", MODULES), ("state", "=", "installed")]
        )
        if len(installed) < len(MODULES):
            if MODULES[0] in os.environ.get("SP_CONNECTOR_TEST_MODULES", ""):
                raise AssertionError(f"{MODULES} should be installed here")
            raise SkipTest(f"{MODULES} are not installed")
        account = cls.root_env["res.partner.bank"].create(
            {"acc_number": IBAN, "partner_id": cls.company.partner_id.id}
        )
        cls.euros.bank_account_id = account
        cls.accountant = cls.make_user("accountant", "account.group_account_user")
        cls.euros.default_account_id.currency_id = cls.euros.currency_id

    def upload(self, name, content, **vals):
        """Import as an accountant without rights on settlements, and return the lines."""
        env = self.root_env(
            user=self.accountant,
            context={
                "allowed_company_ids": self.company.ids,
                "journal_id": self.euros.id,
                "account_statement_import_sheet_file_test": True,
            },
        )
        before = self.lines()
        wizard = env["account.statement.import"].create(
            {"statement_file": base64.b64encode(content), "statement_filename": name, **vals}
        )
        wizard.import_file_button()
        return self.lines() - before

    def lines(self):
        return self.root_env["account.bank.statement.line"].search(
            [("journal_id", "=", self.euros.id)]
        )

    def choose(self, line, settlement):
        """Click a payout in OCA's screen, and *Reconcile*."""
        item = settlement._payout_items().filtered(lambda one: not one.reconciled)
        line._add_account_move_line(item.with_env(line.env))
        self.assertTrue(line.can_reconcile)
        line.reconcile_bank_line()

    def mapping(self):
        return self.root_env["account.statement.import.sheet.mapping"].create(
            {
                "name": "Bank",
                "timestamp_format": "%Y-%m-%d",
                "timestamp_column": "Date",
                "amount_column": "Amount",
                "description_column": "Text",
                "delimiter": "comma",
                "float_thousands_sep": "none",
                "float_decimal_sep": "dot",
            }
        )

    def test_a_match_in_the_screen_pays_and_its_undo_opens(self):
        settlement = self.sell(0, "100.00")
        line = self.bank_line(100.0)
        self.choose(line, settlement)
        self.assertTrue(line.is_reconciled)
        self.assertPayment(settlement, "paid", amount_open=0.0)
        self.assertEqual(settlement.bank_line_ids, line)
        self.assertEqual(self.open_items(self.account_of("deposit")), (0.0, 0.0, []))
        line.unreconcile_bank_line()
        self.assertPayment(settlement, "waiting", amount_open=100.0)

    def test_a_smaller_line_pays_a_part(self):
        settlement = self.sell(0, "100.00")
        self.choose(self.bank_line(60.0), settlement)
        self.assertPayment(settlement, "partly", amount_open=40.0)

    def test_a_journal_that_keeps_its_lines_pays_by_an_entry_between(self):
        self.suspense.reconcile = True
        self.euros.reconcile_mode = "keep"
        settlement = self.sell(0, "100.00")
        line = self.bank_line(100.0)
        self.choose(line, settlement)
        self.assertPayment(settlement, "paid", amount_open=0.0)
        self.assertEqual(settlement.bank_line_ids, line)

    def test_a_camt_statement_meets_its_settlement(self):
        settlement = self.sell(0, "100.00")
        self.company.sudo().sp_bank_auto = True
        content = CAMT.format(iban=IBAN, amount="100.00", reference="NTRY1").encode()
        line = self.upload("camt.xml", content)
        self.assertEqual((line.amount, line.is_reconciled), (100.0, True), line.payment_ref)
        self.assertPayment(settlement, "paid")
        self.assertEqual(settlement.bank_line_ids, line)

    def test_lines_of_a_sheet_meet_theirs_and_the_undecided_is_proposed(self):
        first, second = self.sell(0, "100.00"), self.sell(1, "50.00")
        twin = self.settle(2, (SALE, "50.00"), total="50.00")
        twin.sudo().date_deposit = second.date_deposit
        twin.action_post()
        self.company.sudo().sp_bank_auto = True
        rows = ["Date,Text,Amount", "2026-03-30,AMAZON 1,100.00", "2026-04-29,AMAZON 2,50.00"]
        mapping = self.mapping()
        lines = self.upload("bank.csv", "\n".join(rows).encode(), sheet_mapping_id=mapping.id)
        self.assertEqual(len(lines), 2)
        self.assertPayment(first, "paid")
        self.assertPayment(second, "waiting")
        open_line = lines.filtered(lambda one: not one.is_reconciled)
        self.assertEqual(open_line.amount, 50.0)
        found = self.root_env["sp.bank.match"]._find(self.company, lines=open_line)
        self.assertEqual({key for one in found for key in one.deposits}, {second.id, twin.id})
        self.choose(open_line, twin)
        self.assertPayment(twin, "paid")
        self.assertPayment(second, "waiting")
