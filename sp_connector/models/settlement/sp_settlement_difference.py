"""What Amazon sent later for a settlement that is stored already, with other content."""

from odoo import fields, models


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    different_report_ids = fields.Many2many(
        "sp.report",
        "sp_report_different_rel",
        "settlement_id",
        "report_id",
        string="Reports With Other Content",
        readonly=True,
        copy=False,
    )
    difference_text = fields.Text("What Amazon Sent Later", compute="_compute_difference_text")

    def _compute_difference_text(self):
        for settlement in self:
            settlement.difference_text = "\n".join(
                settlement.different_report_ids.sudo().mapped(
                    lambda report: report.error_message or ""
                )
            )

    def action_view_different_reports(self):
        """Open the reports that bring other content."""
        self.ensure_one()
        return self.different_report_ids._get_records_action(name=self.env._("Reports"))

    def action_keep_stored(self):
        """Decide that what is stored is right: the later reports count as duplicates."""
        self.ensure_one()
        self.check_access("read")
        settlement = self.sudo()
        reports = settlement.different_report_ids
        for report in reports:
            note = self.env._(
                "%(user)s decided to keep what is stored. Report %(ref)s said: %(text)s",
                user=self.env.user.name,
                ref=report.report_ref,
                text=report.error_message or "",
            )
            settlement.message_post(body=note)
            report.message_post(body=note)
        settlement.different_report_ids = False
        # A file of several settlements waits until each of them was decided.
        decided = reports.filtered(lambda report: not report.different_settlement_ids)
        decided.write({"state": "duplicate", "error_message": False})
        decided.activity_unlink(["sp_connector.mail_activity_type_report"])
