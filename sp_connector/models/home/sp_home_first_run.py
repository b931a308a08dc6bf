from odoo import api, models

from ..settlement.states import BOOKED

_NAMES = 3


class SpHomeFirstRun(models.AbstractModel):
    """The way from the installed app to the first posted settlement of a company.

    Where somebody stands is seen from settlements, mapping and ledger, so it can be left and gone
    on with by anybody.
    """

    _name = "sp.home.first.run"
    _description = "Amazon First Run"

    @api.model
    def _show(self):
        """Return the steps of the company in use, or ``False`` once a settlement was posted."""
        company = self.env.company
        settlements = self.env["sp.settlement"]
        states = dict(
            settlements._read_group([("company_id", "=", company.id)], ["state"], ["__count"])
        )
        if any(state in states for state in ("partly", "posted", "changed")):
            return False
        first = settlements.search(
            [("company_id", "=", company.id), ("state", "!=", "empty")],
            order="date_end, id",
            limit=1,
        )
        connected = self.env["sp.connection"].search_count(
            [("company_id", "=", company.id), ("state", "in", ("connected", "attention"))], limit=1
        )
        done = {
            "source": bool(states or connected),
            "setup": self._is_set_up(company),
            "look": bool(states.keys() & set(BOOKED)),
            "post": False,
        }
        return {
            "company": company.name if len(self.env.companies) > 1 else "",
            "done": done,
            "current": next(step for step, is_done in done.items() if not is_done),
            "first_id": first.id,
            "first_name": first.id and first._notice_title(),
            "is_held": first.state == "held",
            "is_waiting": bool(connected and not states),
            "managers": self._managers(company),
            "is_simulated": bool(
                self.env["sp.application"].search_count(
                    [("environment", "=", "simulator")], limit=1
                )
            ),
        }

    @api.model
    def _is_set_up(self, company):
        """Tell whether there are a journal and accounts, and nothing that came waits for more.

        What never came may stay undecided for ever.
        """
        if not company._sp_inherited("sp_journal_id"):
            return False
        mapping = self.env["sp.account.mapping"].sudo()
        mine = [("company_id", "in", company.sudo().parent_ids.ids)]
        if not mapping.search_count([*mine, ("category", "=", "deposit")], limit=1):
            return False
        waits = [
            ("company_id", "=", company.id),
            ("state", "=", "held"),
            "|",
            ("needs_tax", "=", True),
            "&",
            ("needs_mapping", "=", True),
            ("has_unknown", "=", False),  # words are another question
        ]
        return not self.env["sp.settlement"].search_count(waits, limit=1)

    @api.model
    def _managers(self, company):
        """Name those who may do what this user may not."""
        group = self.env.ref("sp_connector.sp_connector_group_manager")
        found = (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", group.ids),
                    ("company_ids", "in", company.ids),
                    ("share", "=", False),
                ],
                limit=_NAMES,
            )
        )
        return ", ".join(found.mapped("name"))
