"""A unified connection: the same seller account for another company, by its parent's grant.

Amazon makes one list of reports for a seller account, so the parent alone asks for them. What
belongs to another company is said by *Books Of* on the parent's marketplaces.
"""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...const import BY_PARENT


class SpConnection(models.Model):
    _inherit = "sp.connection"

    books_text = fields.Char("Settlements of", compute="_compute_books_text")

    def _compute_books_text(self):
        for connection in self:
            connection.books_text = ", ".join(connection._booked_here().mapped("name"))

    def _booked_here(self):
        """Return the parent's marketplaces whose settlements belong in this child's company."""
        return self.sudo().parent_id.participation_ids.filtered(
            lambda place: place.booking_company_id == self.company_id
        )

    def _family(self, returning=False):
        """Return this connection and its children, but those that took leave themselves.

        :param returning: also those that only stand still with their parent
        """
        self.ensure_one()
        kept = self.child_ids.filtered(
            lambda child: (
                child.state != "disconnected" or (returning and child.state_reason == BY_PARENT)
            )
        )
        return self | kept

    def _join_parent(self):
        """Take over seller, marketplaces and state from the connection this one is unified with."""
        self.ensure_one()
        parent = self.sudo().parent_id
        commands = [
            Command.create(
                {
                    "marketplace_ref": line.marketplace_ref,
                    "marketplace_id": line.marketplace_id.id,
                    "name": line.name,
                    "country_code": line.country_code,
                    "is_participating": line.is_participating,
                    "has_suspended_listings": line.has_suspended_listings,
                }
            )
            for line in parent.participation_ids
        ]
        self.sudo().write(
            {
                "selling_partner_ref": parent.selling_partner_ref,
                "authorised_at": parent.authorised_at,
                "is_self_authorised": parent.is_self_authorised,
                "amazon_grant": False,
                "participation_ids": [Command.clear(), *commands],
            }
        )
        self._set_state(parent.state, parent.state_reason)

    def action_connect(self):
        """A child has no grant of its own: it comes back to its parent's, or leads there."""
        self.ensure_one()
        if not self.parent_id:
            return super().action_connect()
        self.check_access("write")
        parent = self.sudo().parent_id
        if self.state == "disconnected" and parent.state in ("connected", "attention"):
            self._join_parent()
            return self._get_records_action()
        raise self._leads_to_parent(
            self.env._("This connection uses the authorisation of %(name)s: reconnect that one.")
        )

    def action_replace_token(self):
        """Likewise: the token is its parent's."""
        self.ensure_one()
        if self.parent_id:
            raise self._leads_to_parent(
                self.env._("This connection uses the token of %(name)s: replace it there.")
            )
        return super().action_replace_token()

    def action_sync_now(self):
        """Reports are the seller account's: the parent looks for them, for all its companies."""
        self.ensure_one()
        if not self.parent_id:
            return super().action_sync_now()
        self.check_access("read")
        parent = self.parent_id.sudo(False)
        parent = parent.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        if self.state == "disconnected" or not parent.has_access("read"):
            raise self._leads_to_parent(
                self.env._(
                    "%(name)s looks for the settlements of this seller account, also for this "
                    "company. Ask somebody who may use that connection."
                )
            )
        return parent.action_sync_now()

    def _find_reports(self):
        if self.parent_id:
            # Both would import the same settlement, each into its own company.
            raise self._leads_to_parent(
                self.env._("%(name)s looks for the settlements of this seller account.")
            )
        return super()._find_reports()

    def _leads_to_parent(self, words):
        return UserError(words % {"name": self.sudo().parent_id.name})

    def action_view_settlements(self):
        """Open the settlements of this connection; of a child, what came to its company."""
        action = super().action_view_settlements()
        if self.parent_id:
            action["domain"] = self._settlement_domain()
        return action

    def _settlement_domain(self):
        self.ensure_one()
        return [
            ("connection_id", "=", self.sudo().parent_id.id),
            ("company_id", "=", self.company_id.id),
        ]

    def _compute_settlement_count(self):
        children = self.filtered("parent_id")
        for child in children:
            child.settlement_count = self.env["sp.settlement"].search_count(
                child._settlement_domain()
            )
        return super(SpConnection, self - children)._compute_settlement_count()

    def _words_of_child(self):
        """Return what is wrong with a child, and what to do, or nothing."""
        name = self.sudo().parent_id.name
        places = self.books_text
        if self.state == "disconnected":
            if self.state_reason == BY_PARENT:
                return (
                    self.env._("%(name)s, whose grant it uses, is disconnected.", name=name),
                    self.env._("Connect that one again; this one follows."),
                )
            where = self.env._("The authorisation belongs to %(name)s.", name=name)
            if places:
                where = self.env._(
                    "Settlements of %(places)s still go to this company's books: change Books Of "
                    "on %(name)s.",
                    places=places,
                    name=name,
                )
            return self.env._("This company no longer uses the account."), where
        if not places:
            return (
                self.env._("No settlement comes to this company."),
                self.env._(
                    "Choose %(company)s under Books Of on the marketplaces of %(name)s.",
                    company=self.company_id.name,
                    name=name,
                ),
            )
        return None
