"""The way in: consent in Seller Central, or a pasted refresh token, and what the grant covers."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.amazon import oauth
from ...engine.errors import AmazonError, KeyLost

#: A connection that somebody began and never finished is kept so long.
TRY_LIFE = timedelta(days=1)
#: Reports that were made so long ago Amazon still lists; it keeps them for 90 days.
_SURELY_LISTED = timedelta(days=80)


class SpConnection(models.Model):
    _inherit = "sp.connection"

    connect_note = fields.Char(
        "To Note", readonly=True, copy=False, help="What was unexpected when it was connected."
    )

    # === LEAVING FOR AMAZON === #

    def action_connect(self):
        """Send the browser to Seller Central's consent page; also used to reconnect.

        Amazon has no consent for private applications: there a refresh token is pasted instead.
        """
        self.ensure_one()
        self.check_access("write")
        application = self.application_id.sudo()
        if application.kind == "private":
            return self.action_replace_token()
        if not application.has_secret:
            raise UserError(self.env._("Enter the client secret of the application first."))
        url = oauth.consent_url(
            application._seller_central(self.marketplace_id),
            application.application_ref,
            self.env["sp.oauth.state"]._issue(self),
            application.redirect_uri,
            application.is_draft,
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def action_replace_token(self):
        """Ask for a refresh token of this account, whatever became of the one before."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sp_connector.sp_connect_action_token"
        )
        return {**action, "context": {"default_connection_id": self.id}}

    @api.model
    def _begin(self, vals):
        """Return a draft to leave for Amazon with: the one of an earlier try, or a new one."""
        domain = [(name, "=", vals[name]) for name in vals if name != "is_started_by_amazon"]
        mine = [("is_try", "=", True), ("state", "=", "draft"), ("create_uid", "=", self.env.uid)]
        return self.search(domain + mine, limit=1) or self.create({**vals, "is_try": True})

    @api.autovacuum
    def _gc_tries(self):
        """Delete what was begun more than a day ago and never connected."""
        old = fields.Datetime.now() - TRY_LIFE
        self.with_context(active_test=False).search(
            [("is_try", "=", True), ("state", "=", "draft"), ("write_date", "<", old)], limit=1000
        ).unlink()

    # === WHOSE ACCOUNT === #

    def _check_seller(self, selling_partner_ref, region=None):
        """Return "" if this connection may take this seller's grant, else a reason.

        :param region: where the grant is for, if that is not the connection's region yet
        """
        self.ensure_one()
        if not oauth.is_seller_id(selling_partner_ref):
            return "bad_seller"
        if self.selling_partner_ref and self.selling_partner_ref != selling_partner_ref:
            return "wrong_seller"
        others = self._same_seller(selling_partner_ref, region or self.region)
        return "already_connected" if others else ""

    def _same_seller(self, selling_partner_ref, region):
        """Return who else holds this seller's grant; archived ones count, as the index does."""
        return (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("application_id", "=", self.application_id.id),
                    ("region", "=", region),
                    ("selling_partner_ref", "=", selling_partner_ref),
                    ("parent_id", "=", False),
                    ("id", "not in", self.ids),
                ],
                limit=1,
            )
        )

    def _same_token(self, refresh_token):
        """Return who else uses this refresh token, whatever seller id was typed there.

        Decrypted and compared one by one: there are as many as connections, and nothing is stored
        by which a token could be recognised.
        """
        secrets = self.env["sp.secret"]
        stored = secrets.sudo().search(
            [("res_model", "=", self._name), ("name", "=", "refresh_token")]
        )
        for connection in self.sudo().browse(stored.mapped("res_id")).exists() - self:
            try:
                if secrets._get(connection, "refresh_token") == refresh_token:
                    return connection
            except KeyLost:
                continue
        return self.sudo().browse()

    def _same_reports(self, listed):
        """Return who else has one of the reports that Amazon lists: the same account.

        :param listed: reports as Amazon lists them; their documents' ids are unique
        """
        documents = [report.get("reportDocumentId") for report in listed]
        reports = self.env["sp.report"].sudo()
        return reports.search(
            [
                ("document_ref", "in", [ref for ref in documents if ref]),
                ("connection_id", "not in", self.ids),
            ],
            limit=1,
        ).connection_id

    def _lists_strange_reports(self, listed):
        """Tell whether Amazon lists reports, and none of those it must list for this account."""
        recent = self.sudo().report_ids.filtered(
            lambda report: (
                report.created_at and report.created_at > fields.Datetime.now() - _SURELY_LISTED
            )
        )
        known = set(recent.mapped("report_ref"))
        return bool(known and listed) and not known & {one.get("reportId") for one in listed}

    # === THE GRANT === #

    def _accept_tokens(self, tokens, selling_partner_ref, is_self_authorised=False):
        """Store the tokens of a fresh grant and read what it covers; heals children too.

        :param is_self_authorised: the refresh token was pasted; else the seller consented
        """
        self.ensure_one()
        self.check_access("write")
        connection_sudo = self.sudo()
        connection_sudo._store_tokens(tokens)
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
        connection_sudo._read_participations(tokens.access_token)
        self.env["sp.connection"]._switch_on_crons()

    def _read_participations(self, access_token):
        """Ask Amazon for the marketplaces and, in Europe, the selling plan.

        A refusal leaves them unknown and the connection connected: the Sellers API needs a role
        of its own (Amazon's page "Sellers API").
        """
        self.ensure_one()
        partner = self._partner(access_token)
        try:
            self._store_participations(partner.participations())
            self._correct_country()
            if self.region == "eu":
                self.plan = partner.selling_plan()
        except AmazonError as error:
            self.message_post(
                body=self.env._(
                    "The marketplaces could not be read: %(error)s Test the connection later.",
                    error=error.text,
                )
            )
            try:  # reports refused as well: the grant is of no use here, and that is said
                partner.newest_reports()
            except AmazonError as refused:
                self._note_error(refused)

    def _correct_country(self):
        """Take the country from Amazon where the account is not in the one that was chosen.

        In the Far East each country is an account of its own: who consents with the Australian
        one after choosing Japan has connected Australia.
        """
        lines = self.participation_ids.filtered(
            lambda line: line.marketplace_id.region == self.region
        )
        chosen = self.marketplace_id
        if not lines or chosen in lines.marketplace_id:
            return
        found = (lines.filtered("is_participating") or lines)[0].marketplace_id
        vals = {"marketplace_id": found.id}
        if self.name == self._default_name(chosen):
            vals["name"] = self._default_name(found)
        note = self.env._(
            "%(chosen)s was chosen, but this seller account is not there: Amazon lists %(places)s. "
            "The country was set to %(found)s. If that is the wrong account, disconnect it and "
            "consent as the user of the right one.",
            chosen=chosen.country_id.name,
            places=", ".join(lines.mapped("name")),
            found=found.country_id.name,
        )
        self.write({**vals, "connect_note": note})
        self.message_post(body=note)

    @api.model
    def _default_name(self, marketplace):
        """Return the name that is proposed for a connection: of its region, or its country."""
        regions = dict(self._fields["region"].selection)
        region = marketplace.region
        place = marketplace.country_id.name if region == "fe" else regions.get(region, "")
        return f"Amazon {place}"
