from odoo import api, models
from odoo.fields import Domain

from .cards import CARDS


class SpHome(models.AbstractModel):
    """What the first page of the app shows: what needs a person, each connection, the first run.

    All of it is asked for when the page opens, for the companies of Odoo's switcher; nothing is
    stored. What is counted and what a click opens is one domain.
    """

    _name = "sp.home"
    _description = "Amazon Home"

    @api.model
    def get_home(self):
        """Return everything the page shows, in the user's language."""
        self.env["sp.settlement"].check_access("read")
        connections = self.env["sp.home.connections"]
        return {
            "cards": [self._show(card) for card in CARDS if self._may_see(card)],
            "connections": connections._show(),
            "connection_count": connections._count(),
            "first_run": self.env["sp.home.first.run"]._show(),
            "is_manager": self._is_manager(),
        }

    @api.model
    def _is_manager(self):
        return self.env.user.has_group("sp_connector.sp_connector_group_manager")

    # === CARDS === #

    @api.model
    def _may_see(self, card):
        return self.env[card.model].has_access("read")

    @api.model
    def _show(self, card):
        """Count the records of a card, with one query."""
        flags = [flag for flag, _title in card.parts]
        keys = ["currency_id", *flags] if card.money else flags
        totals = ["__count", *([f"{card.money}:sum"] if card.money else [])]
        count, sums, parts = 0, {}, dict.fromkeys([*flags, None], 0)
        for values in self.env[card.model]._read_group(card.domain, keys, totals):
            values = dict(zip([*keys, *totals], values, strict=True))
            count += values["__count"]
            if card.money:
                currency = values["currency_id"]
                sums[currency] = sums.get(currency, 0) + values[totals[-1]]
            raised = [flag for flag in flags if values[flag]]
            for flag in raised or [None]:
                parts[flag] += values["__count"]
        return {
            "key": card.key,
            "title": self.env._(card.title),
            "count": count,
            "amounts": [
                currency.format(amount)
                for currency, amount in sorted(sums.items(), key=lambda item: item[0].name)
            ],
            "icon": card.icon,
            "look": card.look,
            "action": card.action,
            "domain": card.domain,
            "parts": self._show_parts(card, parts) if card.parts else [],
        }

    @api.model
    def _show_parts(self, card, counts):
        """Return the parts of a card that count more than nothing, each with its own domain."""
        titles = {**dict(card.parts), None: card.rest}
        return [
            {
                "title": self.env._(titles[flag]),
                "count": count,
                "domain": list(Domain(card.domain) & self._of_part(card, flag)),
            }
            for flag, count in counts.items()
            if count
        ]

    @api.model
    def _of_part(self, card, flag):
        if flag:
            return Domain(flag, "=", True)
        return Domain.AND(Domain(other, "=", False) for other, _title in card.parts)
