"""The grant of a seller account: whose it is, what it covers, how it is given back."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from ...const import BY_PARENT
from ...engine.amazon import oauth, reports
from ...engine.amazon.listing import HISTORY
from ...engine.amazon.regions import REGIONS
from ...engine.errors import AmazonError, KeyLost, Revoked
from ..amazon.reasons import words_of

#: Reports that were made so long ago Amazon still lists; it keeps them for 90 days.
_SURELY_LISTED = timedelta(days=80)


class SpGrant(models.AbstractModel):
    """Takes the authorisation of a seller for a connection, and gives it back."""

    _name = "sp.grant"
    _description = "Amazon Grant"

    # === WHOSE ACCOUNT === #

    @api.model
    def _check_seller(self, connection, selling_partner_ref, region=None):
        """Return "" if a connection may take this seller's grant, else a reason.

        :param region: where the grant is for, if that is not the connection's region yet
        """
        if not oauth.is_seller_id(selling_partner_ref):
            return "bad_seller"
        if connection.selling_partner_ref and connection.selling_partner_ref != selling_partner_ref:
            return "wrong_seller"
        others = self._same_seller(connection, selling_partner_ref, region or connection.region)
        return "already_connected" if others else ""

    @api.model
    def _same_seller(self, connection, selling_partner_ref, region):
        """Return who else holds this seller's grant; archived ones count, as the index does."""
        return (
            connection.sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("application_id", "=", connection.application_id.id),
                    ("region", "=", region),
                    ("selling_partner_ref", "=", selling_partner_ref),
                    ("parent_id", "=", False),
                    ("id", "not in", connection.ids),
                ],
                limit=1,
            )
        )

    @api.model
    def _same_token(self, connection, refresh_token):
        """Return who else uses this refresh token, whatever seller id was typed there.

        Decrypted and compared one by one: there are as many as connections, and nothing is stored
        by which a token could be recognised.
        """
        secrets = self.env["sp.secret"]
        stored = secrets.sudo().search(
            [("res_model", "=", connection._name), ("name", "=", "refresh_token")]
        )
        others = connection.sudo().browse(stored.mapped("res_id")).exists() - connection
        for other in others:
            try:
                if secrets._get(other, "refresh_token") == refresh_token:
                    return other
            except KeyLost:
                continue
        return others.browse()

    @api.model
    def _same_reports(self, connection, listed):
        """Return who else has one of the reports that Amazon lists: the same account.

        :param listed: list of ``ReportInfo``; the ids of their documents are unique
        """
        documents = [info.document_ref for info in listed if info.document_ref]
        found = (
            self.env["sp.report"]
            .sudo()
            .search(
                [("document_ref", "in", documents), ("connection_id", "not in", connection.ids)],
                limit=1,
            )
        )
        return found.connection_id

    @api.model
    def _lists_strange_reports(self, connection, listed):
        """Tell whether Amazon lists reports, and none of those it must list for this account."""
        since = fields.Datetime.now() - _SURELY_LISTED
        recent = connection.sudo().report_ids.filtered(
            lambda report: report.created_at and report.created_at > since
        )
        known = set(recent.mapped("report_ref"))
        return bool(known and listed) and not known & {info.report_ref for info in listed}

    # === TAKEN === #

    @api.model
    def _accept(self, connection, tokens, selling_partner_ref, is_self_authorised=False):
        """Store the tokens of a fresh grant and read what it covers; heals children too.

        :param is_self_authorised: the refresh token was pasted; else the seller consented
        """
        connection.check_access("write")
        connection_sudo = connection.sudo()
        self.env["sp.client"]._store_tokens(connection_sudo, tokens)
        connection_sudo.write(
            {
                "active": True,
                "is_try": False,
                "selling_partner_ref": selling_partner_ref,
                "announced_days": 0,
                "connect_note": False,
                "next_sync_at": fields.Datetime.now(),
                "look_tries": 0,
            }
        )
        family = connection_sudo._family(returning=True)
        family.write(
            {
                "authorised_at": fields.Datetime.now(),
                "is_self_authorised": is_self_authorised,
                "amazon_grant": False,
            }
        )
        family._set_state("connected")
        connection_sudo.activity_unlink(["sp_connector.mail_activity_type_reconnect"])
        self._read_participations(connection_sudo, tokens.access_token)
        self.env["sp.daily.watch"]._switch_on_crons()

    @api.model
    def _read_participations(self, connection, access_token):
        """Ask Amazon for the marketplaces and, in Europe, the selling plan.

        A refusal leaves them unknown and the connection connected: the Sellers API needs a role
        of its own (docs/facts/api.md, "Sellers API").
        """
        client = self.env["sp.client"]
        with client._partner(connection, access_token) as partner:
            try:
                self.env["sp.connection.marketplace"]._store(connection, partner.participations())
                self._correct_country(connection)
                if connection.region == "eu":
                    connection.plan = partner.selling_plan()
            except AmazonError as error:
                connection.message_post(
                    body=self.env._(
                        "The marketplaces could not be read: %(error)s Test the connection later.",
                        error=words_of(self.env, error),
                    )
                )
                try:  # reports refused as well: the grant is of no use here, and that is said
                    reports.first_page(partner, fields.Datetime.now() - HISTORY)
                except AmazonError as refused:
                    client._note_error(connection, refused)
                    if refused.code == "no_access":
                        reason = self._why_refused(connection, access_token)
                        connection._set_state("attention", reason, refused.request_id)

    @api.model
    def _why_refused(self, connection, access_token, seller=""):
        """Tell a wrong region from a missing role, which Amazon refuses with the same words.

        A token is good for all regions of its account: where another one answers, the account is
        there.

        :param seller: whose account it is, while the connection does not know it yet
        :return: a code of ``reasons.REASONS``: ``region_na`` and so on, or ``no_role``; or
            ``no_access`` where Amazon gave no clear answer
        """
        client, clear = self.env["sp.client"], True
        for region in REGIONS:
            if region == connection.region:
                continue
            with client._partner(connection, access_token, seller, region) as partner:
                try:
                    reports.first_page(partner, fields.Datetime.now() - HISTORY)
                except AmazonError as error:
                    clear = clear and error.code == "no_access"
                else:
                    return f"region_{region}"
        return "no_role" if clear else "no_access"

    @api.model
    def _correct_country(self, connection):
        """Take the country from Amazon where the account is not in the one that was chosen.

        In the Far East each country is an account of its own: who consents with the Australian
        one after choosing Japan has connected Australia.
        """
        lines = connection.participation_ids.filtered(
            lambda line: line.marketplace_id.region == connection.region
        )
        chosen = connection.marketplace_id
        if not lines or chosen in lines.marketplace_id:
            return
        found = (lines.filtered("is_participating") or lines)[0].marketplace_id
        vals = {"marketplace_id": found.id}
        if connection.name == connection._default_name(chosen):
            vals["name"] = connection._default_name(found)
        note = self.env._(
            "%(chosen)s was chosen, but this seller account is not there: Amazon lists %(places)s. "
            "The country was set to %(found)s. If that is the wrong account, disconnect it and "
            "consent as the user of the right one.",
            chosen=chosen.country_id.name,
            places=", ".join(lines.mapped("name")),
            found=found.country_id.name,
        )
        connection.write({**vals, "connect_note": note})
        connection.message_post(body=note)

    @api.model
    def _join_parent(self, connection):
        """Take over seller, marketplaces and state from the connection this one is unified with."""
        parent = connection.sudo().parent_id
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
        connection.sudo().write(
            {
                "selling_partner_ref": parent.selling_partner_ref,
                "authorised_at": parent.authorised_at,
                "is_self_authorised": parent.is_self_authorised,
                "amazon_grant": False,
                "participation_ids": [Command.clear(), *commands],
            }
        )
        connection._set_state(parent.state, parent.state_reason)

    # === GIVEN BACK === #

    @api.model
    def _at_amazon(self, connection):
        """Return ``gone``, ``held`` or ``unreachable``: only ``invalid_grant`` proves it gone."""
        try:
            refresh_token = self.env["sp.secret"]._get(connection, "refresh_token")
            if not refresh_token:
                # Nothing to ask with. What was found when the tokens were erased still counts.
                return connection.amazon_grant or "unknown"
            with self.env["sp.client"]._lwa(connection.application_id) as lwa:
                lwa.refresh(refresh_token)
        except Revoked:
            return "gone"
        except (AmazonError, KeyLost):
            return "unreachable"
        return "held"

    @api.model
    def _revoke(self, connection):
        """Revoke at Amazon where that is possible; say where it was not."""
        try:
            self.env["sp.client"]._revoke(connection)
        except (AmazonError, KeyLost) as error:
            connection.message_post(
                body=self.env._(
                    "The revocation endpoint did not answer: %(error)s",
                    error=words_of(self.env, error),
                )
            )

    @api.model
    def _leave(self, connection, found):
        """Forget the tokens of a connection; without them its children stand still too.

        :param found: the grant at Amazon, as ``_at_amazon`` found it
        """
        family = connection.sudo()._family()
        self._erase_tokens(connection)
        connection._set_state("disconnected")
        (family - connection)._set_state("disconnected", BY_PARENT)
        family.amazon_grant = found if found in ("gone", "held") else "unknown"
        connection.message_post(body=self._words_of_leave(connection, found))

    @api.model
    def _erase_tokens(self, connections):
        """Forget all tokens of connections, and the consents that are under way."""
        self.env["sp.secret"]._erase(connections)
        self.env["sp.oauth.state"].sudo().search(
            [("connection_id", "in", connections.ids)]
        ).unlink()

    @api.model
    def _words_of_leave(self, connection, found):
        """Return what the chatter says of a disconnection: what is left at Amazon, and where."""
        if connection.parent_id:
            words = self.env._(
                "Disconnected: this company leaves. The authorisation of %(name)s stays.",
                name=connection.sudo().parent_id.name,
            )
            return f"{words} {connection._words_of_child()[1]}" if connection.books_text else words
        if found == "gone":
            return self.env._("Disconnected. Amazon no longer holds the authorisation.")
        if connection.by_token and found == "held":
            return self.env._(
                "Disconnected here. Amazon STILL HOLDS the authorisation: the developer revokes "
                "it, in the developer console: Edit app, Authorize, Manage Authorizations, "
                "Self-Authorizations."
            )
        if connection.by_token:
            return self.env._(
                "Disconnected here. Whether Amazon still holds the authorisation is not known: "
                "look in the developer console: Edit app, Authorize, Manage Authorizations."
            )
        if found == "held":
            return self.env._(
                "Disconnected here. Amazon STILL HOLDS the authorisation: remove the application "
                "in Seller Central, Apps and Services, Manage Your Apps, Disable authorization."
            )
        return self.env._(
            "Disconnected here. Whether Amazon still holds the authorisation is not known: look "
            "in Seller Central, Apps and Services, Manage Your Apps."
        )
