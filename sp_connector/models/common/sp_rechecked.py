from odoo import api, models


class SpRechecked(models.AbstractModel):
    """Records of a company that settlements follow: a change has those looked at again."""

    _name = "sp.rechecked"
    _description = "Amazon Records That Settlements Follow"

    @api.model_create_multi
    def create(self, vals_list):
        """Look again at what follows the new ones."""
        records = super().create(vals_list)
        records._recheck(records.company_id)
        return records

    def write(self, vals):
        """Look again at what followed them, and at what follows them now."""
        companies = self.company_id
        result = super().write(vals)
        if "company_id" in vals:  # Odoo looks at the company it had before only
            self.check_access("write")
        self._recheck(companies | self.company_id)
        return result

    def unlink(self):
        """Look again at what followed them."""
        companies = self.company_id
        result = super().unlink()
        self._recheck(companies)
        return result

    def _recheck(self, companies):
        """Look again at the settlements of companies that follow such records."""
        # Each kind says how: nothing would look at them by default.
        raise NotImplementedError
