"""The way out: revoke at Amazon where that is possible, check, forget the tokens."""

import requests

from odoo import models

from ...const import BY_PARENT
from ...engine.amazon import transport
from ...engine.errors import AmazonError, KeyLost, Revoked


class SpConnection(models.Model):
    _inherit = "sp.connection"

    def action_disconnect(self):
        """Open the guided way out."""
        self.ensure_one()
        self.check_access("write")
        return self.env["sp.disconnect"].create({"connection_id": self.id})._reopen()

    def _grant_at_amazon(self):
        """Return ``gone``, ``held`` or ``unreachable``: only ``invalid_grant`` proves it gone."""
        self.ensure_one()
        try:
            refresh_token = self.env["sp.secret"]._get(self, "refresh_token")
            if not refresh_token:
                # Nothing to ask with. What was found when the tokens were erased still counts.
                return self.amazon_grant or "unknown"
            self.application_id._lwa().refresh(refresh_token)
        except Revoked:
            return "gone"
        except (AmazonError, KeyLost):
            return "unreachable"
        return "held"

    def _revoke(self):
        """Call the application's revocation endpoint (RFC 7009), where it has one."""
        self.ensure_one()
        application = self.application_id
        if not application.revocation_url:
            return
        secrets = self.env["sp.secret"]
        try:
            application._check_sealed()
            transport.call(
                requests.Session(),
                "POST",
                application.revocation_url,
                headers={"User-Agent": application._agent()},
                form={
                    "token": secrets._get(self, "refresh_token"),
                    "token_type_hint": "refresh_token",
                    "client_id": application.client_id,
                    "client_secret": secrets._get(application, "client_secret"),
                },
            )
        except (AmazonError, KeyLost) as error:
            self.message_post(
                body=self.env._("The revocation endpoint did not answer: %(error)s", error=error)
            )

    def _disconnect(self, grant):
        """Forget the tokens of this connection; without them its children stand still too."""
        self.ensure_one()
        family = self.sudo()._family()
        self.sudo()._erase_tokens()
        self._set_state("disconnected")
        (family - self)._set_state("disconnected", BY_PARENT)
        family.amazon_grant = grant if grant in ("gone", "held") else "unknown"
        self.message_post(body=self._words_of_leave(grant))

    def _words_of_leave(self, grant):
        """Return what the chatter says of a disconnection: what is left at Amazon, and where."""
        if self.parent_id:
            words = self.env._(
                "Disconnected: this company leaves. The authorisation of %(name)s stays.",
                name=self.sudo().parent_id.name,
            )
            return f"{words} {self._words_of_child()[1]}" if self.books_text else words
        if grant == "gone":
            return self.env._("Disconnected. Amazon no longer holds the authorisation.")
        if self.by_token and grant == "held":
            return self.env._(
                "Disconnected here. Amazon STILL HOLDS the authorisation: the developer revokes "
                "it, in the developer console: Edit app, Authorize, Manage Authorizations, "
                "Self-Authorizations."
            )
        if self.by_token:
            return self.env._(
                "Disconnected here. Whether Amazon still holds the authorisation is not known: "
                "look in the developer console: Edit app, Authorize, Manage Authorizations."
            )
        if grant == "held":
            return self.env._(
                "Disconnected here. Amazon STILL HOLDS the authorisation: remove the application "
                "in Seller Central, Apps and Services, Manage Your Apps, Disable authorization."
            )
        return self.env._(
            "Disconnected here. Whether Amazon still holds the authorisation is not known: look "
            "in Seller Central, Apps and Services, Manage Your Apps."
        )
