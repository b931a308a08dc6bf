from odoo import api, fields, models


class SpPreview(models.TransientModel):
    """Shows the entries of a settlement before there are any; nothing of them is stored."""

    _name = "sp.preview"
    _description = "Preview of the Entries of an Amazon Settlement"

    settlement_id = fields.Many2one("sp.settlement", required=True, ondelete="cascade")
    content = fields.Html(compute="_compute_content", sanitize=False)

    @api.depends("settlement_id")
    @api.depends_context("lang")
    def _compute_content(self):
        for preview in self:
            preview.content = self.env["sp.settlement.preview"]._render(preview.settlement_id)

    def action_print(self):
        """Print what is shown."""
        self.ensure_one()
        report = self.env.ref("sp_connector.sp_settlement_report_preview")
        return report.report_action(self.settlement_id, config=False)
