"""Where a chain of settlements breaks: what is missing, and how to get it."""

from datetime import datetime, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine.books.chain import GAP, OVERLAP, RESERVE, Period, find_chains
from ..bank.sp_settlement_payment import OPEN, UNPAID

_READ_FIELDS = (
    "settlement_ref",
    "date_start",
    "date_end",
    "connection_id",
    "marketplace_id",
    "currency_id",
    "has_total",
    "bad_row_count",
    "amount_total",
    "amount_rows",
    "date_deposit",
    "payment_state",
    "amount_open",
)
#: Seller Central, Payments, All Statements.
_STATEMENTS_PATH = "/payments/past-settlements"


class SpSettlementGap(models.Model):
    """A break between two neighbouring settlements of one seller, currency and account type.

    Found and closed by ``_recheck``; people only dismiss one, with a reason. See
    ``engine/books/chain.py`` for what is a break.
    """

    _name = "sp.settlement.gap"
    _description = "Break between Amazon Settlements"
    _inherit = ["sp.chatter.mixin", "mail.thread", "mail.activity.mixin", "sp.audited"]
    _audited_new = False
    _mail_post_access = "read"  # people write what they know of it, and change nothing
    _order = "date_from desc, id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    connection_id = fields.Many2one(
        "sp.connection", readonly=True, index="btree_not_null", ondelete="set null"
    )
    kind = fields.Selection(
        [
            (GAP, "Settlement missing"),
            (OVERLAP, "Periods overlap"),
            (RESERVE, "Reserve differs"),
            (UNPAID, "Deposit never came"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("open", "Open"), ("dismissed", "Dismissed"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    # The settlements' own numbers: a settlement that is deleted and imported again is the same.
    before_ref = fields.Char("ID Before", required=True, readonly=True)
    after_ref = fields.Char("ID After", required=True, readonly=True)
    before_id = fields.Many2one(
        "sp.settlement", "Settlement Before", readonly=True, index=True, ondelete="set null"
    )
    after_id = fields.Many2one(
        "sp.settlement", "Settlement After", readonly=True, index=True, ondelete="set null"
    )
    date_from = fields.Datetime("From", readonly=True, help="Of what is missing, or twice there.")
    date_to = fields.Datetime("To", readonly=True)
    amount_before = fields.Monetary(
        "Held Before",
        readonly=True,
        aggregator=None,
        help="What the settlement before holds back as Current Reserve Amount.",
    )
    amount_after = fields.Monetary(
        "Brought Back After",
        readonly=True,
        aggregator=None,
        help="What the settlement after brings back as Previous Reserve Amount Balance.",
    )
    amount_difference = fields.Monetary(
        "Reserve Difference", compute="_compute_amount_difference", aggregator=None
    )
    opened_at = fields.Datetime("Noticed On", readonly=True)
    closed_at = fields.Datetime("Closed On", readonly=True)
    dismiss_reason = fields.Char("Why Dismissed", readonly=True, tracking=True)
    seller_central_url = fields.Char("Seller Central", compute="_compute_seller_central_url")

    # === COMPUTE METHODS === #

    @api.depends("amount_before", "amount_after")
    def _compute_amount_difference(self):
        for gap in self:
            gap.amount_difference = gap.amount_after - gap.amount_before

    @api.depends("kind", "date_from", "date_to", "before_ref", "after_ref")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for gap in self:
            label = labels.get(gap.kind, "")
            if gap.kind == RESERVE:
                gap.display_name = f"{label}, {gap.before_ref} – {gap.after_ref}"
            elif gap.kind == UNPAID:
                gap.display_name = f"{label}, {gap.before_ref}"
            else:
                start, end = (format_date(self.env, day) for day in (gap.date_from, gap.date_to))
                gap.display_name = f"{label}, {start} – {end}"

    @api.depends("before_id.marketplace_id", "after_id.marketplace_id", "connection_id")
    def _compute_seller_central_url(self):
        for gap in self:
            gap_sudo = gap.sudo()
            place = (
                gap_sudo.after_id.marketplace_id
                or gap_sudo.before_id.marketplace_id
                or gap_sudo.connection_id.marketplace_id
            )
            application = gap_sudo.connection_id.application_id
            if application and place:
                url = application._seller_central(place)
            else:
                url = place.seller_central_host and f"https://{place.seller_central_host}"
            gap.seller_central_url = url and f"{url}{_STATEMENTS_PATH}"

    # === ACTIONS === #

    def action_dismiss(self):
        """Ask why this is no reason to worry."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dismiss"),
            "res_model": "sp.gap.dismiss",
            "view_mode": "form",
            "target": "new",
            "context": {"default_gap_ids": self.ids},
        }

    def action_reopen(self):
        """Take a dismissal back."""
        self.check_access("read")
        dismissed = self.sudo().filtered(lambda gap: gap.state == "dismissed")
        dismissed.write(
            {"state": "open", "dismiss_reason": False, "opened_at": fields.Datetime.now()}
        )

    def _dismiss(self, reason):
        """Let a person say that this break is none; it stays so as long as the break is there."""
        self.check_access("read")
        opened = self.sudo().filtered(lambda gap: gap.state == "open")
        opened.write({"state": "dismissed", "dismiss_reason": reason})
        opened._finish()

    def _finish(self):
        self.activity_feedback(["sp_connector.mail_activity_type_gap"])

    @api.model
    def _open_fresh(self):
        """Look at the chains of the user's companies, then open what is missing."""
        self.check_access("read")
        self._recheck_companies(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_settlement_gap_action"
        )

    # === FINDING === #

    @api.model
    def _pools(self):
        """Return the (company, currency) pairs within which settlements form chains."""
        return self.env["sp.settlement"].sudo()._read_group([], ["company_id", "currency_id"])

    @api.model
    def _recheck(self, pools):
        """Look for breaks anew: open those that are new, close those that are gone.

        While more reports of a company wait to be fetched, nothing is opened: what seems to be
        missing is most likely among them.

        :param pools: iterable of (company, currency)
        """
        for company, currency in pools:
            self._recheck_pool(company, currency)

    @api.model
    def _recheck_companies(self, companies):
        """Look at every chain of companies."""
        self._recheck([pool for pool in self._pools() if pool[0] in companies])

    @api.model
    def _recheck_at_end(self, companies):
        """Look at them once nothing more is to come: so far the last of it was waited for."""
        self._recheck_companies(companies.filtered(lambda one: not self._is_more_to_come(one)))

    @api.model
    def _recheck_pool(self, company, currency):
        settlements = self._read_settlements(company, currency)
        found = {
            (item.kind, item.before.key, item.after.key): self._prepare_gap_vals(item, settlements)
            for item in find_chains(self._periods(settlements)).breaks
        } | self._find_unpaid(company, settlements)
        known = set()
        for gap in self.sudo().search(
            [("company_id", "=", company.id), ("currency_id", "=", currency.id)]
        ):
            key = (gap.kind, gap.before_ref, gap.after_ref)
            if key in known:  # two imports at once each found it
                gap.unlink()
                continue
            known.add(key)
            gap._update(found.get(key))
        new = [] if self._is_more_to_come(company) else [key for key in found if key not in known]
        opened = self.sudo().create(
            [
                {
                    **found[key],
                    "company_id": company.id,
                    "currency_id": currency.id,
                    "opened_at": fields.Datetime.now(),
                }
                for key in new
            ]
        )
        for connection, gaps in opened.grouped("connection_id").items():
            self.env["sp.notice"]._announce_gaps(connection, gaps)

    @api.model
    def _read_settlements(self, company, currency, dated=Domain.TRUE):
        """Return {settlement id of Amazon: record} of all that have both dates.

        :param dated: a domain that limits them further
        """
        settlements = (
            self.env["sp.settlement"]
            .sudo()
            .search_fetch(
                Domain(
                    [
                        ("company_id", "=", company.id),
                        ("currency_id", "=", currency.id),
                        ("date_start", "!=", False),
                        ("date_end", "!=", False),
                    ]
                )
                & dated,
                _READ_FIELDS,
            )
        )
        return {settlement.settlement_ref: settlement for settlement in settlements}

    @api.model
    def _periods(self, settlements):
        """Return the engine's view of settlements, as ``_read_settlements`` gives them."""
        reserves = self._reserves(self.env["sp.settlement"].sudo().union(*settlements.values()))
        return [
            Period(
                reference,
                settlement.date_start,
                settlement.date_end,
                *reserves[settlement.id],
                seller=settlement.connection_id.id or None,
                place=settlement.marketplace_id.id or None,
            )
            for reference, settlement in settlements.items()
        ]

    @api.model
    def _reserves(self, settlements):
        """Return {settlement id: (brought back, held)}, both ``None`` if not proved."""
        reserves = {
            settlement.id: [Decimal(0), Decimal(0)]
            if settlement.has_total
            and not settlement.bad_row_count
            and not settlement.currency_id.compare_amounts(
                settlement.amount_total, settlement.amount_rows
            )
            else [None, None]
            for settlement in settlements
        }
        for settlement, kind, description, amount in (
            self.env["sp.settlement.line"]
            .sudo()
            ._read_group(
                [("settlement_id", "in", settlements.ids), ("category", "=", "reserve")],
                ["settlement_id", "transaction_type", "amount_description"],
                ["amount:sum"],
            )
        ):
            pair = reserves[settlement.id]
            words = f"{kind or ''} {description or ''}".lower()
            amount = settlement._decimal(amount)
            if None in pair:
                continue
            if "previous" in words:
                pair[0] += amount
            elif "current" in words:
                pair[1] -= amount
            else:  # a reserve of other words: what it means for the next is not known
                reserves[settlement.id] = [None, None]
        return reserves

    @api.model
    def _is_more_to_come(self, company):
        day_ago = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        return bool(
            self.env["sp.report"]
            .sudo()
            .search_count(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "found"),
                    ("create_date", ">", day_ago),
                ],
                limit=1,
            )
        )

    @api.model
    def _prepare_gap_vals(self, found, settlements):
        """Return the values of a record for an engine ``Break``."""
        before, after = found.before, found.after
        return {
            "kind": found.kind,
            "before_ref": before.key,
            "after_ref": after.key,
            "before_id": settlements[before.key].id,
            "after_id": settlements[after.key].id,
            "connection_id": after.seller or before.seller or False,
            "date_from": min(before.end, after.start),
            "date_to": max(before.end, after.start),
            "amount_before": float(before.reserve_out or 0),
            "amount_after": float(after.reserve_in or 0),
        }

    @api.model
    def _find_unpaid(self, company, settlements):
        """Return {key: values} of payouts that did not come although a later one did.

        Nobody is told of the last ones, nor where no bank line is ever matched: they only wait.

        :param settlements: as ``_read_settlements`` gives them
        """
        dated = [one for one in settlements.values() if one.date_deposit]
        came = [one.date_deposit for one in dated if one.payment_state == "paid"]
        # However soon the next one came: so long a payout may take.
        wait = timedelta(days=company.sudo().root_id.sp_bank_days_after)
        last = min(max(came, default=datetime.min), fields.Datetime.now() - wait)
        return {
            (UNPAID, one.settlement_ref, one.settlement_ref): {
                "kind": UNPAID,
                "before_ref": one.settlement_ref,
                "after_ref": one.settlement_ref,
                "before_id": one.id,
                "after_id": one.id,
                "connection_id": one.connection_id.id,
                "date_from": one.date_deposit,
                "date_to": one.date_deposit,
                "amount_before": one.amount_open,
                "amount_after": 0.0,
            }
            for one in dated
            if one.payment_state in OPEN and one.date_deposit < last
        }

    def _update(self, vals):
        """Note what became of this break.

        :param vals: what is found of it now, ``None`` where it is gone
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if vals is None:
            if self.state != "closed":
                self.write({"state": "closed", "closed_at": now})
                self._finish()
            return
        if self.state == "closed":
            # Back again, say because a settlement was deleted; a dismissal still holds.
            state = "dismissed" if self.dismiss_reason else "open"
            self.write({**vals, "state": state, "closed_at": False, "opened_at": now})
            if state == "open":
                self.env["sp.notice"]._announce_gaps(self.connection_id, self)
        elif any(
            self._fields[name].convert_to_write(self[name], self) != value
            for name, value in vals.items()
        ):
            self.write(vals)
