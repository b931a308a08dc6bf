import io
import logging
import random
from datetime import timedelta

import psycopg2.errors
import psycopg2.extensions

from odoo import api, fields, models

from ...engine.amazon import listing, reports
from ...engine.errors import AmazonError, BadDocument, KeyLost, Rejected, Retryable, TokenExpired
from ...engine.files import document
from ...engine.lines.summary import summarise
from ..common.file_words import describe_problem, translate
from ..common.texts import first_ten
from .reasons import words_of

_logger = logging.getLogger(__name__)
MAX_TRIES = 12
MAX_WAIT = timedelta(hours=12)
#: Longer than any report waits: a later time was set by a clock that ran ahead.
LONGEST_WAIT = timedelta(days=3)
#: So often Amazon may say that it knows nothing of a report that it was still making.
MAX_REFUSALS = 6
#: Statuses of the Reports API in which a report ends without a document for us.
ENDED = ("FATAL", "CANCELLED")


class SpReport(models.Model):
    """One settlement report that Amazon has: finished, fetched, imported. Each step is retried."""

    _name = "sp.report"
    _description = "Amazon Report"
    _inherit = ["sp.chatter.mixin", "sp.alarm.mixin", "mail.thread"]
    _mail_post_access = "read"  # people write what they know of it, and change nothing
    _order = "created_at desc, id desc"
    _rec_name = "report_ref"

    connection_id = fields.Many2one(
        "sp.connection", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    report_ref = fields.Char("Report ID", required=True, readonly=True)
    document_ref = fields.Char("Document ID", readonly=True)
    processing_status = fields.Char(readonly=True, help="In Amazon's words.")
    created_at = fields.Datetime("Created at Amazon", readonly=True)
    date_start = fields.Datetime("From", readonly=True)
    date_end = fields.Datetime("To", readonly=True)
    state = fields.Selection(
        [
            ("unfinished", "Unfinished at Amazon"),
            ("found", "Found"),
            ("fetched", "Fetched"),
            ("imported", "Imported"),
            ("duplicate", "Duplicate"),
            ("failed", "Failed"),
        ],
        default="found",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    tries = fields.Integer(readonly=True)
    retry_at = fields.Datetime(readonly=True, index=True)
    error_message = fields.Text("Last Error", readonly=True)
    error_date = fields.Datetime(readonly=True)
    request_ref = fields.Char("Amazon's Request ID", readonly=True)
    charset = fields.Char(readonly=True, help="As Amazon declared it, if it did.")
    sha256 = fields.Char("Hash of the Content", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", "File", readonly=True)
    settlement_ids = fields.Many2many("sp.settlement", string="Settlements", readonly=True)
    different_settlement_ids = fields.Many2many(
        "sp.settlement",
        "sp_report_different_rel",
        "report_id",
        "settlement_id",
        string="Stored With Other Content",
        readonly=True,
    )

    _report_unique = models.Constraint(
        "UNIQUE(connection_id, report_ref)", "This report is already known."
    )

    # === ACTIONS === #

    def action_retry(self):
        """Try again now what failed or waits."""
        self.check_access("read")
        waiting = self.sudo().filtered(
            lambda report: report.state in ("unfinished", "found", "fetched", "failed")
        )
        for report in waiting:
            is_found = report.document_ref and report.processing_status == "DONE"
            report.write(
                {
                    "state": "fetched"
                    if report.attachment_id
                    else "found"
                    if is_found
                    else "unfinished",
                    "tries": 0,
                    "retry_at": False,
                }
            )
        waiting.activity_unlink(["sp_connector.mail_activity_type_report"])
        self.env.ref("sp_connector.ir_cron_import_reports")._trigger()

    def action_view_settlements(self):
        """Open the settlements that these reports hold."""
        return self.settlement_ids._get_records_action(name=self.env._("Settlements"))

    # === CRON === #

    @api.model
    def _due_domain(self):
        now = fields.Datetime.now()
        return [
            ("state", "in", ("unfinished", "found", "fetched")),
            ("connection_id.state", "in", ("connected", "attention")),
            "|",
            "|",
            ("retry_at", "=", False),
            ("retry_at", "<=", now),
            ("retry_at", ">", now + LONGEST_WAIT),
        ]

    @api.model
    def _cron_import_reports(self):
        """Fetch and import what is due, the oldest first, each report by itself."""
        # Fair: one report of each connection before the second of any.
        searched = fields.Datetime.now()
        due = self.search(self._due_domain(), order="tries, created_at, id")
        turns = {}
        for report in due:
            turns.setdefault(report.connection_id, []).append(report)
        ordered = sorted(
            ((turn, report) for queue in turns.values() for turn, report in enumerate(queue)),
            key=lambda pair: pair[0],
        )
        self.union(*(report for _turn, report in ordered))._dispatch()
        self._come_back(searched)

    def _dispatch(self):
        """Fetch and import these reports, one after the other; see ``sp.connection.sync``."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(self))
        started = fields.Datetime.now()
        ended = {}
        for report in self:
            done = 1
            try:
                with self.env.cr.savepoint():
                    state = report._process()
            except psycopg2.extensions.TransactionRollbackError:
                # Somebody else changed what this one needed: its turn comes again.
                state, done = None, 0
            if state:
                ended.setdefault(report.connection_id, []).append(state)
            if not cron._commit_progress(done):
                break
        self._log_run(started, ended)

    @api.model
    def _log_run(self, started, ended):
        """Write a line per connection: ``ended`` is {connection: [state, …]}."""
        self.env["sp.sync.log"].create(
            [
                {
                    "connection_id": connection.id,
                    "step": "import",
                    "started_at": started,
                    "ended_at": fields.Datetime.now(),
                    "result": "failed"
                    if "failed" in states
                    else "waiting"
                    if {"unfinished", "found", "fetched"} & set(states)
                    else "done",
                    "imported": states.count("imported"),
                    "duplicates": states.count("duplicate"),
                    "failed": states.count("failed"),
                }
                for connection, states in ended.items()
                # That Amazon still makes a report is no news; the report says when it is asked.
                if set(states) != {"unfinished"}
            ]
        )

    @api.model
    def _come_back(self, searched):
        """Ask the scheduler to return when the next report is due; nothing waits in between.

        :param searched: what was due up to then (naive UTC) is in somebody's hands already
        """
        following = self.search(
            [
                ("state", "in", ("unfinished", "found", "fetched")),
                ("connection_id.state", "in", ("connected", "attention")),
                ("retry_at", ">", searched),
            ],
            order="retry_at",
            limit=1,
        )
        if following:
            at = max(following.retry_at, fields.Datetime.now() + timedelta(seconds=1))
            self.env.ref("sp_connector.ir_cron_import_reports")._trigger(at=at)

    def _process(self):
        """Take one report as far as it goes; what fails is noted on it and stops nobody else.

        :return: its state afterwards, or ``None`` where another worker has it
        """
        report = self.try_lock_for_update(allow_referencing=True)
        report.invalidate_recordset()  # what was read before the lock may have changed
        report = report.filtered_domain(self._due_domain())
        if not report:
            return None
        try:
            if report.state == "unfinished":
                report._follow()
            if report.state == "found":
                report._fetch()
            if report.state == "fetched":
                with self.env.cr.savepoint():
                    report._import()
        except (AmazonError, KeyLost) as error:
            report._note_failure(error)
        except psycopg2.OperationalError:
            raise  # the transaction is to be run again as a whole
        except psycopg2.errors.UniqueViolation:
            # Another worker stored the same settlement, which a later look will see.
            report._note_failure(Retryable("busy"))
        except Exception as error:
            # Whatever it is: the reports behind this one must not wait for its repair.
            _logger.exception("Report %s failed", report.report_ref)
            report._note_failure(Retryable("unexpected", after=3600, error=error))
        return report.state

    # === AT AMAZON === #

    @api.model
    def _make(self, connection, infos):
        """Create the reports that Amazon told of, whether it has finished them or not."""
        new = self.create(
            [
                {
                    "connection_id": connection.id,
                    "report_ref": info.report_ref,
                    "created_at": info.created_at,
                    "state": "unfinished",
                }
                for info in infos
            ]
        )
        for report, info in zip(new, infos, strict=True):
            report._note_at_amazon(info)
        return new

    def _note_at_amazon(self, info):
        """Note how far Amazon is with a report that it had not finished, or had given up.

        :param info: the engine's ``ReportInfo``
        """
        self.ensure_one()
        status = info.processing_status
        was_ended = self.state == "failed" and self.processing_status in ENDED
        if self.state != "unfinished" and not (was_ended and status != self.processing_status):
            return
        vals = {
            "processing_status": status,
            "document_ref": info.document_ref or False,
            "date_start": info.date_start,
            "date_end": info.date_end,
            "tries": 0,
            "error_message": False,
        }
        if status == "DONE" and info.document_ref:
            self.write({**vals, "state": "found", "retry_at": False})
            if was_ended:
                self.activity_unlink(["sp_connector.mail_activity_type_report"])
        elif status in ENDED:
            self.write(vals)
            self._give_up(self._words_of_end(status))
        else:
            at = listing.next_question(self.created_at, fields.Datetime.now())
            self.write({**vals, "state": "unfinished", "retry_at": at})

    def _words_of_end(self, status):
        if status == "CANCELLED":
            return self.env._(
                "Amazon cancelled this report (CANCELLED): there was nothing to report, or it was "
                "asked for too often. Look in Seller Central whether its settlement exists, "
                "download it there and upload it with Import."
            )
        return self.env._(
            "Amazon could not make this report (FATAL). Download the settlement in Seller Central "
            "and upload it with Import."
        )

    # === STEPS === #

    def _follow(self):
        """Ask Amazon how far it is with a report that it had not finished."""
        self.ensure_one()
        info = self.env["sp.client"]._ask(
            self.connection_id, lambda partner: reports.one_report(partner, self.report_ref)
        )
        self._note_at_amazon(info)

    def _fetch(self):
        """Download the document and keep its bytes as attachment."""
        self.ensure_one()
        client, connection = self.env["sp.client"], self.connection_id
        link = client._ask(
            connection, lambda partner: reports.document_link(partner, self.document_ref)
        )
        data, charset = client._download(connection, link)
        name = f"{self.report_ref}.txt" + (".gz" if data[:2] == b"\x1f\x8b" else "")
        try:
            sha256 = document.Document(name, data, charset).sha256
        except BadDocument as error:
            raise Retryable("damaged", problem=translate(self.env, error.problem.text)) from None
        self.attachment_id = self.env["sp.settlement"]._keep_file(
            self, name, lambda: io.BytesIO(data)
        )
        self.write(
            {
                "state": "fetched",
                "sha256": sha256,
                "charset": charset,
                "tries": 0,
                "retry_at": False,
            }
        )

    def _import(self):
        """Import the kept document: the same engine and proof as an upload."""
        self.ensure_one()
        settlements = self.env["sp.settlement"]
        outcomes, refusals = [], []
        self.different_settlement_ids = False
        if known := settlements._find_imported_from(self.attachment_id, self.company_id):
            self.settlement_ids |= known
            self._note_import("duplicate")
            return
        for report in settlements._open_attachment(self.attachment_id, self.charset):
            for company, reading, summaries in self._by_company(report):
                stored = settlements._find_stored(summaries, company)
                for summary in summaries.values():
                    status, message, existing = settlements._compare(summary, company, stored)
                    outcomes.append(status)
                    self.settlement_ids |= existing
                    if status == "different":
                        self.different_settlement_ids |= existing
                    if status in ("different", "refused"):
                        refusals.append(message)
                self.settlement_ids |= settlements._import_report(
                    report,
                    company,
                    name=self.attachment_id.name,
                    connection=self.connection_id,
                    summaries=summaries,
                    reading=reading,
                    attachment=self.attachment_id,
                )
            if not report.headers:
                self._give_up(describe_problem(self.env, report.problems[0]))
                return
        if refusals:
            self._give_up("\n".join(first_ten(self.env, refusals)))
        else:
            self._note_import("imported" if "new" in outcomes else "duplicate")

    def _note_import(self, state):
        self.write({"state": state, "error_message": False, "retry_at": False})
        self.env["sp.settlement.gap"]._recheck_at_end(self.company_id)

    def _by_company(self, report):
        """Summarise a file as the company reads it in whose books each settlement belongs.

        Yield (company, its ``_reading``, {settlement id: engine ``Settlement``}).
        """
        settlements, connection = self.env["sp.settlement"], self.connection_id
        reading = settlements._reading(self.company_id)
        found = summarise(report, *reading)
        places = self.env["sp.marketplace"]._by_name()
        of_currency, companies = {}, {}
        for reference, summary in found.items():
            name = summary.header.currency
            if name not in of_currency:  # the same for all that this file brings
                of_currency[name] = self.env["sp.connection.marketplace"]._booking_company(
                    connection,
                    settlements._currency(name),
                    settlements._main_marketplace(summary, places),
                )
            companies[reference] = of_currency[name]
        for company in dict.fromkeys(companies.values()):
            if company != self.company_id:  # its own rules, SKUs and time zone
                reading = settlements._reading(company)
                found = summarise(report, *reading)
            summaries = {
                reference: summary
                for reference, summary in found.items()
                if companies[reference] == company
            }
            yield company, reading, summaries

    # === FAILURES === #

    def _note_failure(self, error):
        """Note an error; what may pass is tried again, later each time, the rest is given up."""
        self.ensure_one()
        now = fields.Datetime.now()
        if error.code == "limit":
            # Not a failure: all of this connection's reports wait for the same bucket.
            self._wait_for_limit(error.after)
            return
        self.write(
            {
                "tries": self.tries + 1,
                "error_message": words_of(self.env, error),
                "error_date": now,
                "request_ref": error.request_id or False,
            }
        )
        if error.operation == "token" or isinstance(error, TokenExpired):
            # Not this report's fault: it waits for the connection to be mended.
            self.retry_at = now + timedelta(hours=1)
        elif self.state == "unfinished":
            self._ask_again_or_give_up(error, now)
        elif isinstance(error, Retryable) and self.tries < MAX_TRIES:
            wait = timedelta(seconds=max(error.after, 30)) * 2 ** min(self.tries - 1, 10)
            jitter = random.uniform(1, 1.25)  # noqa: S311 (spreads retries, keeps no secret)
            self.retry_at = now + min(wait, MAX_WAIT) * jitter
        elif isinstance(error, (Retryable, Rejected)):
            self._give_up(words_of(self.env, error))
        else:
            self.retry_at = now + timedelta(hours=1)

    def _ask_again_or_give_up(self, error, now):
        """Amazon did not say how far it is: patience, as long as it can still know the report."""
        is_forgotten = self.created_at < now - listing.HISTORY
        if isinstance(error, Rejected) and (is_forgotten or self.tries >= MAX_REFUSALS):
            self._give_up(words_of(self.env, error))
            return
        wait = listing.pause(self.tries, getattr(error, "after", 3600), MAX_WAIT)
        self.retry_at = max(now + wait, listing.next_question(self.created_at, now))

    def _wait_for_limit(self, seconds):
        if self.state == "unfinished":
            self.retry_at = fields.Datetime.now() + timedelta(seconds=seconds)
            return
        queue = self.search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("state", "=", "found"),
                "|",
                ("retry_at", "=", False),
                ("retry_at", "<=", fields.Datetime.now()),
            ],
            order="created_at, id",
        )
        # The bucket refills one call at a time: each gets its own time to come back.
        for place, report in enumerate(queue.try_lock_for_update()):
            report.retry_at = fields.Datetime.now() + timedelta(seconds=seconds + 60 * place)

    def _give_up(self, message):
        """Mark as failed and tell the responsible user once."""
        self.ensure_one()
        self.write(
            {
                "state": "failed",
                "error_message": message,
                "error_date": fields.Datetime.now(),
                "retry_at": False,
            }
        )
        connection = self.connection_id
        if not self.activity_ids:
            self._raise_alarm(
                "sp_connector.mail_activity_type_report",
                connection.company_id,
                connection.user_id,
                self.env._("Amazon report %(ref)s failed", ref=self.report_ref),
                message,
            )
