"""What the tests of the cost of goods share."""

from ..engine.tests import helpers
from .common import SpCase

PRICE = "Order/ItemPrice/Principal"
FEE = "Order/ItemFees/Commission"
REFUND = "Refund/ItemPrice/Principal"
LOST = "other-transaction/FBA Inventory Reimbursement/WAREHOUSE_LOST"


class CostCase(SpCase):
    """A company that books what goods cost since April 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cost_account = cls.make_account("Goods sold", "expense_direct_cost")
        cls.inventory_account = cls.make_account("Goods at Amazon", "asset_current")
        cls.costs = cls.root_env["sp.sku.cost"].with_user(cls.manager)

    @classmethod
    def book_costs(cls, source="listed", **vals):
        settings = cls.root_env["sp.cost.settings"].with_user(cls.manager)
        values = {
            "sp_cost_source": source,
            "sp_cost_since": "2026-04-01",
            "sp_cost_account_id": cls.cost_account.id,
            "sp_inventory_account_id": cls.inventory_account.id,
        }
        settings.create({"company_id": cls.company.id, **values, **vals}).action_save()

    @classmethod
    def set_cost(cls, sku, cost, day=False):
        return cls.costs.create(
            {
                "sku": sku,
                "cost": cost,
                "is_free": not cost,
                "date_from": day,
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def item(cls, words, amount, sku="TEA", units="1", order="1", day="2026-04-10", **cells):
        """A row of a V2 file that tells of goods."""
        return helpers.row(
            *(words, amount),
            **{
                "sku": sku,
                "quantity_purchased": units,
                "order_id": f"999-{order}",
                "order_item_code": f"9{order}",
                "marketplace_name": "Amazon.co.uk",
                "posted_date_time": f"{day} 12:00:00 UTC",
                "fulfillment_id": "AFN",
            }
            | cells,
        )

    def goods(self, settlement):
        return [
            (one.kind, one.sku or "", one.units, one.unit_cost, one.cost, one.why or "")
            for one in settlement.goods_ids.sorted(lambda one: (one.kind, one.sku or "", one.id))
        ]

    def booked_costs(self, settlement):
        """[(day, account, currency, amount)] of what goods cost."""
        accounts = self.cost_account | self.inventory_account
        return [
            (str(item.date), item.account_id.name, item.currency_id.name, item.balance)
            for item in settlement._active_moves().line_ids.sorted("id")
            if item.account_id in accounts
        ]
