from odoo import models


class SpChangeMixin(models.AbstractModel):
    """Rules of which people see what a change would do before they save it."""

    _name = "sp.change.mixin"
    _description = "What a Change Does to Amazon Settlements"

    def action_what_would_change(self, vals):
        """Show what these values would change in the books; nothing is saved.

        :param vals: what the form has changed, of a new record all its values
        """
        return self.env["sp.change.preview"]._open(self, vals)

    def _apply_change(self, vals):
        """Save the values, of a new record create it, with the rights of the user."""
        if self:
            self.write(vals)
            return self
        return self.create(vals)

    def _touched_settlements(self, vals):
        """Return the settlements that these values might change."""
        raise NotImplementedError
