"""What the tests of proposed taxes share."""

from odoo.fields import Command

from ..models.meaning.category_labels import category_label
from .common import MANAGER, SpCase

#: What proposals are for, as people read it.
SALES = "Sales, Shipping charged to buyers, Gift wrap charged to buyers, Promotions, Refunds"
FEES = "Selling fees, FBA fees, Storage fees, Subscription"
ADS = "Advertising"
OTHER = "Other (needs your account)"
ALL_FEES = "Selling fees, FBA fees, Storage fees, Subscription, Advertising"
SINCE = "from 08/01/2024"


class TaxSetupCase(SpCase):
    """A company in a country, its manager, and the proposals it gets."""

    @classmethod
    def establish(cls, code, currency="EUR", vat=True):
        """Make a company of a country with accounts; ``cls.env`` becomes its manager's."""
        cls.shop = cls.make_company(f"Shop {code}", currency, code.lower())
        if vat:
            cls.shop.with_context(no_vat_validation=True).vat = f"{code}1"
        cls.keeper = cls.make_user(f"keeper_{code}", MANAGER, cls.shop)
        cls.env = cls.root_env(user=cls.keeper, context={"allowed_company_ids": cls.shop.ids})
        cls.mappings = cls.env["sp.account.mapping"]

    @classmethod
    def decide_taxes(cls, company):
        """Nothing is decided: that is what these tests are about."""

    @classmethod
    def make_tax(cls, name, amount, use="sale", reverse=False, country=None, **vals):
        """Make a tax as a person would: with a name that says nothing."""
        country = cls.root_env.ref(f"base.{country}") if country else cls.shop.country_id
        group = cls.root_env["account.tax.group"].search(
            [("company_id", "=", cls.shop.id), ("country_id", "=", country.id)], limit=1
        ) or cls.root_env["account.tax.group"].create(
            {"name": "VAT", "company_id": cls.shop.id, "country_id": country.id}
        )
        parts = [Command.create({"repartition_type": "base"})]
        for factor in (100, -100) if reverse else (100,):
            parts.append(Command.create({"repartition_type": "tax", "factor_percent": factor}))
        return cls.root_env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "type_tax_use": use,
                "company_id": cls.shop.id,
                "country_id": country.id,
                "tax_group_id": group.id,
                "invoice_repartition_line_ids": parts,
                "refund_repartition_line_ids": parts,
                **vals,
            }
        )

    @classmethod
    def place(cls, code):
        return cls.root_env.ref(f"sp_connector.sp_marketplace_{code}")

    def places(self, *codes):
        return self.root_env["sp.marketplace"].union(*map(self.place, codes))

    def countries(self, *codes):
        found = (self.root_env.ref(f"base.{code}") for code in codes)
        return self.root_env["res.country"].union(*found)

    def propose(self, *places, registered=None):
        """What is proposed for the marketplaces of these countries."""
        service, company = self.env["sp.tax.proposals"], self.shop.with_env(self.env)
        if registered is None:
            countries = service._registered_countries(company)
        else:
            countries = self.countries(*registered)
        sells_on = self.places(*places) if places else service._places(company)
        return service._propose(company, countries, sells_on.with_env(self.env))

    def labels(self, decision):
        return ", ".join(category_label(self.env, category) for category in decision.categories)

    def limits(self, decision):
        """The limits of a decision as people read them, but for the marketplace."""
        _place, fulfillment, form, tax_class, date_from = decision.limits
        line = self.env["sp.setup.line"].new(
            {
                "fulfillment": fulfillment or False,
                "tax_form": form or False,
                "tax_class": tax_class or False,
                "date_from": date_from,
            }
        )
        return line.limits

    def state(self, decision):
        if decision.mode == "undecided":
            return "open"
        if decision.mode != "none" and not decision.taxes:
            return "no_tax"
        return "already" if decision.is_settled else "new"

    def shown(self, decisions, place=None):
        """Decisions of a marketplace as people read them; tax by its name."""
        taxes = self.env["account.tax"]
        return [
            (
                self.labels(decision),
                self.limits(decision),
                decision.mode,
                taxes.browse(decision.taxes).name or "",
                self.state(decision),
                decision.is_certain,
            )
            for decision in decisions
            if place is None or decision.limits.marketplace == self.place(place).id
        ]

    def find(self, decisions, labels, limits="", place=None):
        """The one decision of these categories and limits, in a marketplace."""
        (found,) = (
            decision
            for decision in decisions
            if (self.labels(decision), self.limits(decision)) == (labels, limits)
            and (place is None or decision.limits.marketplace == self.place(place).id)
        )
        return found

    def taxes(self, decision):
        return self.env["account.tax"].browse(decision.taxes)

    def open(self, *places, **vals):
        """The set-up with every kind of money, for the marketplaces of these countries."""
        if places:
            vals["marketplace_ids"] = [Command.set(self.places(*places).ids)]
        vals = {"company_id": self.shop.id, "is_complete": True, **vals}
        return self.env["sp.setup"].create(vals)

    def lines(self, setup, *categories, **limits):
        """The lines of the set-up that say the tax of categories within limits."""
        names = ("fulfillment", "tax_form", "tax_class", "date_from")
        wanted = dict.fromkeys(names, False) | limits
        return setup.line_ids.filtered(
            lambda line: (
                set(categories) & set(line.categories)
                and line.has_tax
                and all(line[name] == value for name, value in wanted.items())
            )
        )
