"""The *Bank* page: what could belong together, one click each or many at once."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_list

from ...engine.bank.pairing import PENDING

#: Proposals of one bank line; the best come first.
_EACH = 3
#: Failures that are told one by one.
_SHOWN = 10


class SpBankProposal(models.TransientModel):
    """A candidate as somebody looks at it; what it was made of is asked anew when it is matched."""

    _name = "sp.bank.proposal"
    _description = "Proposed Match of Amazon and the Bank"
    _order = "is_ready desc, score desc, date desc, id"

    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(
        [
            ("exact", "Same Amount"),
            ("several", "Several Settlements"),
            ("transfers", "Several Transfers"),
            ("fee", "Less a Bank Fee"),
            ("converted", "Converted"),
            ("part", "A Part"),
            ("returned", "Sent Back"),
        ],
        readonly=True,
    )
    line_ids = fields.Many2many("account.bank.statement.line", string="Bank Lines", readonly=True)
    settlement_ids = fields.Many2many("sp.settlement", string="Settlements", readonly=True)
    date = fields.Date("Bank Date", readonly=True)
    journal_id = fields.Many2one("account.journal", "Bank", readonly=True)
    label = fields.Char("Bank Line", readonly=True)
    amount = fields.Monetary("Brought", readonly=True, aggregator=None)
    currency_id = fields.Many2one("res.currency", readonly=True)
    settlement_names = fields.Char("Settlement", readonly=True)
    amount_payout = fields.Monetary(
        "Payout", readonly=True, currency_field="payout_currency_id", aggregator=None
    )
    payout_currency_id = fields.Many2one("res.currency", readonly=True)
    days = fields.Integer(
        readonly=True, aggregator=None, help="From the deposit date to the bank's."
    )
    score = fields.Integer(readonly=True, aggregator=None)
    reasons = fields.Text("Why", readonly=True)
    is_sure = fields.Boolean("Sure", readonly=True, help="Nothing else would fit.")
    is_ready = fields.Boolean(
        "Can Be Matched", readonly=True, help="The settlements are posted and may be matched."
    )

    # === FINDING === #

    @api.model
    def action_open(self):
        """Open what could belong together in the companies at work."""
        return self._open()

    @api.model
    def _open(self, settlements=None, lines=None):
        """Open the proposals, of some records alone if any are given.

        :raises AccessError: the user may not match bank lines
        """
        if not self._may_match():
            raise AccessError(
                self.env._(
                    "Only those match bank lines who may change them in Odoo: Accounting, Basic."
                )
            )
        found = self._find_for(settlements, lines)
        proposals = self.create([self._prepare(candidate) for candidate in found])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_bank_proposal_action_list"
        )
        return action | {"domain": [("id", "in", proposals.ids)]}

    @api.model
    def _may_match(self):
        return self.env["account.bank.statement.line"].has_access("write") and self.env[
            "sp.settlement"
        ].has_access("read")

    @api.model
    def _find_for(self, settlements=None, lines=None):
        """Return the best candidates whose records the user may match."""
        if not self._may_match():
            return []
        some = settlements if settlements is not None else lines
        if some is None:
            companies = self.env.companies
        else:
            some.check_access("read")
            companies = some.company_id
        found = []
        for root in companies.sudo().root_id:
            found += self.env["sp.bank.match"].sudo()._find(root, settlements, lines)
        all_lines = self.env["account.bank.statement.line"].browse(
            {key for one in found for key in one.lines}
        )
        all_settlements = self.env["sp.settlement"].browse(
            {key for one in found for key in one.deposits}
        )
        mine = set(all_lines._filtered_access("write").ids)
        my_settlements = set(all_settlements._filtered_access("read").ids)
        shown, best = {}, []
        for one in sorted(found, key=lambda one: -one.score):
            if not mine.issuperset(one.lines) or not my_settlements.issuperset(one.deposits):
                continue
            if any(shown.get(key, 0) >= _EACH for key in one.lines):
                continue
            for key in one.lines:
                shown[key] = shown.get(key, 0) + 1
            best.append(one)
        return best

    @api.model
    def _prepare(self, candidate):
        lines, settlements = self.env["sp.bank.match"]._records(candidate)
        last = lines.sorted("date")[-1:]
        company = settlements[:1].company_id or last.company_id
        currency = last.currency_id
        payout_currency = settlements[:1].currency_id or currency
        is_sent_back = candidate.kind == "returned"
        return {
            "company_id": company.id,
            "kind": candidate.kind,
            "line_ids": lines.ids,
            "settlement_ids": settlements.ids,
            "date": last.date,
            "journal_id": last.journal_id.id,
            "label": format_list(self.env, [line.payment_ref or line.name for line in lines]),
            "amount": last.amount if is_sent_back else sum(lines.mapped("amount")),
            "currency_id": currency.id,
            "settlement_names": format_list(self.env, settlements.mapped("settlement_ref")),
            "amount_payout": 0.0 if is_sent_back else sum(settlements.mapped("amount_total")),
            "payout_currency_id": payout_currency.id,
            "days": candidate.days,
            "score": candidate.score,
            "reasons": self.env["sp.bank.words"]._describe_reasons(candidate),
            "is_sure": candidate.is_sure,
            "is_ready": PENDING not in candidate.reasons,
        }

    @api.model
    def _describe(self, candidates):
        """Say what candidates propose, a line each."""
        texts = []
        for values in map(self._prepare, candidates):
            money = self.env["res.currency"].browse(values["currency_id"])
            texts.append(
                self.env._(
                    "%(label)s, %(amount)s ↔ %(settlement)s: %(why)s (%(score)s of 100).",
                    label=values["label"],
                    amount=money.format(values["amount"]),
                    settlement=values["settlement_names"] or self.env._("sent back"),
                    why=values["reasons"],
                    score=values["score"],
                )
            )
        return texts

    # === MATCHING === #

    def action_match(self):
        """Match these proposals; say which could not be matched, and why."""
        chosen = self.filtered("is_ready").sorted("score", reverse=True)
        errors = self.env["sp.bank.match"]._match_each(
            [(one.kind, one.line_ids, one.settlement_ids) for one in chosen]
        )
        failed = {one: error for one, error in zip(chosen, errors, strict=True) if error}
        done = chosen - self.browse().union(*failed)
        # What shares a record with a match is no longer what it was made of.
        stale = self.search(
            [
                "|",
                ("line_ids", "in", done.line_ids.ids),
                ("settlement_ids", "in", done.settlement_ids.ids),
            ]
        )
        notice = self._prepare_notice(len(done), failed)
        (done | stale).unlink()
        return notice

    def _prepare_notice(self, count, failed):
        lines = [f"{one.label}: {error.args[0]}" for one, error in list(failed.items())[:_SHOWN]]
        if (more := len(failed) - _SHOWN) > 0:
            lines.append(self.env._("… and %(count)s more", count=more))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failed else "success",
                "sticky": bool(failed),
                "title": self.env._("%(count)s matched", count=count),
                "message": "\n".join(lines),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_line(self):
        """Open the bank lines."""
        self.ensure_one()
        return self.line_ids.move_id._get_records_action(name=self.env._("Bank Lines"))

    def action_view_settlement(self):
        """Open the settlements."""
        self.ensure_one()
        return self.settlement_ids._get_records_action(name=self.env._("Settlements"))
