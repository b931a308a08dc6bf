"""From Amazon's file to records: settlements, lines and rows."""

import io

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.errors import Problem
from ...engine.lines.flat_file import COPIED, Nameless, Report, open_reports
from ...engine.lines.summary import summarise
from ...engine.words.categories import DEPOSIT
from ..common.file_words import describe_problems
from ..common.texts import first_ten
from ..meaning.category_labels import category_selection
from .states import UNBOOKED

#: psycopg2 asks for 8 KB at a time otherwise.
_PIECE = 64 * 1024


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    lines_outdated = fields.Boolean(
        readonly=True,
        copy=False,
        help="It was booked with lines that would be others today; they are made anew once it is "
        "taken back.",
    )

    @api.model
    def _open_attachment(self, attachment, charset=None, watch=None):
        """Yield an engine ``Report`` for each file in an attachment (one, or a ZIP's many).

        The file is streamed from the file store; see ``flat_file.Report``.

        :param watch: an ``upload_watch.Watch`` that counts what is read
        """
        try:
            opener = attachment._sp_opener(watch and watch.open)
        except FileNotFoundError:
            text = self.env._("The kept file is no longer in Odoo's file store.")
            yield Report(Nameless(attachment.name), problems=[Problem("missing", text)])
            return
        yield from open_reports(attachment.name, opener, charset)

    @api.model
    def _reading(self, company):
        """Return what a company reads files with: its ``Classifier`` and its ``Grouping``."""
        return self.env["sp.category.rule"]._classifier(company), company._sp_grouping()

    @api.model
    def _find_stored(self, references, company):
        """Find what is stored of these settlements already, all of a file at once.

        :return: {reference: record} of the company itself, and of others in its legal entity
        """
        company = company.sudo()
        # A branch shares the books of its parents: there it would count twice.
        domain = [("settlement_ref", "in", list(references))]
        own = self.sudo().search([*domain, ("company_id", "=", company.id)])
        entity = [("company_id", "child_of", company.root_id.id), ("company_id", "!=", company.id)]
        others = self.sudo().search([*domain, *entity])
        return tuple({item.settlement_ref: item for item in found} for found in (own, others))

    @api.model
    def _compare(self, summary, company, stored=None):
        """Say how a summarised settlement of a file relates to what is stored.

        :param summary: an engine ``summary.Settlement``
        :param stored: what ``_find_stored`` says, where many are compared
        :return: (status, explanation, existing record); status is ``new``, ``same``,
            ``different`` or ``refused``
        """
        header, reference = summary.header, summary.header.settlement_ref
        if not header.currency:
            return "refused", "\n".join(self._describe_problems(summary)), self.browse()
        if not self._currency(header.currency):
            return (
                "refused",
                self.env._(
                    "Currency «%(code)s» is unknown to Odoo, so nothing can be stored.",
                    code=header.currency,
                ),
                self.browse(),
            )
        own, others = stored or self._find_stored([reference], company)
        existing = own.get(reference, self.browse())
        if not existing:
            if twin := others.get(reference):
                message = self.env["sp.settlement.double"]._describe_in_legal_entity(twin)
                return "refused", message, existing
            return "new", "", existing
        if existing.digest == summary.digest:
            return "same", self.env._("Already imported; nothing changes."), existing
        return "different", existing._describe_difference(summary), existing

    def _describe_difference(self, summary):
        """Say in which numbers a file differs from this stored settlement."""
        self.ensure_one()
        currency = self.currency_id
        parts = [
            self.env._(
                "Settlement %(ref)s is already imported with other content; this file is refused.",
                ref=self.settlement_ref,
            )
        ]
        if summary.flavour != self.flavour:
            parts.append(
                self.env._(
                    "Stored is the %(stored)s form, this file is the %(file)s form of it.",
                    stored=self.flavour.upper(),
                    file=summary.flavour.upper(),
                )
            )
        numbers = [
            (self.env._("total"), self.amount_total, float(summary.header.amount_total or 0)),
            (self.env._("sum of rows"), self.amount_rows, float(summary.amount_rows)),
        ]
        stored = dict(
            self.env["sp.settlement.line"]._read_group(
                [("settlement_id", "=", self.id)], ["category"], ["amount:sum"]
            )
        )
        found = {}
        for line in summary.lines.values():
            found[line.category] = found.get(line.category, 0) + line.amount
        labels = dict(category_selection(self.env, DEPOSIT))
        for category in labels:
            numbers.append(
                (labels[category], stored.get(category, 0.0), float(found.get(category, 0)))
            )
        changes = [
            self.env._(
                "%(what)s: stored %(old)s, file %(new)s",
                what=what,
                old=currency.format(old),
                new=currency.format(new),
            )
            for what, old, new in numbers
            if currency.compare_amounts(old, new)
        ]
        if self.row_count != summary.row_count:
            changes.append(
                self.env._(
                    "rows: stored %(old)s, file %(new)s", old=self.row_count, new=summary.row_count
                )
            )
        if changes:
            parts.append(self.env._("What differs: %(changes)s.", changes="; ".join(changes)))
        else:
            parts.append(self.env._("All amounts agree; single cells of the rows differ."))
        if self.state in UNBOOKED:
            parts.append(self.env._("To replace it, delete the stored settlement first."))
        return " ".join(parts)

    @api.model
    def _import_report(
        self,
        report,
        company,
        name=None,
        connection=None,
        summaries=None,
        reading=None,
        attachment=None,
        watch=None,
    ):
        """Store every new settlement of a report: record, lines, rows and the source file.

        What is stored already is left as it is. All or nothing: an error stores nothing.

        :param report: an engine ``flat_file.Report``
        :param connection: the seller account the report came from
        :param name: of the kept file, the document's own where left out
        :param summaries: what ``summarise`` said of the report, if the caller asked already, and
        :param reading: with which ``_reading``: another one would have to read the file again
        :param attachment: what the report was read from, if it was an attachment
        :param watch: an ``upload_watch.Watch`` that is to know how many rows will be stored
        :return: the new settlements
        """
        company.check_access("read")  # what follows is done with all rights
        reading = reading or self._reading(company)
        if summaries is None:
            summaries = summarise(report, *reading)
        stored = self._find_stored(summaries, company)
        new = {
            reference: summary
            for reference, summary in summaries.items()
            if self._compare(summary, company, stored)[0] == "new"
        }
        if not new:
            return self.browse()
        places = self.env["sp.marketplace"]._by_name()
        settlements = self.sudo().create(
            [
                {
                    **self._prepare_settlement_vals(summary, company, places),
                    "connection_id": connection.id if connection else False,
                    "encoding": report.document.encoding,
                    # All of a file or not: see _find_imported_from.
                    "file_settlement_count": len(new) if len(new) == len(report.headers) else 0,
                }
                for summary in new.values()
            ]
        )
        by_reference = dict(zip(new, settlements, strict=True))
        if watch:
            watch.expect(sum(summary.row_count for summary in new.values()))
        self._store_lines(report, new, by_reference, reading, places)
        kept = self._keep_file(
            settlements, name or report.document.name, report.document.stream, attachment
        )
        for settlement, file in zip(settlements, kept, strict=True):
            settlement.attachment_id = file
        if report.notes:
            body = "\n".join(first_ten(self.env, describe_problems(self.env, report.notes)))
            settlements._message_log_batch(bodies=dict.fromkeys(settlements.ids, body))
        self.env["sp.settlement.double"]._adopt_entries(settlements)
        settlements._check()
        settlements._recheck_chain()
        self.env["sp.elsewhere"]._log(settlements)
        self.env["sp.opening"]._log(settlements)
        if connection:
            self.env["sp.notice"]._announce_settlements(connection, settlements)
            self.env["sp.autopost.run"]._trigger(connection)
            self.env["sp.control.sync"]._trigger(connection)
        return settlements.sudo(False)

    @api.model
    def _store_lines(self, report, summaries, settlements, reading, places):
        """Store lines and rows of settlements, given by their references.

        :param reading: the ``_reading`` the summaries were made with
        """
        Line = self.env["sp.settlement.line"].sudo()
        keys, vals_list = [], []
        for reference, settlement in settlements.items():
            summary = summaries[reference]
            for key, line in summary.lines.items():
                keys.append((reference, key))
                vals_list.append(Line._prepare_line_vals(settlement, line, summary, places))
        line_ids = dict(zip(keys, Line.create(vals_list).ids, strict=True))
        self._copy_rows(report, reading, settlements, line_ids)
        self.browse(item.id for item in settlements.values())._check_stored_rows(summaries)

    @api.model
    def _find_imported_from(self, attachment, company):
        """Return the settlements of a file if these very bytes were imported, all of them.

        Odoo knows files by their hash, so the file is not even opened. Where one of its
        settlements is missing, or came from another file, the file is to be read.
        """
        if not attachment.store_fname:
            return self.browse()
        found = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("attachment_id.store_fname", "=", attachment.store_fname),
            ],
            order="id",
        )
        is_all = found and set(found.mapped("file_settlement_count")) == {len(found)}
        return found if is_all else self.browse()

    @api.model
    def _regroup_unbooked(self, companies):
        """Make the lines anew after tax classes or the time zone changed, and look again.

        Booked ones keep the lines that explain their entries until they are taken back.
        """
        settlements = self.sudo().search([("company_id", "child_of", companies.ids)])
        settlements.lines_outdated = True
        if not self.env.context.get("sp_connector_recheck_later"):
            settlements._check()

    def _regroup(self):
        """Derive lines from the kept files again; rows and amounts are what they were."""
        self.lines_outdated = False
        places = self.env["sp.marketplace"]._by_name()
        for settlement in self.filtered("attachment_id"):
            reference = settlement.settlement_ref
            reading = self._reading(settlement.company_id)
            for report in self._open_attachment(settlement.attachment_id, settlement.encoding):
                # Asked first: the headers alone would take a reading of their own.
                summaries = summarise(report, *reading)
                summary = summaries.get(reference)
                if not summary or summary.digest != settlement.digest:
                    continue  # a file of the same archive
                settlement.line_ids.unlink()  # and their rows
                self._store_lines(report, summaries, {reference: settlement}, reading, places)
                break
            else:
                settlement.file_problem = self.env._(
                    "Its lines must be made anew, and its file cannot be read any more. Delete the "
                    "settlement and import it again."
                )

    @api.model
    def _keep_file(self, records, name, opener, attachment=None):
        """Keep Amazon's file, byte for byte, as an attachment of each record.

        :param opener: a function that opens it as a binary stream
        :param attachment: has the same bytes already: they are not stored again
        """
        vals_list = [
            {
                "name": name,
                # Not text/…: Odoo would index every word of it (ir.attachment._index).
                "mimetype": "application/x-tab-separated-values",
                "res_model": record._name,
                "res_id": record.id,
            }
            for record in records
        ]
        attachments = self.env["ir.attachment"].sudo()
        if attachment and not attachment._sp_is_archive():
            return attachment.sudo()._sp_create_sharing(vals_list)
        return attachments._sp_create_streamed(vals_list, opener)

    @api.model
    def _prepare_settlement_vals(self, summary, company, places):
        header = summary.header
        return {
            "settlement_ref": header.settlement_ref,
            "company_id": company.id,
            "marketplace_id": self._main_marketplace(summary, places).id,
            "currency_id": self._currency(header.currency).id,
            "flavour": summary.flavour,
            "date_start": header.date_start,
            "date_end": header.date_end,
            "date_deposit": header.date_deposit,
            "date": summary.date_booked,
            "amount_total": float(header.amount_total or 0),
            "has_total": header.amount_total is not None,
            "amount_rows": float(summary.amount_rows),
            "row_count": summary.row_count,
            "bad_row_count": summary.bad_count,
            "file_problem": "\n".join(self._describe_problems(summary)) or False,
            "digest": summary.digest,
        }

    @api.model
    def _describe_problems(self, summary):
        """Say what is wrong with a settlement in a file: the first ten, and how many more."""
        texts = describe_problems(self.env, [*summary.problems, *summary.bad_rows])
        return first_ten(self.env, texts, summary.problem_count + summary.bad_count)

    @api.model
    def _currency(self, code):
        return (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", code)], limit=1)
        )

    @api.model
    def _main_marketplace(self, summary, places):
        """The marketplace of most rows, else the only one with the settlement's currency."""
        counts = {}
        for key, line in summary.lines.items():
            place = places(key.marketplace_name)
            if place and not place.is_other_channel:
                counts[place] = counts.get(place, 0) + line.row_count
        if counts:
            return max(counts, key=counts.get)
        candidates = self.env["sp.marketplace"].search(
            [("currency_id.name", "=", summary.header.currency), ("is_other_channel", "=", False)],
            limit=2,
        )
        return candidates if len(candidates) == 1 else self.env["sp.marketplace"]

    @api.model
    def _copy_rows(self, report, reading, settlements, line_ids):
        """Load the rows with COPY: the ORM would take minutes for what takes seconds (SQL)."""
        self.env.flush_all()
        summarise(report, *reading)  # known, if it was these rules that were asked for last
        chunks = report.copy_rows(
            {
                (reference, key): f"{settlements[reference].id}\t{line_id}"
                for (reference, key), line_id in line_ids.items()
            }
        )
        columns = ", ".join(("settlement_id", "line_id", *COPIED))
        self.env.cr.copy_expert(
            # Amazon's blank cells are no texts.
            f"COPY sp_settlement_row ({columns}) FROM STDIN WITH (NULL '')",  # pylint: disable=sql-injection
            _ChunkReader(chunks),
            _PIECE,
        )
        self.env["sp.settlement.row"].invalidate_model()
        self.env["sp.settlement"].invalidate_model(["row_ids"])
        self.env["sp.settlement.line"].invalidate_model(["row_ids"])

    def _check_stored_rows(self, summaries):
        """Prove that the database holds what was read: rows and their sum, by settlement.

        The sums of the table itself (SQL): the ORM would answer from the lines.
        """
        self.env.cr.execute(
            "SELECT settlement_id, count(*), sum(amount) FROM sp_settlement_row"
            " WHERE settlement_id = ANY(%s) GROUP BY settlement_id",
            [self.ids],
        )
        stored = {key: (count, amount) for key, count, amount in self.env.cr.fetchall()}
        for settlement in self:
            count, amount = stored.get(settlement.id, (0, 0))
            summary = summaries[settlement.settlement_ref]
            if count != summary.row_count or settlement.currency_id.compare_amounts(
                float(amount), float(summary.amount_rows)
            ):
                raise UserError(
                    self.env._(
                        "Settlement %(ref)s was not stored completely (%(count)s of %(expected)s "
                        "rows); nothing is imported. Try again.",
                        ref=settlement.settlement_ref,
                        count=count,
                        expected=summary.row_count,
                    )
                )


class _ChunkReader(io.RawIOBase):
    """The file that COPY reads from, made of an iterator: memory does not grow with the rows."""

    def __init__(self, chunks):
        super().__init__()
        self._chunks = chunks
        self._buffer = bytearray()

    def read(self, size=-1):
        """Return up to ``size`` bytes, ``b""`` at the end."""
        while size < 0 or len(self._buffer) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._buffer += chunk
        size = len(self._buffer) if size < 0 else size
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data
