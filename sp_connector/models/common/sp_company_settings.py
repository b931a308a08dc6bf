from odoo import api, fields, models

#: Each starts as the company has it, and people change it.
SETTING = {
    "compute": "_compute_settings",
    "store": True,
    "precompute": True,
    "readonly": False,
}


class SpCompanySettings(models.AbstractModel):
    """Settings of a company and its branches, for managers of finance who may not edit companies.

    Its fields ``sp_…`` are those of the company.
    """

    _name = "sp.company.settings"
    _description = "Amazon Settings of a Company"
    _check_company_auto = True
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="The settings hold for its branches too.",
    )

    def _settings(self):
        return [name for name in self._fields if name.startswith("sp_")]

    @api.depends("company_id")
    def _compute_settings(self):
        for settings in self:
            company = settings.company_id.sudo()
            for name in self._settings():
                settings[name] = company[name]

    def action_save(self):
        """Keep the settings; the audit trail keeps who changed them."""
        self.ensure_one()
        company = self.company_id
        company.check_access("read")  # one of this user's companies
        company.sudo().write(
            {
                name: self._fields[name].convert_to_write(self[name], self)
                for name in self._settings()
            }
        )
        return {"type": "ir.actions.act_window_close"}
