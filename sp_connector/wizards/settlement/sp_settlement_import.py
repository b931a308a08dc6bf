from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.lines.summary import summarise
from ...models.common.file_words import describe_problem, describe_problems
from ...models.common.texts import first_ten
from ...models.meaning.category_labels import category_selection


class SpSettlementImport(models.TransientModel):
    """Upload settlement files, see what is in them, then import."""

    _name = "sp.settlement.import"
    _description = "Import Amazon Settlements"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Settlement files")
    line_ids = fields.One2many("sp.settlement.import.line", "import_id", readonly=True)
    new_count = fields.Integer(compute="_compute_new_count")
    found_count = fields.Integer(compute="_compute_new_count")
    state = fields.Selection([("upload", "Upload"), ("found", "Found")], default="upload")

    @api.depends("line_ids.status")
    def _compute_new_count(self):
        for wizard in self:
            found = wizard.line_ids.filtered(lambda line: line.status != "left_out")
            wizard.found_count = len(found)
            wizard.new_count = len(
                wizard.line_ids.filtered(lambda line: line.status in ("new", "hold", "large"))
            )

    def action_check(self):
        """Read the files and say what is in them; nothing is stored."""
        self.ensure_one()
        if not self.attachment_ids:
            raise UserError(
                self.env._("Choose the settlement files first: Flat File V2, or a ZIP of them.")
            )
        self.company_id.check_access("read")  # one of this user's companies
        reading = self.env["sp.settlement"]._reading(self.company_id)
        places = self.env["sp.marketplace"]._by_name()
        seen = {}
        vals_list = []
        for attachment in self.attachment_ids.sorted("id"):
            if known := self._find_known(attachment):
                vals_list += map(self._prepare_known_vals, known)
                continue
            if self.env["sp.upload"]._is_large(attachment):
                vals_list.append(self._prepare_large_vals(attachment))
                continue
            for report in self._reports(attachment):
                summaries = summarise(report, *reading)
                stored = self.env["sp.settlement"]._find_stored(summaries, self.company_id)
                if not summaries:
                    problem = report.problems[0]
                    vals_list.append(
                        {
                            "file_name": report.document.name,
                            "status": "refused",
                            "message": describe_problem(self.env, problem),
                        }
                    )
                if report.notes:
                    notes = describe_problems(self.env, report.notes)
                    vals_list.append(
                        {
                            "file_name": report.document.name,
                            "status": "left_out",
                            "message": "\n".join(first_ten(self.env, notes)),
                        }
                    )
                for reference, summary in summaries.items():
                    vals_list.append(
                        self._prepare_line_vals(
                            report, summary, seen.get(reference), stored, places
                        )
                    )
                    seen.setdefault(reference, summary)
        self.line_ids = [fields.Command.clear()] + [
            fields.Command.create(vals) for vals in vals_list
        ]
        self.state = "found"
        return self._reopen()

    def action_back(self):
        """Return to the upload step."""
        self.ensure_one()
        self.state = "upload"
        return self._reopen()

    def action_import(self):
        """Import every new settlement of the files and open them."""
        self.ensure_one()
        settlements, large = self.env["sp.settlement"], self.env["ir.attachment"]
        for attachment in self.attachment_ids.sorted("id"):
            if self._find_known(attachment):
                continue
            if self.env["sp.upload"]._is_large(attachment):
                large |= attachment
                continue
            for report in self._reports(attachment):
                settlements |= settlements._import_report(
                    report, self.company_id, attachment=attachment
                )
        uploads = self.env["sp.upload"]._take(large, self.company_id)
        # The settlements keep their own copies; the upload has done its work.
        self.attachment_ids.filtered(
            lambda file: file.res_model == self._name and file.create_uid == self.env.user
        ).sudo().unlink()
        if uploads:
            return uploads._get_records_action(name=self.env._("Uploaded Files"))
        if not settlements:
            raise UserError(self.env._("There is nothing new to import in these files."))
        action = self.env["ir.actions.act_window"]._for_xml_id("sp_connector.sp_settlement_action")
        if len(settlements) == 1:
            action.update(
                view_mode="form", views=[(False, "form")], res_id=settlements.id, context={}
            )
        else:
            action.update(
                name=self.env._("Imported Settlements"),
                domain=[("id", "in", settlements.ids)],
                context={},
            )
        return action

    def _reports(self, attachment):
        """Yield the engine's reports of one upload of this user; other files are out of reach."""
        attachment.check_access("read")
        return self.env["sp.settlement"]._open_attachment(attachment)

    def _find_known(self, attachment):
        """Return the settlements that were imported from these very bytes before."""
        attachment.check_access("read")
        return self.env["sp.settlement"]._find_imported_from(attachment, self.company_id)

    def _prepare_known_vals(self, settlement):
        return {
            "file_name": settlement.attachment_name,
            "status": "same",
            "message": self.env._("Already imported; nothing changes."),
            "settlement_ref": settlement.settlement_ref,
            "settlement_id": settlement.id,
            "marketplace_id": settlement.marketplace_id.id,
            "currency_id": settlement.currency_id.id,
            "date_start": settlement.date_start,
            "date_end": settlement.date_end,
            "amount_total": settlement.amount_total,
            "amount_difference": settlement.amount_total - settlement.amount_rows,
            "row_count": settlement.row_count,
        }

    def _prepare_large_vals(self, attachment):
        return {
            "file_name": attachment.name,
            "status": "large",
            "message": self.env._(
                "A large file: it is read in the background once you press Import, and says then "
                "how far it is. You may go on with other work."
            ),
        }

    def _prepare_line_vals(self, report, summary, earlier, stored, places):
        header = summary.header
        settlements = self.env["sp.settlement"]
        status, message, existing = settlements._compare(summary, self.company_id, stored)
        if status == "new" and earlier:
            same = earlier.digest == summary.digest
            status = "same" if same else "different"
            message = (
                self.env._("The same settlement stands in this upload twice; it counts once.")
                if same
                else self.env._("Another file of this upload holds this settlement otherwise.")
            )
        elif status == "new":
            settlement = self.env["sp.settlement.check"]._preview(summary, self.company_id)
            status = "hold" if settlement.state == "held" else "new"
            said = (settlement.hold_reason, settlement.booking_note)
            message = "\n".join(filter(None, said))
        return {
            "file_name": report.document.name,
            "status": status,
            "message": message,
            "settlement_ref": header.settlement_ref,
            "settlement_id": existing.id,
            "marketplace_id": settlements._main_marketplace(summary, places).id,
            "currency_id": settlements._currency(header.currency).id,
            "date_start": header.date_start,
            "date_end": header.date_end,
            "amount_total": float(header.amount_total or 0),
            "amount_difference": float(summary.difference or 0),
            "row_count": summary.row_count,
            "categories": self._describe_categories(summary),
        }

    def _describe_categories(self, summary):
        """One category a line, with its amount; unknown words are named."""
        currency = self.env["sp.settlement"]._currency(summary.header.currency)
        sums = {}
        for line in summary.lines.values():
            sums[line.category] = sums.get(line.category, 0) + line.amount

        def money(amount):
            # A file without a summary row does not say its currency.
            return currency.format(float(amount)) if currency else f"{amount:,.2f}"

        return "\n".join(
            f"{label}: {money(sums[key])}"
            for key, label in category_selection(self.env)
            if key in sums
        )

    def _reopen(self):
        return self._get_records_action(name=self.env._("Import Settlements"), target="new")

    @api.autovacuum
    def _gc_uploads(self):
        """Delete uploads that nobody imported; they hold business data (a day is enough)."""
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("create_date", "<", fields.Datetime.now() - timedelta(days=1)),
            ],
            limit=1000,
        ).unlink()


class SpSettlementImportLine(models.TransientModel):
    """What was found in a file: one settlement, or the reason why it is none."""

    _name = "sp.settlement.import.line"
    _description = "Found Amazon Settlement"

    import_id = fields.Many2one("sp.settlement.import", required=True, ondelete="cascade")
    file_name = fields.Char()
    status = fields.Selection(
        [
            ("new", "Ready"),
            ("hold", "Will be held"),
            ("large", "Not read yet"),
            ("same", "Already imported"),
            ("different", "Other content"),
            ("refused", "Refused"),
            ("left_out", "Left out"),
        ],
        required=True,
    )
    message = fields.Text()
    settlement_ref = fields.Char("Settlement")
    settlement_id = fields.Many2one("sp.settlement", "Imported As")
    marketplace_id = fields.Many2one("sp.marketplace")
    currency_id = fields.Many2one("res.currency")
    date_start = fields.Datetime("From")
    date_end = fields.Datetime("To")
    amount_total = fields.Monetary("Amazon's Total")
    amount_difference = fields.Monetary("Difference")
    row_count = fields.Integer("Rows")
    categories = fields.Text("Found")
