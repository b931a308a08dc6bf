"""What the tests of proposed taxes share."""

from odoo.fields import Command

from .common import MANAGER, SpCase

#: What proposals are for, as people read it.
SALES = "Sales, Shipping charged to buyers, Gift wrap charged to buyers, Promotions, Refunds"
FEES = "Selling fees, FBA fees, Storage fees, Subscription"
ADS = "Advertising"
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

    def open(self, *places, registered=None):
        vals = {"company_id": self.shop.id}
        if places:
            vals["marketplace_ids"] = [Command.set([self.place(code).id for code in places])]
        if registered is not None:
            countries = [self.root_env.ref(f"base.{code}").id for code in registered]
            vals["registered_country_ids"] = [Command.set(countries)]
        return self.env["sp.tax.setup"].create(vals)

    def shown(self, setup, place=None):
        """The proposals of a marketplace as people read them; tax by its name."""
        lines = setup.line_ids
        if place is not None:
            lines = lines.filtered(lambda line: line.marketplace_id == self.place(place))
        return [
            (
                line.categories,
                line.limits,
                line.tax_mode,
                line.tax_ids.name or "",
                line.state,
                line.is_ticked,
            )
            for line in lines
        ]

    def find(self, setup, categories, limits="", place=None):
        """The one proposal of these categories and limits, in a marketplace."""
        return setup.line_ids.filtered(
            lambda line: (
                (line.categories, line.limits) == (categories, limits)
                and (place is None or line.marketplace_id == self.place(place))
            )
        ).ensure_one()
