"""Settlements of a marketplace that is not in use wait until somebody says that it is."""

from odoo import models


class SpSettlement(models.Model):
    _inherit = "sp.settlement"

    def _find_blockers(self, plan):
        return self._find_unused() + super()._find_blockers(plan)

    def _find_unused(self):
        """Name the marketplaces of its rows that are not in use on its connection."""
        places = self._unused_places()
        if not places:
            return []
        return [
            self.env._(
                "%(places)s: not in use on %(connection)s. Tick In Use there if this company's "
                "books want these rows.",
                places=", ".join(places.mapped("name")),
                connection=self.connection_id.sudo().name,
            )
        ]

    def _unused_places(self):
        """Return the participations whose *In Use* somebody unticked, of what its rows name."""
        self.ensure_one()
        named = self.line_ids.booked_marketplace_id
        return self.connection_id.sudo().participation_ids.filtered(
            lambda place: (
                place.is_participating and not place.is_active and place.marketplace_id in named
            )
        )
