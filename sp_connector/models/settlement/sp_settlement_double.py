"""The same money a second time: booked already, or imported for somebody else too."""

import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import escape_psql


class SpSettlementDouble(models.AbstractModel):
    """Finds what would count the same money twice."""

    _name = "sp.settlement.double"
    _description = "Amazon Settlement, Counted Twice"

    # === IMPORTED ELSEWHERE === #

    @api.model
    def _describe_in_legal_entity(self, settlement):
        """Say in whose books it is, by name if the user may know that company."""
        company = settlement.company_id
        name = (
            company.name
            if company in self.env.user.company_ids
            else self.env._("another branch of the same company")
        )
        return self.env._(
            "Settlement %(ref)s is already imported for %(company)s; in the same legal entity it "
            "would count twice.",
            ref=settlement.settlement_ref,
            company=name,
        )

    @api.model
    def _is_elsewhere(self, settlement):
        """Tell whether another legal entity of this database has imported the settlement too."""
        elsewhere = [
            ("settlement_ref", "=", settlement.settlement_ref),
            "!",
            ("company_id", "child_of", settlement.company_id.sudo().root_id.id),
        ]
        return bool(settlement.sudo().search_count(elsewhere, limit=1))

    # === BOOKED ALREADY === #

    @api.model
    def _double_domain(self, settlement):
        """Return the domain of entries that say they book this settlement and are not its own.

        Such are copies, and those that were booked before the addon was removed and installed
        again: they keep their reference only.
        """
        company = settlement.company_id.sudo()
        return Domain(
            [
                # By hand or by another program perhaps by Amazon's number alone.
                "|",
                ("ref", "=", settlement.settlement_ref),
                "&",
                ("ref", "ilike", f"%{escape_psql(settlement.settlement_ref)}%"),
                ("ref", "ilike", "amazon"),
                ("move_type", "in", ("entry", "out_invoice", "out_refund")),
                ("state", "!=", "cancel"),
                ("company_id", "child_of", company.root_id.id),
                ("id", "not in", self._own_entries(settlement).ids),
                ("sp_transfer_id", "=", False),
                ("sp_opening_id", "=", False),
                ("statement_line_id", "=", False),
                ("reversed_entry_id", "=", False),
                "!",
                ("reversal_move_ids.state", "=", "posted"),
            ]
        )

    @api.model
    def _find_entries(self, settlement):
        """Return the entries that book this settlement already and are not its own."""
        settlement.ensure_one()
        word = re.compile(rf"(?<!\w){re.escape(settlement.settlement_ref)}(?!\w)")
        domain = self._double_domain(settlement)
        found = self.env["account.move"].sudo().search(domain, order="date, id")
        return found.filtered(lambda move: word.search(move.ref))

    @api.model
    def _own_entries(self, settlement):
        """Return its entries; of one that is not stored those that it would find again."""
        return settlement.sudo().move_ids if settlement._origin else self._left_entries(settlement)

    @api.model
    def _left_entries(self, settlements):
        """Return the entries that an earlier import of settlements left behind.

        A settlement can only be deleted when none of them counts any more.
        """
        left = [
            ("sp_settlement_id", "=", False),
            ("sp_settlement_ref", "in", settlements.mapped("settlement_ref")),
            ("company_id", "in", settlements.company_id.ids),
        ]
        return self.env["account.move"].sudo().search(left)

    @api.model
    def _adopt_entries(self, settlements):
        """Find the entries again that an earlier import of these settlements left behind."""
        known = {(item.company_id.id, item.settlement_ref): item for item in settlements}
        for (company, ref), moves in (
            self._left_entries(settlements)
            .grouped(lambda move: (move.company_id.id, move.sp_settlement_ref))
            .items()
        ):
            moves.sp_settlement_id = known.get((company, ref))
