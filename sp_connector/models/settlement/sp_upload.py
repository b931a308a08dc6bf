import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, format_duration, human_size

from ...engine.lines.summary import summarise
from ..common.file_words import describe_problem
from ..common.texts import first_ten
from .upload_watch import Cancelled, Watch

_logger = logging.getLogger(__name__)
#: Bytes from which on a file is read in the background: some 20,000 rows, packed or not.
LARGE, LARGE_PACKED = 4_000_000, 400_000
#: So often a worker may die with a file before it is given up.
MAX_STARTS = 3
#: Without a sign for so long, the worker that reads it is dead.
SILENCE = timedelta(minutes=1)


class SpUpload(models.Model):
    """A large file that somebody uploaded: the scheduler imports it, all of it or nothing."""

    _name = "sp.upload"
    _description = "Uploaded Amazon File"
    _inherit = ["sp.chatter.mixin", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"  # people write what they know of it, and change nothing
    _order = "id desc"

    name = fields.Char("File", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    attachment_id = fields.Many2one("ir.attachment", readonly=True)
    size = fields.Char(compute="_compute_size")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("imported", "Imported"),
            ("duplicate", "Duplicate"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    message = fields.Text("Last Error", readonly=True)
    settlement_ids = fields.Many2many("sp.settlement", string="Settlements", readonly=True)
    is_running = fields.Boolean(compute="_compute_progress")
    percent = fields.Integer("Progress", compute="_compute_progress", aggregator=None)
    progress = fields.Char("Read So Far", compute="_compute_progress")

    @api.depends("attachment_id.file_size")
    def _compute_size(self):
        for upload in self:
            upload.size = human_size(upload.sudo().attachment_id.file_size)

    @api.depends("state")
    def _compute_progress(self):
        """What the worker last said, which it says in transactions of its own."""
        found = {}
        if self.ids:
            query = SQL("SELECT * FROM sp_upload_progress WHERE upload_id = ANY(%s)", self.ids)
            found = {said["upload_id"]: said for said in self.env.execute_query_dict(query)}
        now = fields.Datetime.now()
        for upload in self:
            said = found.get(upload.id)
            upload.is_running = upload.state == "waiting"
            upload.percent = 100 if upload.state in ("imported", "duplicate") else 0
            upload.progress = False
            if upload.state == "waiting" and said and said["seen_at"] > now - SILENCE:
                upload.percent = said["percent"]
                upload.progress = upload._describe_progress(said, now)

    def _describe_progress(self, said, now):
        percent = max(said["percent"], 1)
        seconds = (now - said["started_at"]).total_seconds() * (100 - percent) / percent
        remaining = format_duration(seconds / 3600) if seconds >= 60 else self.env._("a minute")
        if said["row_count"]:
            return self.env._(
                "%(done)s of %(count)s rows stored, less than %(time)s remaining",
                done=f"{said['row_done']:,}",
                count=f"{said['row_count']:,}",
                time=remaining,
            )
        return self.env._("being read, less than %(time)s remaining", time=remaining)

    # === ACTIONS === #

    def action_cancel(self):
        """Stop the import of these files; nothing of them is stored."""
        self.check_access("read")
        waiting = self.sudo().filtered(lambda upload: upload.state == "waiting")
        idle = waiting.try_lock_for_update(allow_referencing=True)
        idle.state = "cancelled"
        for upload in waiting - idle:
            Watch(upload).cancel()

    def action_retry(self):
        """Import again what failed or was cancelled."""
        self.check_access("read")
        ended = self.sudo().filtered(lambda upload: upload.state in ("failed", "cancelled"))
        ended.write({"state": "waiting", "message": False})
        ended.activity_unlink(["mail.mail_activity_data_warning"])
        for upload in ended:
            Watch(upload).forget()
        self._trigger()

    def action_view_settlements(self):
        """Open the settlements of these files."""
        return self.settlement_ids._get_records_action(name=self.env._("Settlements"))

    # === TAKING === #

    @api.model
    def _is_large(self, attachment):
        """Tell whether a file is too large to be read while somebody waits."""
        size = attachment.file_size
        if size < LARGE_PACKED or size >= LARGE:
            return size >= LARGE
        with attachment.sudo()._sp_opener()() as stream:
            return stream.read(2) in (b"\x1f\x8b", b"PK")

    @api.model
    def _take(self, attachments, company):
        """Put files into the queue of the scheduler; ``attachments`` become theirs.

        :return: the uploads, as the user
        """
        company.check_access("read")
        uploads = self.sudo().create(
            [{"name": file.name, "company_id": company.id} for file in attachments]
        )
        for upload, file in zip(uploads, attachments.sudo(), strict=True):
            vals = {"name": file.name, "res_model": self._name, "res_id": upload.id}
            upload.attachment_id = file._sp_create_sharing([vals])
        self._trigger()
        return uploads.sudo(False)

    @api.model
    def _trigger(self):
        self.env.ref("sp_connector.ir_cron_import_uploads").sudo()._trigger()

    # === CRON === #

    @api.model
    def _cron_import_uploads(self):
        """Import the files that wait, each by itself."""
        cron = self.env["ir.cron"]
        waiting = self.search([("state", "=", "waiting")], order="id")
        cron._commit_progress(remaining=len(waiting))
        for upload in waiting:
            done = 1
            try:
                with self.env.cr.savepoint():
                    upload._process()
            except psycopg2.extensions.TransactionRollbackError:
                done = 0  # somebody else changed what it needed: its turn comes again
            if not cron._commit_progress(done):
                break

    def _process(self):
        """Import one file; what fails is noted on it and stops no other."""
        upload = self.try_lock_for_update(allow_referencing=True)
        upload.invalidate_recordset()
        if not upload or upload.state != "waiting":
            return
        watch = Watch(upload)
        try:
            # Noted before: of a worker that dies nothing else remains.
            if watch.start(upload.attachment_id.file_size) > MAX_STARTS:
                upload._give_up(
                    upload.env._(
                        "%(count)s workers died while they read this file. Ask your "
                        "administrator to look into the log of the server, then try again.",
                        count=MAX_STARTS,
                    )
                )
                return
            with upload.env.cr.savepoint():
                upload._import(watch)
        except Exception as error:
            if watch.is_cancelled or isinstance(error, Cancelled):
                upload.state = "cancelled"
            elif isinstance(error, psycopg2.OperationalError):
                watch.end()
                raise  # the transaction is to be run again as a whole
            else:
                _logger.exception("Upload %s failed", upload.name)
                upload._give_up(upload.env._("Unexpected: %(error)s", error=error))
        watch.end()

    def _import(self, watch):
        self.ensure_one()
        company = self.company_id
        # As who uploaded it.
        settlements = self.env(
            user=self.create_uid.id, context={"allowed_company_ids": company.ids}
        )["sp.settlement"]
        known = settlements._find_imported_from(self.attachment_id, company)
        found, new, refusals = known, settlements.browse(), []
        reports = settlements._open_attachment(self.attachment_id, watch=watch)
        for report in reports if not known else ():
            reading = settlements._reading(company)
            summaries = summarise(report, *reading)
            if not summaries:
                refusals.append(
                    f"{report.document.name}: {describe_problem(self.env, report.problems[0])}"
                )
            stored = settlements._find_stored(summaries, company)
            for summary in summaries.values():
                status, message, existing = settlements._compare(summary, company, stored)
                found |= existing
                if status in ("different", "refused"):
                    refusals.append(message)
            new |= settlements._import_report(
                report,
                company,
                summaries=summaries,
                reading=reading,
                attachment=self.attachment_id,
                watch=watch,
            )
        self.settlement_ids = found | new
        if refusals:
            self._give_up("\n".join(first_ten(self.env, refusals)))
        else:
            self.write({"state": "imported" if new else "duplicate", "message": False})

    def _give_up(self, message):
        self.write({"state": "failed", "message": message})
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("%(file)s was not imported", file=self.name),
            user_id=self.create_uid.id,
        )
