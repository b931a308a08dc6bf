import zoneinfo
from datetime import timedelta, timezone
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ...engine.bank.parts import Rules
from ...engine.lines.summary import Grouping
from ...engine.words.sku import SkuClasses, SkuRule

_MANAGER = "sp_connector.sp_connector_group_manager"
_APPROVAL = {
    "sp_four_eyes",
    "sp_user_approval",
    "sp_user_limit",
    "sp_manager_approval",
    "sp_manager_limit",
}


class ResCompany(models.Model):
    """How a company books Amazon's settlements, and how their payouts meet its bank.

    People change it in ``sp.setup`` and ``sp.bank.settings``. What is said of the bank holds for
    branches, too, as they share its bank accounts.
    """

    _name = "res.company"
    _inherit = ["res.company", "sp.audited"]
    _audited_new = False

    sp_journal_id = fields.Many2one(
        "account.journal",
        string="Amazon Settlements Journal",
        domain="[('type', '=', 'general')]",
    )
    sp_booking_form = fields.Selection(
        [("entry", "Journal entry"), ("invoice", "Customer invoice or credit note")],
        string="Book Settlements As",
        default="entry",
        required=True,
    )
    sp_invoiced_orders = fields.Selection(
        [
            ("income", "Their sales are income, as of all orders"),
            ("invoices", "Their sales pay the invoices and are no income"),
        ],
        string="Orders Invoiced in Odoo",
        default="income",
        required=True,
    )
    sp_invoice_journal_id = fields.Many2one(
        "account.journal",
        string="Amazon Invoices Journal",
        domain="[('type', '=', 'sale')]",
    )
    sp_partner_id = fields.Many2one("res.partner", string="Amazon as a Partner")
    sp_split_months = fields.Boolean("An Entry for Each Month", default=True)
    sp_time_zone = fields.Selection(_tz_get, string="A Month Ends In", default="UTC", required=True)
    sp_last_date = fields.Selection(
        [("end", "The end of the settlement"), ("deposit", "The day of the deposit")],
        string="Date of the Last Entry",
        default="end",
        required=True,
    )
    sp_lock_policy = fields.Selection(
        [("hold", "Hold the settlement"), ("next_open", "Book on the next open day")],
        string="In a Locked Period",
        default="hold",
        required=True,
    )
    sp_accrual_journal_id = fields.Many2one(
        "account.journal",
        string="Amazon Accruals Journal",
        domain="[('type', '=', 'general')]",
    )
    sp_accrual_tax = fields.Selection(
        [("net", "Without tax"), ("with_tax", "With tax")],
        string="Accrue Amazon's Sales and Fees",
        default="net",
        required=True,
    )
    sp_rate_days = fields.Integer("Rates Are Old After (Days)", default=7)
    sp_tax_registration = fields.Selection(
        [("tax_id", "If it has a Tax ID"), ("yes", "Yes"), ("no", "No")],
        string="Registered for Tax",
        default="tax_id",
        required=True,
    )
    sp_default_marketplace_ids = fields.Many2many(
        "sp.marketplace",
        "sp_company_default_marketplace_rel",
        string="Marketplace of Rows Without One",
        # Others read companies too, and may not read marketplaces.
        groups="sp_connector.sp_connector_group_user",
    )

    # --- the bank

    sp_bank_auto = fields.Boolean("Match Amazon's Sure Payouts", default=True)
    sp_bank_days_before = fields.Integer("Days Before Amazon's Deposit Date", default=1)
    sp_bank_days_after = fields.Integer("Days After Amazon's Deposit Date", default=10)
    sp_bank_words = fields.Char("Words for Amazon", default="AMAZON, AMZN, AMZ")
    sp_bank_tolerance = fields.Float("Tolerance of Amazon's Conversions (%)", default=4.0)
    sp_bank_fee_limit = fields.Monetary("Highest Bank Fee of Amazon's Payouts")
    sp_bank_fee_account_id = fields.Many2one("account.account", string="Bank Fees of Payouts")
    sp_bank_cost_account_id = fields.Many2one("account.account", string="Conversion Cost")
    sp_bank_journal_ids = fields.One2many(
        "sp.bank.journal",
        "company_id",
        string="Bank Accounts of Marketplaces",
        # Others read companies too, and may not read marketplaces.
        groups="sp_connector.sp_connector_group_user",
    )

    # --- who approves; of a branch, its root's

    sp_four_eyes = fields.Boolean("Two Persons Post Amazon's Settlements")
    sp_user_approval = fields.Selection(
        [("any", "Any amount"), ("limit", "Up to a limit"), ("none", "Nothing")],
        string="Bookkeepers of Amazon Approve",
        default="any",
        required=True,
    )
    sp_user_limit = fields.Monetary("Limit of Amazon's Bookkeepers")
    sp_manager_approval = fields.Selection(
        [("any", "Any amount"), ("limit", "Up to a limit")],
        string="Managers of Amazon Approve",
        default="any",
        required=True,
    )
    sp_manager_limit = fields.Monetary("Limit of Amazon's Managers")
    # --- the cost of goods; said of a company, it holds for its branches

    sp_cost_source = fields.Selection(
        [
            ("off", "Not booked here"),
            ("listed", "Costs of SKUs"),
            ("product", "Costs of SKUs, else the product's cost"),
        ],
        string="Cost of Amazon's Goods",
        default="off",
        required=True,
    )
    sp_cost_since = fields.Date("Cost of Goods From")
    sp_cost_account_id = fields.Many2one("account.account", string="Cost of Amazon's Goods Sold")
    sp_inventory_account_id = fields.Many2one("account.account", string="Inventory at Amazon")
    sp_cost_refunds = fields.Selection(
        [
            ("none", "Nothing comes back to stock"),
            ("share", "A share comes back to stock"),
            ("all", "All of it comes back to stock"),
        ],
        string="Of Refunded Goods",
        default="none",
        required=True,
    )
    sp_cost_share = fields.Float("Share That Comes Back (%)", digits=(16, 2))
    sp_cost_lost = fields.Boolean("Lost Goods Leave the Stock")

    # === BOOKING === #

    @api.constrains("sp_journal_id", "sp_invoice_journal_id", "sp_accrual_journal_id")
    def _check_sp_journals(self):
        # Odoo checks companies of records that belong to one, and a company does not.
        for company in self.sudo():
            journals = company.sp_journal_id | company.sp_invoice_journal_id
            for journal in journals | company.sp_accrual_journal_id:
                if journal.company_id not in company.parent_ids:
                    raise ValidationError(
                        self.env._(
                            "The journal «%(journal)s» belongs to %(other)s, not to %(company)s.",
                            journal=journal.name,
                            other=journal.company_id.name,
                            company=company.name,
                        )
                    )

    def _sp_open_day(self, day, has_tax, journal):
        """Return the first open day from a day on, and the locks in which that day lies.

        The locks are those that hold for this user, with exceptions (``account.lock_exception``).
        """
        self.ensure_one()
        locks = found = self._get_violated_lock_dates(day, has_tax, journal)
        while found:
            day = max(lock_date for lock_date, _field in found) + timedelta(days=1)
            found = self._get_violated_lock_dates(day, has_tax, journal)
        return day, locks

    def _sp_grouping(self):
        """Return the engine's ``Grouping``: time zone, tax classes and product lines of SKUs."""
        self.ensure_one()
        rules = self.env["sp.sku.rule"].sudo().search([("company_id", "in", self.parent_ids.ids)])
        # The nearest company's rule for the same words replaces its parent's.
        rules = rules.sorted(lambda rule: len(rule.company_id.parent_ids))
        found = [{}, {}]
        for rule in rules:
            for classes, name in zip(found, (rule.tax_class, rule._product_line()), strict=True):
                if name:
                    place = rule.marketplace_id
                    key = rule.pattern.casefold(), place
                    classes[key] = SkuRule(rule.pattern, name, place.name or "")
        return Grouping(self._sp_zone(), *(SkuClasses(classes.values()) for classes in found))

    def _sp_ensure_partner(self):
        """Give these companies Amazon as a partner: every item of theirs names it."""
        for company in self.sudo():
            if company._sp_inherited("sp_partner_id"):
                continue
            # One contact for all companies, unless it is one company's own.
            other = self.sudo().search(
                [("sp_partner_id", "!=", False), ("sp_partner_id.company_id", "=", False)], limit=1
            )
            company.sp_partner_id = other.sp_partner_id or self.env["res.partner"].sudo().create(
                {"name": "Amazon", "is_company": True}
            )

    def _audited_names(self):
        """Keep every setting of this addon, and of the others that begin as it does."""
        return [
            name
            for name, field in self._fields.items()
            if name.startswith("sp_") and field.store and field.type != "one2many"
        ]

    def write(self, vals):
        touches_approval = _APPROVAL & vals.keys()
        if touches_approval and not self.env.su and not self.env.user.has_group(_MANAGER):
            raise AccessError(
                self.env._("Who approves Amazon's settlements is said by their managers.")
            )
        before = [company._sp_describe_approval() for company in self if touches_approval]
        result = super().write(vals)
        for company, text in zip(self, before, strict=False):
            if (now := company._sp_describe_approval()) != text:
                label = self.env._("Approval of Amazon's settlements")
                self.env["sp.audit"]._keep(
                    company, "changed", field_label=label, before=text, after=now
                )
        if "vat" in vals:  # what waited for a tax decision may not need it, or the other way
            self.env["sp.settlement"]._recheck(self)
        return result

    def _sp_is_registered(self):
        """Tell whether it is registered for VAT, GST or the like: undecided taxes then hold.

        As the finance manager says, by default as the tax ID does.
        """
        self.ensure_one()
        for company in self.sudo().parent_ids[::-1]:
            if company.sp_tax_registration != "tax_id":
                return company.sp_tax_registration == "yes"
        return self._sp_has_tax_id()

    def _sp_has_tax_id(self):
        """Tell whether it, or a company it is a branch of, has a tax ID at home or abroad."""
        positions = self.env["account.fiscal.position"].sudo()
        abroad = [
            ("company_id", "in", self.sudo().parent_ids.ids),
            ("foreign_vat", "not in", (False, "", "/")),
        ]
        return self._sp_has_home_tax_id() or bool(positions.search_count(abroad, limit=1))

    def _sp_has_home_tax_id(self):
        """As ``_sp_has_tax_id``, at home alone; Odoo writes ``/`` for "not subject to tax"."""
        return any((company.vat or "").strip(" /") for company in self.sudo().parent_ids)

    def _sp_check_default_marketplaces(self, places):
        """Refuse two marketplaces of one currency for the rows that name none.

        :raises UserError: there are two
        """
        if len(places.currency_id) < len(places):
            raise UserError(
                self.env._("Choose one marketplace for each currency: a row has only one.")
            )

    def _sp_why_unregistered(self):
        """Say why it books without tax, for a company that is not registered."""
        chosen = self.sudo().parent_ids.mapped("sp_tax_registration")
        if "no" in chosen:
            return self.env._("the set-up says that the company is not registered.")
        return self.env._("the company has no Tax ID.")

    def _sp_zone(self):
        """Return the time zone in which a month ends."""
        name = self.sudo().sp_time_zone
        return timezone.utc if name in (False, "UTC") else zoneinfo.ZoneInfo(name)

    def _sp_inherited(self, field_name):
        """Return the value of a field of this company, or of its nearest parent that has one."""
        self.ensure_one()
        for company in self.sudo().parent_ids[::-1]:
            if company[field_name]:
                return company[field_name]
        return self.sudo()[field_name]

    # === APPROVAL === #

    @api.constrains("sp_user_approval", "sp_user_limit", "sp_manager_approval", "sp_manager_limit")
    def _check_sp_approval(self):
        for company in self.sudo():
            user, manager = map(company._sp_approval_limit, (False, True))
            if (company.sp_user_approval == "limit" and user <= 0) or (
                manager is not None and manager <= 0
            ):
                raise ValidationError(self.env._("A limit is more than nothing."))
            if manager is not None and (user is None or user > manager):
                raise ValidationError(
                    self.env._("Managers may approve at least what bookkeepers may.")
                )

    def _sp_approval_limit(self, is_manager):
        """Return what a role may approve: ``None`` for any amount, 0 for nothing."""
        role = "manager" if is_manager else "user"
        how = self.sudo()[f"sp_{role}_approval"]
        return None if how == "any" else self.sudo()[f"sp_{role}_limit"] if how == "limit" else 0.0

    def _sp_describe_approval(self):
        """Say who approves what, in one line."""
        company = self.sudo()
        texts = [self.env._("four eyes") if company.sp_four_eyes else self.env._("one person")]
        for is_manager, role in (
            (False, self.env._("bookkeepers")),
            (True, self.env._("managers")),
        ):
            limit = company._sp_approval_limit(is_manager)
            what = (
                self.env._("any amount")
                if limit is None
                else self.env._("up to %(limit)s", limit=company.currency_id.format(limit))
                if limit
                else self.env._("nothing")
            )
            texts.append(f"{role}: {what}")
        return ", ".join(texts)

    # === BANK === #

    @api.constrains("sp_bank_days_before", "sp_bank_days_after", "sp_bank_tolerance")
    def _check_sp_bank_limits(self):
        for company in self.sudo():
            days = (company.sp_bank_days_before, company.sp_bank_days_after)
            if not all(0 <= number <= 60 for number in days):
                raise ValidationError(self.env._("A payout is looked for within 0 to 60 days."))
            if not 0 <= company.sp_bank_tolerance <= 20:
                raise ValidationError(self.env._("A conversion may differ by 0 to 20 percent."))

    def _sp_bank_rules(self):
        """Return the engine's ``Rules``."""
        company = self.root_id.sudo()
        return Rules(
            before=company.sp_bank_days_before,
            after=company.sp_bank_days_after,
            words=tuple(company._sp_bank_word_list()),
            tolerance=Decimal(str(company.sp_bank_tolerance)),
        )

    def _sp_bank_word_list(self):
        words = (self.root_id.sudo().sp_bank_words or "").split(",")
        return [word.strip() for word in words if word.strip()]

    def _sp_bank_partners(self):
        """Return Amazon as a partner, of these companies and of those they belong to."""
        return self.sudo().parent_ids.sp_partner_id

    # === COST OF GOODS === #

    @api.constrains("sp_cost_source", "sp_cost_since", "sp_cost_share")
    def _check_sp_cost(self):
        for company in self.sudo():
            if company.sp_cost_source != "off" and not company.sp_cost_since:
                raise ValidationError(
                    self.env._("Say from which day on the cost of goods is booked.")
                )
            if not 0 <= company.sp_cost_share <= 100:
                raise ValidationError(self.env._("A share is between 0 and 100 percent."))

    def _sp_values_stock(self):
        """Tell whether Odoo's own inventory valuation books what goods cost when they are sold."""
        root = self.root_id.sudo()
        if "inventory_valuation" not in root._fields:  # of the addon stock_account
            return False
        categories = self.env["product.category"].sudo().with_company(root)
        return root.inventory_valuation == "real_time" or bool(
            categories.search_count([("property_valuation", "=", "real_time")], limit=1)
        )
