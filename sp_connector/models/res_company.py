import zoneinfo
from datetime import timedelta, timezone

from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get

from ..engine.sku import SkuClasses, SkuRule
from ..engine.summary import Grouping


class ResCompany(models.Model):
    """How a company books Amazon's settlements; people change it in ``sp.booking.settings``."""

    _inherit = "res.company"

    sp_journal_id = fields.Many2one(
        "account.journal",
        string="Amazon Settlements Journal",
        domain="[('type', '=', 'general')]",
        check_company=True,
    )
    sp_booking_form = fields.Selection(
        [("entry", "Journal entry"), ("invoice", "Customer invoice or credit note")],
        string="Book Settlements As",
        default="entry",
        required=True,
    )
    sp_invoice_journal_id = fields.Many2one(
        "account.journal",
        string="Amazon Invoices Journal",
        domain="[('type', '=', 'sale')]",
        check_company=True,
    )
    sp_partner_id = fields.Many2one("res.partner", string="Amazon as a Partner")
    sp_split_months = fields.Boolean("An Entry for Each Month", default=True)
    sp_time_zone = fields.Selection(_tz_get, string="A Month Ends In", default="UTC", required=True)
    sp_last_date = fields.Selection(
        [("end", "The end of the settlement"), ("deposit", "The day of the deposit")],
        string="Date of the Last Entry",
        default="end",
        required=True,
    )
    sp_lock_policy = fields.Selection(
        [("hold", "Hold the settlement"), ("next_open", "Book on the next open day")],
        string="In a Locked Period",
        default="hold",
        required=True,
    )
    sp_rate_days = fields.Integer("Rates Are Old After (Days)", default=7)
    sp_default_marketplace_ids = fields.Many2many(
        "sp.marketplace",
        "sp_company_default_marketplace_rel",
        string="Marketplace of Rows Without One",
        # Others read companies too, and may not read marketplaces.
        groups="sp_connector.sp_connector_group_user",
    )

    def _sp_open_day(self, day, has_tax, journal):
        """Return the first open day from a day on, and the locks in which that day lies.

        The locks are those that hold for this user, with exceptions (``account.lock_exception``).
        """
        self.ensure_one()
        locks = found = self._get_violated_lock_dates(day, has_tax, journal)
        while found:
            day = max(lock_date for lock_date, _field in found) + timedelta(days=1)
            found = self._get_violated_lock_dates(day, has_tax, journal)
        return day, locks

    def _sp_grouping(self):
        """Return the engine's ``Grouping``: time zone and tax classes of SKUs."""
        self.ensure_one()
        rules = self.env["sp.sku.rule"].sudo().search([("company_id", "in", self.parent_ids.ids)])
        # The nearest company's rule for the same words replaces its parent's.
        rules = rules.sorted(lambda rule: len(rule.company_id.parent_ids))
        found = {(rule.pattern.casefold(), rule.marketplace_id): rule for rule in rules}
        return Grouping(
            self._sp_zone(),
            SkuClasses(
                SkuRule(rule.pattern, rule.tax_class, rule.marketplace_id.name or "")
                for rule in found.values()
            ),
        )

    def _sp_ensure_partner(self):
        """Give these companies Amazon as a partner: every item of theirs names it."""
        for company in self.sudo():
            if company._sp_inherited("sp_partner_id"):
                continue
            # One contact for all companies, unless it is one company's own.
            other = self.sudo().search(
                [("sp_partner_id", "!=", False), ("sp_partner_id.company_id", "=", False)], limit=1
            )
            company.sp_partner_id = other.sp_partner_id or self.env["res.partner"].sudo().create(
                {"name": "Amazon", "is_company": True}
            )

    def _sp_zone(self):
        """Return the time zone in which a month ends."""
        name = self.sudo().sp_time_zone
        return timezone.utc if name in (False, "UTC") else zoneinfo.ZoneInfo(name)

    def _sp_inherited(self, field_name):
        """Return the value of a field of this company, or of its nearest parent that has one."""
        self.ensure_one()
        for company in self.sudo().parent_ids[::-1]:
            if company[field_name]:
                return company[field_name]
        return self.sudo()[field_name]
