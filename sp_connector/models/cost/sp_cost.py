"""Counts the goods of a settlement in its rows, and finds what they cost."""

from collections import Counter, defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ...engine.cost.costing import PRODUCT, Costs, Goods, Moved, Settings, value
from ...engine.cost.stock import Stock
from ...engine.cost.units import REFUNDED, tells


class SpCost(models.AbstractModel):
    """Tells the engine what goods cost, with all rights: it is asked by what decides."""

    _name = "sp.cost"
    _description = "Cost of the Goods of Amazon Settlements"

    @api.model
    def _stock(self, settlement):
        """Return the engine's ``Stock``, ``None`` where the company does not book it."""
        company = settlement.company_id.root_id.sudo()
        if company.sp_cost_source == "off":
            return None
        cost, inventory = company.sp_cost_account_id, company.sp_inventory_account_id
        lacks = []
        if not (cost and inventory):
            lacks.append("no_cost_account")
        if company._sp_values_stock():
            lacks.append("cost_by_odoo")
        goods = self._goods(settlement.sudo(), company) if settlement._origin else None
        return Stock(goods, cost.id, inventory.id, tuple(lacks))

    @api.model
    def _keep(self, settlement, stock):
        """Keep the count of the goods beside a settlement, for people to read."""
        settlement = settlement.sudo()
        if not settlement._origin:
            return
        goods = (stock.goods if stock else None) or ()
        if Counter(map(_as_goods, settlement.goods_ids)) == Counter(goods):
            return
        settlement.goods_ids.unlink()
        self.env["sp.goods"].sudo().create(
            [
                {
                    "settlement_id": settlement.id,
                    "month": one.month or False,
                    "marketplace_id": one.marketplace or False,
                    "kind": one.kind,
                    "sku": one.sku or False,
                    "units": one.units,
                    "unit_cost": float(one.unit_cost or 0),
                    "source": one.source or False,
                    "why": one.why or False,
                    "cost": float(one.cost),
                }
                for one in goods
            ]
        )

    def _goods(self, settlement, company):
        """Return the engine's ``Goods``: counted units with what they cost."""
        calendar = self.env["sp.settlement.facts"]._calendar(settlement)
        if not calendar or calendar.date_last < company.sp_cost_since:
            return ()
        settings = Settings(
            company.sp_cost_since,
            _share(company),
            company.sp_cost_lost,
            Decimal(1).scaleb(-company.currency_id.decimal_places),
        )
        moved = self._count(settlement, calendar, settings)
        return value(moved, self._costs(settlement, company, moved), settings)

    # === WHAT IT COSTS === #

    def _costs(self, settlement, company, moved):
        """Return the engine's ``Costs`` of the SKUs that moved."""
        keys = {one.sku.lower() for one in moved if one.sku}
        listed = (
            self.env["sp.sku.cost"]
            .sudo()
            .search_fetch(
                [("company_id", "=", company.id), ("key", "in", list(keys))],
                ["key", "date_from", "cost"],
            )
        )
        products = {}
        if company.sp_cost_source == "product":
            products = self._product_costs(company, {one.sku for one in moved if one.sku})
            if settlement.item_ids:
                # The cost of the day on which it was booked: products have no history.
                products |= {
                    one.sku: _exact(one.unit_cost)
                    for one in settlement.goods_ids
                    if one.source == PRODUCT
                }
        return Costs(
            [(one.key, one.date_from or None, _exact(one.cost)) for one in listed], products
        )

    def _product_costs(self, company, skus):
        """Return {SKU: cost} of the products whose reference it is; of none where two have it."""
        found = (
            self.env["product.product"]
            .sudo()
            .with_company(company)
            .search(
                [
                    ("default_code", "in", list(skus)),
                    ("company_id", "in", (False, company.id)),
                ]
            )
        )
        return {
            code: _exact(products.standard_price)
            for code, products in found.grouped("default_code").items()
            if len(products) == 1
        }

    # === HOW MANY === #

    def _count(self, settlement, calendar, settings):
        """Count the units of a settlement (SQL: it may have a million rows).

        :return: list of the engine's ``Moved``
        """
        lines = {}
        for line in settlement.line_ids:
            key = line._summary_line().key
            told = tells(key[2:5])
            if told and (told.kind != REFUNDED or settings.back):
                lines[line.id] = told, key.month, line.booked_marketplace_id.id or None
        if not lines:
            return []
        moved, unclear = [], []
        for line_id, sku, day, order, item, units, amount, count in self._read_items(
            settlement, lines
        ):
            told, month, place = lines[line_id]
            amount = Decimal(amount or 0)
            one = Moved(month, place, told.kind, sku, day or calendar.date_last, abs(units))
            if units:
                moved.append(one)
            elif told.kind == REFUNDED:
                unclear.append((one, (order, item, sku), amount))
            elif amount:
                moved.append(one._replace(units=count, is_clear=False))
        return moved + self._refunded(settlement, unclear)

    def _read_items(self, settlement, lines):
        """Read the units of order items, added up where they say how many."""
        told = [told for told, _month, _place in lines.values()]
        self.env.cr.execute(
            SQL(
                """
                WITH told AS (
                    SELECT * FROM unnest(%(ids)s, %(kinds)s, %(bare)s) AS t (id, kind, is_bare)
                ), item AS (
                    SELECT min(r.line_id) AS line_id, told.kind, COALESCE(r.sku, '') AS sku,
                           (r.posted_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day,
                           COALESCE(r.order_ref, '') AS order_ref,
                           COALESCE(r.order_item_ref, '') AS item_ref,
                           -- V1 has the units on a row of their own, V2 on each price.
                           COALESCE(
                               NULLIF(sum(r.quantity) FILTER (WHERE told.is_bare), 0),
                               sum(r.quantity)
                           ) AS units,
                           sum(r.amount) AS amount
                      FROM sp_settlement_row r JOIN told ON told.id = r.line_id
                     WHERE r.settlement_id = %(settlement)s
                     GROUP BY 2, 3, 4, 5, 6
                ), known AS (
                    SELECT *, units = 0 AND kind = %(refunded)s AS is_alone FROM item
                )
                SELECT line_id, sku, day, CASE WHEN is_alone THEN order_ref END AS order_ref,
                       CASE WHEN is_alone THEN item_ref END AS item_ref,
                       COALESCE(sum(units), 0)::bigint, sum(amount)::text, count(*)
                  FROM known
                 GROUP BY 1, 2, 3, 4, 5, units = 0
                 ORDER BY 1, 2, 3, 4, 5
                """,
                ids=list(lines),
                kinds=[one.kind for one in told],
                bare=[one.is_bare for one in told],
                zone=settlement.company_id.sudo().sp_time_zone or "UTC",
                settlement=settlement.id,
                refunded=REFUNDED,
            )
        )
        return self.env.cr.fetchall()

    def _refunded(self, settlement, refunds):
        """Say how many units came back with refunds whose rows do not.

        What the order item sold, where its whole price was refunded; else nobody knows.
        """
        sold = self._sold(settlement, {key[0] for _one, key, _amount in refunds if key[0]})
        moved = []
        for one, key, amount in refunds:
            units, paid = sold.get(key, (0, 0))
            if units and paid == -amount:
                moved.append(one._replace(units=units))
            elif amount:
                moved.append(one._replace(units=1, is_clear=False))
        return moved

    def _sold(self, settlement, orders):
        """Return {(order, item, SKU): (units, price)} of orders in any settlement of the company.

        SQL, as ``_read_items``; a join, as the index of orders is dear to ask a thousand times.
        """
        if not orders:
            return {}
        self.env.cr.execute(
            SQL(
                """
                SELECT r.order_ref, COALESCE(r.order_item_ref, ''), COALESCE(r.sku, ''),
                       COALESCE(line.transaction_type, ''), line.amount_type,
                       COALESCE(line.amount_description, ''), sum(r.quantity)::bigint,
                       sum(r.amount)::text
                  FROM sp_settlement_row r
                  JOIN unnest(%(orders)s) AS orders (ref) ON orders.ref = r.order_ref
                  JOIN sp_settlement_line line ON line.id = r.line_id
                 WHERE line.company_id = %(company)s
                       AND line.amount_type IN ('ItemPrice', 'V1:price-amount')
                 GROUP BY 1, 2, 3, 4, 5, 6
                """,
                orders=list(orders),
                company=settlement.company_id.id,
            )
        )
        found = defaultdict(lambda: [0, 0, Decimal(0)])
        for order, item, sku, *words, units, amount in self.env.cr.fetchall():
            told = tells(tuple(words))
            if told and told.kind != REFUNDED:
                sold = found[order, item, sku]
                sold[not told.is_bare] += units or 0
                sold[2] += Decimal(amount or 0)
        return {key: (bare or units, paid) for key, (bare, units, paid) in found.items()}


def _share(company):
    if company.sp_cost_refunds == "share":
        return _exact(company.sp_cost_share) / 100
    return Decimal(company.sp_cost_refunds == "all")


def _exact(number):
    """Leave the ORM's floats: costs have four decimals."""
    return Decimal(f"{number:.4f}").normalize()


def _as_goods(record):
    digits = record.currency_id.decimal_places
    return Goods(
        record.month or None,
        record.marketplace_id.id or None,
        record.kind,
        record.sku or "",
        record.units,
        _exact(record.unit_cost) if record.source else None,
        record.source or "",
        record.why or "",
        Decimal(f"{record.cost:.{digits}f}"),
    )
