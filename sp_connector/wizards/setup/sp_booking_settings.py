from odoo import api, fields, models
from odoo.exceptions import UserError

_FIELDS = (
    "sp_journal_id",
    "sp_booking_form",
    "sp_invoice_journal_id",
    "sp_partner_id",
    "sp_split_months",
    "sp_time_zone",
    "sp_last_date",
    "sp_lock_policy",
    "sp_rate_days",
    "sp_tax_registration",
    "sp_default_marketplace_ids",
)

#: Each starts as the company has it, and people change it.
_SETTING = {
    "compute": "_compute_settings",
    "store": True,
    "precompute": True,
    "readonly": False,
}


class SpBookingSettings(models.TransientModel):
    """How a company's settlements are booked: a manager of finance may not edit companies."""

    _name = "sp.booking.settings"
    _description = "Amazon Booking Settings"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    sp_journal_id = fields.Many2one(
        "account.journal",
        "Journal",
        **_SETTING,
        check_company=True,
        domain="[('type', '=', 'general')]",
    )
    sp_booking_form = fields.Selection(
        lambda self: self._selection_of("sp_booking_form"),
        "Book Settlements As",
        **_SETTING,
        required=True,
    )
    sp_invoice_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Invoices",
        **_SETTING,
        check_company=True,
        domain="[('type', '=', 'sale')]",
    )
    sp_partner_id = fields.Many2one(
        "res.partner",
        "Amazon as a Partner",
        **_SETTING,
        help="Of every journal item; the customer of invoices. Empty: a contact named Amazon is "
        "created.",
    )
    sp_split_months = fields.Boolean(
        "An Entry for Each Month",
        **_SETTING,
        help="A settlement that crosses a month's end becomes an entry for each month, so that "
        "each month has its own income and costs. The rollover account carries the difference.",
    )
    sp_time_zone = fields.Selection(
        lambda self: self._selection_of("sp_time_zone"),
        "A Month Ends In",
        **_SETTING,
        required=True,
        help="Amazon dates its rows in UTC.",
    )
    sp_last_date = fields.Selection(
        lambda self: self._selection_of("sp_last_date"),
        "Date of the Last Entry",
        **_SETTING,
        required=True,
    )
    sp_lock_policy = fields.Selection(
        lambda self: self._selection_of("sp_lock_policy"),
        "In a Locked Period",
        **_SETTING,
        required=True,
    )
    sp_rate_days = fields.Integer(
        "Rates Are Old After (Days)",
        **_SETTING,
        help="A settlement whose exchange rate is older than that says so; 0: none does.",
    )
    sp_tax_registration = fields.Selection(
        lambda self: self._selection_of("sp_tax_registration"),
        "Registered for VAT or GST",
        **_SETTING,
        required=True,
        help="A company that is registered holds a settlement until the tax of all its income and "
        "costs is decided. One that is not books without tax what is undecided, and says so. The "
        "Tax ID is the company's, or a foreign one of its fiscal positions.",
    )
    tax_registration_note = fields.Char(compute="_compute_tax_registration_note")
    sp_default_marketplace_ids = fields.Many2many(
        "sp.marketplace",
        string="Rows Without a Marketplace",
        **_SETTING,
        domain="[('is_other_channel', '=', False)]",
        help="Fees of the account name no marketplace. They are booked to the one chosen for "
        "their currency, or to none.",
    )

    @api.model
    def _selection_of(self, field_name):
        return self.env["res.company"]._fields[field_name]._description_selection(self.env)

    @api.depends("company_id")
    def _compute_settings(self):
        for settings in self:
            company = settings.company_id.sudo()
            for name in _FIELDS:
                settings[name] = company[name]

    @api.depends("company_id", "sp_tax_registration")
    def _compute_tax_registration_note(self):
        for settings in self:
            settings.tax_registration_note = ""
            if settings.sp_tax_registration == "tax_id":
                settings.company_id.check_access("read")
                has_one = settings.company_id._sp_has_tax_id()
                settings.tax_registration_note = (
                    self.env._("It has one: registered.")
                    if has_one
                    else self.env._("It has none: not registered.")
                )

    def action_save(self):
        """Keep the settings and look again at what is not booked yet.

        :raises UserError: two default marketplaces have the same currency
        """
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        company._sp_check_default_marketplaces(self.sp_default_marketplace_ids)
        if self.sp_booking_form == "invoice":
            self._complete_invoicing()
        zone = company.sudo().sp_time_zone
        vals = {name: self._fields[name].convert_to_write(self[name], self) for name in _FIELDS}
        company.sudo().write(vals)
        company._sp_ensure_partner()
        if self.sp_time_zone != zone:
            self.env["sp.settlement"]._regroup_unbooked(company)
        else:
            self.env["sp.settlement"]._recheck(company)
        return {"type": "ir.actions.act_window_close"}

    def _complete_invoicing(self):
        if not self.sp_invoice_journal_id:
            self.sp_invoice_journal_id = self.env["account.journal"].search(
                [
                    *self.env["account.journal"]._check_company_domain(self.company_id),
                    ("type", "=", "sale"),
                ],
                limit=1,
            )
        if not self.sp_invoice_journal_id:
            raise UserError(self.env._("Choose a journal of type Sales for the invoices."))
