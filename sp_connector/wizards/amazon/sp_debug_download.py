from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, human_size

from ...engine.amazon import reports
from ...engine.amazon.listing import HISTORY
from ...engine.errors import AmazonError, BadDocument, KeyLost
from ...engine.files import document
from ...engine.lines.flat_file import open_reports
from ...engine.lines.summary import summarise
from ...models.amazon.reasons import explain, words_of, words_said
from ...models.common.file_words import translate

#: Lines of the file that are shown, and characters of each.
HEAD_LINES = 8
LINE_LENGTH = 2000


class SpDebugDownload(models.TransientModel):
    """Show what Amazon answers now. Nothing is imported and no file is kept.

    Tokens, the address of a document and secrets never get here: the engine's answers hold none.
    """

    _name = "sp.debug.download"
    _description = "Amazon Debug Download"

    connection_id = fields.Many2one(
        "sp.connection",
        required=True,
        ondelete="cascade",
        domain=[("state", "not in", ("draft", "disconnected"))],
        default=lambda self: self._default_connection_id(),
    )
    question = fields.Selection(
        [("list", "Which reports are there?"), ("report", "What is in one report?")],
        required=True,
        default=lambda self: "report" if self._active_report() else "list",
    )
    report_ref = fields.Char(
        "Report ID", default=lambda self: self._active_report().report_ref or False
    )
    is_answered = fields.Boolean(readonly=True)
    calls = fields.Text("Amazon's Answers", readonly=True)
    problem = fields.Char("What Is Wrong", readonly=True)
    remedy = fields.Char("What to Do", readonly=True)
    line_ids = fields.One2many("sp.debug.download.line", "download_id", readonly=True)
    report_count = fields.Integer("Reports", readonly=True)
    has_more = fields.Boolean(readonly=True)
    processing_status = fields.Char(readonly=True, help="In Amazon's words.")
    created_at = fields.Datetime("Created at Amazon", readonly=True)
    date_start = fields.Datetime("From", readonly=True)
    date_end = fields.Datetime("To", readonly=True)
    size_text = fields.Char("Size", readonly=True)
    compression = fields.Char(readonly=True)
    charset = fields.Char("Character Set", readonly=True)
    sha256 = fields.Char("Hash of the Content", readonly=True)
    head = fields.Text("First Lines", readonly=True)
    verdict = fields.Text("What It Holds", readonly=True)
    known = fields.Char("Here", readonly=True)

    @api.model
    def _active_report(self):
        is_report = self.env.context.get("active_model") == "sp.report"
        return self.env["sp.report"].browse(is_report and self.env.context.get("active_id") or [])

    @api.model
    def _default_connection_id(self):
        connections = self.env["sp.connection"]
        if report := self._active_report():
            return report.connection_id
        if self.env.context.get("active_model") == "sp.connection":
            return connections.browse(self.env.context.get("active_id"))
        found = connections.search([("state", "not in", ("draft", "disconnected"))], limit=2)
        return found if len(found) == 1 else connections

    # === ACTIONS === #

    def action_ask(self):
        """Ask Amazon, and show the answer or in plain words why there is none."""
        self.ensure_one()
        self.connection_id.check_access("write")
        if self.question == "report" and not (self.report_ref or "").strip():
            raise UserError(self.env._("Enter the id of a report, or ask which there are."))
        wizard = self._afresh() if self.is_answered else self
        try:
            if wizard.question == "list":
                wizard._ask_list()
            else:
                wizard._ask_report()
        except (AmazonError, KeyLost, BadDocument) as error:
            wizard._note_error(error)
        return wizard._reopen()

    def action_back(self):
        """Back to the question."""
        self.ensure_one()
        return self._afresh()._reopen()

    def _reopen(self):
        return self._get_records_action(name=self.env._("Debug Download"), target="new")

    def _afresh(self):
        """Return the same question without an answer."""
        return self.create(
            {
                "connection_id": self.connection_id.id,
                "question": self.question,
                "report_ref": self.report_ref,
            }
        )

    def _note_error(self, error):
        self.is_answered = True
        if isinstance(error, BadDocument):
            self.problem, self.remedy = translate(self.env, error.problem.text), ""
        elif error.code == "limit":
            self.problem = words_of(self.env, error)
            self.remedy = self.env._(
                "Ask again in %(seconds)s seconds.", seconds=round(error.after)
            )
        elif error.code == "NotFound":
            self.problem = self.env._("Amazon has no such report for this account.")
            self.remedy = self.env._("Look at the id, or whether it is older than 90 days.")
        else:
            explained = explain(self.env, error.code)
            problem, self.remedy = explained or ("", self.env._("Ask again later."))
            self.problem = words_said(self.env, error, problem or words_of(self.env, error))

    # === QUESTIONS === #

    def _call(self, operation, question):
        """Ask within Amazon's limits, and note status and request id of the answer."""
        partners = []

        def ask(partner):
            partners.append(partner)
            return question(partner)

        try:
            return self.env["sp.client"]._ask_quietly(self.connection_id.sudo(), ask)
        except AmazonError as error:
            if error.code == "limit":  # the last one was not made
                partners.pop()
            raise
        finally:
            for partner in partners:
                self._note_call(operation, partner.status, partner.request_id)

    def _note_call(self, operation, status, request_id=""):
        parts = [operation, str(status or self.env._("no answer"))]
        if request_id:
            parts.append(self.env._("request %(ref)s", ref=request_id))
        self.calls = "\n".join([*(self.calls or "").splitlines(), " · ".join(parts)])

    def _ask_list(self):
        oldest = fields.Datetime.now() - HISTORY
        page = self._call("getReports", lambda partner: reports.first_page(partner, oldest))
        known = self._known_states([info.report_ref for info in page.reports])
        self.write(
            {
                "is_answered": True,
                "report_count": len(page.reports),
                "has_more": bool(page.next_token),
                "line_ids": [
                    Command.create(
                        {
                            "report_ref": info.report_ref,
                            "created_at": info.created_at,
                            "date_start": info.date_start,
                            "date_end": info.date_end,
                            "processing_status": info.processing_status,
                            "known": known.get(info.report_ref, self.env._("New")),
                        }
                    )
                    for info in page.reports
                ],
            }
        )

    def _known_states(self, references):
        """Return {report id: label of its state} of those that are known here."""
        found = self.env["sp.report"].search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("report_ref", "in", references),
            ]
        )
        labels = dict(found._fields["state"]._description_selection(self.env))
        return {report.report_ref: labels[report.state] for report in found}

    def _ask_report(self):
        reference = self.report_ref.strip()
        info = self._call("getReport", lambda partner: reports.one_report(partner, reference))
        self.write(
            {
                "is_answered": True,
                "processing_status": info.processing_status,
                "created_at": info.created_at,
                "date_start": info.date_start,
                "date_end": info.date_end,
                "known": self._known_states([reference]).get(
                    reference, self.env._("Not known here.")
                ),
            }
        )
        if not info.document_ref:
            self.problem = self.env._("Amazon has no document for this report (yet).")
            return
        link = self._call(
            "getReportDocument", lambda partner: reports.document_link(partner, info.document_ref)
        )
        data, charset = self.env["sp.client"]._download(self.connection_id, link)
        self._note_call("download", 200)
        self._examine(data, charset, link.is_gzip)

    def _examine(self, data, charset, is_gzip):
        """Tell of the bytes of a document, and what the engine makes of them."""
        self.size_text = human_size(len(data))
        packed = data[:2] == b"\x1f\x8b"
        self.compression = "GZIP" if packed else self.env._("none")
        if packed != is_gzip:
            told = "GZIP" if is_gzip else self.env._("none")
            self.compression += self.env._(" (Amazon announced: %(told)s)", told=told)
        self.charset = charset or self.env._("not declared")
        found = document.Document(f"{self.report_ref.strip()}.txt", data, charset)
        if packed:
            size = human_size(found.size)
            self.size_text = self.env._(
                "%(packed)s, unpacked %(size)s", packed=self.size_text, size=size
            )
        self.sha256 = found.sha256
        self.charset = self.env._(
            "%(declared)s, read as %(used)s", declared=self.charset, used=found.encoding
        )
        self.head = "\n".join(
            line[:LINE_LENGTH] for _number, line in islice(found.lines(), HEAD_LINES)
        )
        self.verdict = "\n".join(self._verdicts(data, charset))

    def _verdicts(self, data, charset):
        """Yield a line for each settlement in the bytes, and for what is wrong with them."""
        settlements = self.env["sp.settlement"].sudo()
        company = self.connection_id.company_id
        classifier = self.env["sp.category.rule"].sudo()._classifier(company)
        for report in open_reports(f"{self.report_ref.strip()}.txt", data, charset):
            for summary in summarise(report, classifier).values():
                yield self._verdict(summary)
                _status, message, existing = settlements._compare(summary, company)
                yield "    " + (message or self.env._("Not imported yet."))
                if existing:
                    labels = dict(existing._fields["state"]._description_selection(self.env))
                    yield "    " + self.env._("It is: %(state)s.", state=labels[existing.state])
            for problem in report.problems:
                yield f"! {problem}"

    def _verdict(self, summary):
        header = summary.header
        period = " – ".join(
            format_date(self.env, moment) if moment else "?"
            for moment in (header.date_start, header.date_end)
        )
        if header.amount_total is None:
            proof = self.env._("Amazon states no total")
        elif summary.amount_rows == header.amount_total and not summary.bad_count:
            proof = self.env._("the rows add up to it")
        else:
            proof = self.env._("the rows add up to %(amount)s", amount=summary.amount_rows)
        if summary.bad_count:
            proof += self.env._("; %(count)s rows cannot be read", count=summary.bad_count)
        return self.env._(
            "Settlement %(ref)s (%(flavour)s), %(period)s, %(rows)s rows, total %(total)s "
            "%(currency)s: %(proof)s.",
            ref=header.settlement_ref,
            flavour=summary.flavour.upper(),
            period=period,
            rows=summary.row_count,
            total="?" if header.amount_total is None else header.amount_total,
            currency=header.currency,
            proof=proof,
        )


class SpDebugDownloadLine(models.TransientModel):
    """A report as Amazon lists it now."""

    _name = "sp.debug.download.line"
    _description = "Amazon Debug Download Line"

    download_id = fields.Many2one("sp.debug.download", required=True, ondelete="cascade")
    report_ref = fields.Char("Report ID", readonly=True)
    created_at = fields.Datetime("Created at Amazon", readonly=True)
    date_start = fields.Datetime("From", readonly=True)
    date_end = fields.Datetime("To", readonly=True)
    processing_status = fields.Char("At Amazon", readonly=True)
    known = fields.Char("Here", readonly=True)

    def action_look_inside(self):
        """Ask Amazon for this report and look into its document."""
        self.ensure_one()
        self.download_id.write({"question": "report", "report_ref": self.report_ref})
        return self.download_id.action_ask()
