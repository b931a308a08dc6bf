from collections import Counter

from odoo import api, models

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
        keys = [key for key in (card.money and "currency_id", card.by) if key]
        totals = ["__count", *([f"{card.money}:sum"] if card.money else [])]
        sums, parts = Counter(), Counter()
        for values in self.env[card.model]._read_group(card.domain, keys, totals):
            found = dict(zip([*keys, *totals], values, strict=True))
            parts[found.get(card.by)] += found["__count"]
            if card.money:
                sums[found["currency_id"]] += found[totals[-1]]
        return {
            "key": card.key,
            "title": self.env._(card.title),
            "count": parts.total(),
            "amounts": [
                currency.format(amount) + (f" {currency.name}" if len(sums) > 1 else "")
                for currency, amount in sorted(sums.items(), key=lambda item: item[0].name)
            ],
            "icon": card.icon,
            "look": card.look,
            "action": card.action,
            "domain": card.domain,
            "parts": self._show_parts(card, parts) if card.by else [],
        }

    @api.model
    def _show_parts(self, card, counts):
        """Return the parts of a card that count more than nothing, each with its own domain."""
        labels = dict(self.env[card.model]._fields[card.by]._description_selection(self.env))
        labels[False] = self.env._("Other")
        return [
            {
                "title": label,
                "count": counts[value],
                "domain": [*card.domain, (card.by, "=", value)],
            }
            for value, label in labels.items()
            if counts[value]
        ]
