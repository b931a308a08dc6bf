"""Books by itself what a company lets it book, and says on each other settlement why not."""

import psycopg2

from odoo import api, fields, models

from ...engine.books.autopost import EARLIER, Known, figures, fold, stops
from ...engine.books.findings import Finding, dump

_WORDS = ("transaction_type", "amount_type", "amount_description")
#: What only waits, for its day or for Amazon.
_WAITS = ("auto_waits", "auto_control_waits")


class SpAutopostRun(models.AbstractModel):
    """Asks the engine about each settlement that waits, and books it as a person would."""

    _name = "sp.autopost.run"
    _description = "Amazon Automatic Posting, Run"

    @api.model
    def _cron_run(self):
        """Go through what waits, the earliest first, each settlement in its own transaction."""
        cron = self.env["ir.cron"]
        waiting = [
            (policy, settlement)
            for policy in self.env["sp.autopost"].search([("mode", "!=", "off")])
            for settlement in self._waiting(policy)
        ]
        cron._commit_progress(remaining=len(waiting))
        for policy, settlement in waiting:
            done = 1
            try:
                with self.env.cr.savepoint():
                    self._consider(policy, settlement)
            except psycopg2.extensions.TransactionRollbackError:
                done = 0  # somebody works on it: its turn comes again
            if not cron._commit_progress(done):
                break

    @api.model
    def _trigger(self, connection):
        """Have new settlements looked at soon, where a company lets that happen."""
        on = [("connection_id", "=", connection.id), ("mode", "!=", "off")]
        if self.env["sp.autopost"].sudo().search_count(on, limit=1):
            self.env.ref("sp_connector.ir_cron_autopost").sudo()._trigger()

    def _waiting(self, policy):
        return self.env["sp.settlement"].search(
            [
                ("connection_id", "=", policy.connection_id.id),
                ("company_id", "=", policy.company_id.id),
                ("state", "=", "review"),
                ("date_end", ">=", policy.date_from),
            ],
            order="date_end, id",
        )

    def _consider(self, policy, settlement):
        """Book a settlement with the rights of who turned this on, or note what stops it."""
        settlement._check()
        if settlement.state != "review":
            return
        if found := self._stops(policy, settlement):
            self._note(settlement, found)
            return
        user = policy.user_id
        if not user.active:
            reason = self.env._(
                "%(user)s, who turned it on, is archived. Somebody else turns it on again.",
                user=user.name,
            )
            self._note(settlement, [Finding("auto_refused", {"reason": reason})])
            return
        context = {"allowed_company_ids": policy.company_id.ids, "lang": user.lang, "tz": user.tz}
        mine = self.env(user=user.id, su=False, context=context)
        is_proposal = policy.mode == "post" and settlement.has_four_eyes
        operation = (
            "propose_by_itself" if is_proposal else "post" if policy.mode == "post" else "book"
        )
        outcome = mine["sp.batch.run"]._do(operation, settlement.with_env(mine))
        if outcome and not outcome.is_done:
            self._note(settlement, [Finding("auto_refused", {"reason": outcome.reason})])
            return
        self._note(settlement, ())
        if is_proposal:
            return  # the proposal says it
        told = settlement.with_context(lang=user.lang)
        told._message_log(
            body=told.env._(
                "Booked by itself: nothing about it is new. %(user)s turned that on for "
                "%(connection)s.",
                user=user.name,
                connection=policy.connection_id.name,
            )
        )

    def _note(self, settlement, findings):
        # What only waits for its day is no exception that a person should look for.
        stopped = any(finding.code not in _WAITS for finding in findings)
        vals = {"auto_findings": dump(findings) or False, "is_auto_stopped": stopped}
        self.env["sp.settlement.check"]._write_changes(settlement, vals)

    # === WHAT IS USUAL === #

    def _stops(self, policy, settlement):
        """Return the engine's findings against booking it without a person."""
        arrived, today = (
            fields.Datetime.context_timestamp(
                settlement.with_context(tz=policy.user_id.tz), moment
            ).date()
            for moment in (settlement.create_date, fields.Datetime.now())
        )
        return stops(
            settlement._decide(),
            policy._policy(settlement),
            self._known(settlement),
            arrived=arrived,
            today=today,
            others=tuple(one.move.id for one in self.env["sp.elsewhere"]._find(settlement)),
            is_chain_broken=bool(settlement._open_gaps()),
            was_sent_again=bool(settlement.different_report_ids),
            statement_difference=settlement._decimal(settlement.control_ids.amount_difference),
            awaits_statement=settlement.control_state == "waiting",
        )

    def _known(self, settlement):
        """Return what the posted settlements of the same account and currency are like."""
        same = [
            ("connection_id", "=", settlement.connection_id.id),
            ("company_id", "=", settlement.company_id.id),
            ("currency_id", "=", settlement.currency_id.id),
            ("state", "=", "posted"),
        ]
        posted = self.env["sp.settlement"].search(same, order="date_end desc, id desc")
        lines = self.env["sp.settlement.line"]
        words = lines._read_group(
            [("settlement_id", "in", posted.ids), ("has_amount", "=", True)],
            [*_WORDS, "marketplace_name"],
        )
        sums = {}
        for one, category, amount in lines._read_group(
            [("settlement_id", "in", posted[:EARLIER].ids)],
            ["settlement_id", "category"],
            ["amount:sum"],
        ):
            sums.setdefault(one, {})[category] = settlement._decimal(amount)
        return Known(
            frozenset(fold(word or "" for word in triple) for *triple, _name in words),
            frozenset(name for *_triple, name in words if name),
            tuple(
                figures(settlement._decimal(one.amount_total), sums.get(one, {}))
                for one in posted[:EARLIER]
            ),
        )
