import zoneinfo
from datetime import timezone

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
    sp_partner_id = fields.Many2one("res.partner", string="Amazon as a Customer")
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
    sp_default_marketplace_ids = fields.Many2many(
        "sp.marketplace",
        "sp_company_default_marketplace_rel",
        string="Marketplace of Rows Without One",
    )

    def _sp_grouping(self):
        """Return the engine's ``Grouping``: time zone and tax classes of SKUs."""
        self.ensure_one()
        rules = self.env["sp.sku.rule"].sudo().search([("company_id", "in", self.parent_ids.ids)])
        # The nearest company's rule for the same words replaces its parent's.
        rules = rules.sorted(lambda rule: len(rule.company_id.parent_ids))
        return Grouping(
            self._sp_zone(),
            SkuClasses(
                SkuRule(rule.pattern, rule.tax_class, rule.marketplace_id.name or "")
                for rule in rules
            ),
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
