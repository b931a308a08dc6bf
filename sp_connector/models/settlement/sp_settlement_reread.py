"""Settlements that an earlier version read otherwise: ids that were rewritten, files read anew."""

from odoo import api, models

from ...engine.books.lines import plan_line
from ...engine.files.rewritten import is_rewritten_id, original_id
from ...engine.lines.summary import summarise
from ..common.file_words import describe_problem
from .states import UNBOOKED


class SpSettlementReread(models.AbstractModel):
    """Reads kept files as this version reads them; what an update calls once."""

    _name = "sp.settlement.reread"
    _description = "Amazon Settlement, Reading Files Again"

    @api.model
    def _restore_ids(self):
        """Give settlements the id that Amazon gave them, where a program had rewritten it.

        Where the same settlement is stored under its own id too, it may be booked twice: a person
        is asked to undo one of them.
        """
        everything = [("settlement_ref", "!=", False)]  # once, at the update
        settlements = self.env["sp.settlement"].sudo()
        for settlement in settlements.search(everything, order="id"):
            rewritten = settlement.settlement_ref
            if not (is_rewritten_id(rewritten) and original_id(rewritten)):
                continue
            original = original_id(rewritten)
            twin = settlements.search(
                [
                    ("company_id", "=", settlement.company_id.id),
                    ("settlement_ref", "=", original),
                ]
            )
            if twin:
                self._warn(
                    settlement,
                    self.env._(
                        "This is settlement %(ref)s, which is stored twice: a program had "
                        "rewritten its id to %(rewritten)s. Undo and delete one of the two.",
                        ref=original,
                        rewritten=rewritten,
                    ),
                )
            else:
                settlement.settlement_ref = original
                settlement._message_log(
                    body=self.env._(
                        "A program had rewritten the settlement id to %(rewritten)s.",
                        rewritten=rewritten,
                    )
                )

    @api.model
    def _plan_lines(self, settlement):
        """Return the engine's lines as the kept file would give them now.

        Stored lines keep their ids; those that would be new have names of their own. ``None`` where
        the stored lines are what the file gives, or the file is not there any more.
        """
        if not (settlement.lines_outdated and settlement.attachment_id):
            return None
        stored = {line._summary_line().key: line.id for line in settlement.line_ids}
        places = {
            line.marketplace_name or "": line.booked_marketplace_id.id or None
            for line in settlement.line_ids
        }
        reading = settlement._reading(settlement.company_id)
        for report in settlement._open_attachment(settlement.attachment_id, settlement.encoding):
            summary = summarise(report, *reading).get(settlement.settlement_ref)
            if summary and summary.digest == settlement.digest:
                return [
                    plan_line(line, stored.get(key, f"new {number}"), places[key.marketplace_name])
                    for number, (key, line) in enumerate(summary.lines.items())
                ]
        return None

    @api.model
    def _read_files_again(self):
        """Read what is not booked, and what people uploaded, as this version reads it.

        What is not booked is stored anew where that differs. Of what is booked a person is told.
        """
        settlements = (
            self.env["sp.settlement"]
            .sudo()
            .search(
                [
                    ("attachment_id", "!=", False),
                    "|",
                    ("state", "in", UNBOOKED),
                    ("connection_id", "=", False),
                ]
            )
        )
        for settlement in settlements:
            self._read_file_again(settlement)
        settlements._check()

    def _read_file_again(self, settlement):
        settlement.ensure_one()
        reading = settlement._reading(settlement.company_id)
        problem = self.env._("Its file cannot be read any more.")
        for report in settlement._open_attachment(settlement.attachment_id, settlement.encoding):
            summaries = summarise(report, *reading)
            summary = summaries.get(settlement.settlement_ref)
            if summary and settlement._currency(summary.header.currency):
                self._take_over(settlement, report, summary, reading)
                return
            if report.problems:
                problem = describe_problem(self.env, report.problems[0])
                if report.problems[0].code == "missing" and settlement.state not in UNBOOKED:
                    return  # a database without its file store: nothing is known against the entry
        self._distrust(settlement, problem)

    def _take_over(self, settlement, report, summary, reading):
        if summary.digest == settlement.digest and summary.proved:
            return
        if settlement.state not in UNBOOKED:
            if not (summary.proved or summary.is_empty):
                self._distrust(settlement, "\n".join(settlement._describe_problems(summary)))
            return
        places = self.env["sp.marketplace"]._by_name()
        settlement.write(
            settlement._prepare_settlement_vals(summary, settlement.company_id, places)
        )
        settlement.line_ids.unlink()  # and their rows
        reference = settlement.settlement_ref
        settlement._store_lines(
            report, {reference: summary}, {reference: settlement}, reading, places
        )
        settlement._message_log(
            body=self.env._("Its file was read again, as this version reads it: lines differ.")
        )

    def _distrust(self, settlement, problem):
        if settlement.state in UNBOOKED:
            settlement.file_problem = problem
        else:
            self._warn(
                settlement,
                self.env._(
                    "Read again, its file does not prove what is booked. Compare the entry with "
                    "the settlement in Seller Central.\n%(problem)s",
                    problem=problem,
                ),
            )

    def _warn(self, settlement, text):
        """Ask the person who imported it to look at a settlement."""
        user = settlement.create_uid
        if not user.active or user.share:
            user = self.env.ref("base.user_admin")
        settlement.activity_schedule(
            "mail.mail_activity_data_warning", summary=text.partition("\n")[0], user_id=user.id
        )
        settlement._message_log(body=text)
