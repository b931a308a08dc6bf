"""The month end of the demo: an open settlement at Amazon, and the accrual of what it holds."""

from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

from odoo.addons.sp_connector.engine.tests import helpers

#: Orders of the open settlement: (days before the cut-off, price, until when Amazon held it back).
ORDERS = ((8, "36.00", 0), (6, "24.00", 0), (4, "89.90", 0), (3, "24.00", 9), (1, "59.50", 9))
#: As few questions as Amazon answers at once.
DAYS_BACK = 10


def cut_off(today):
    """Return the last day of the month before."""
    return today.replace(day=1) - timedelta(days=1)


def prepare(amazon, today):
    """Give the European seller a settlement that is still open, with sales that are held back."""
    noon = datetime.combine(cut_off(today), time(12), timezone.utc)
    end = datetime.combine(today, time(12), timezone.utc) + timedelta(days=3)
    seller = next(one for one in amazon.sellers if one["region"] == "eu" and one["reports"])
    rows, held = [], {}
    for number, (days, price, held_for) in enumerate(ORDERS):
        order, sold = f"205-7700000-{number:07}", noon - timedelta(days=days)
        if held_for:
            held[order] = sold
        cells = {
            "order_id": order,
            "order_item_code": f"77{number:08}",
            "sku": "LAMP-OAK",
            "quantity_purchased": "1",
            "marketplace_name": "Amazon.co.uk",
            "fulfillment_id": "AFN",
            "posted_date_time": written(sold + timedelta(days=held_for)),
        }
        fee = -(Decimal(price) * 15 / 100).quantize(Decimal("0.01"))
        rows.append(helpers.row("Order/ItemPrice/Principal", price, "7700000001", **cells))
        rows.append(helpers.row("Order/ItemFees/Commission", f"{fee}", "7700000001", **cells))
    head = helpers.head(
        str(sum(Decimal(row["amount"]) for row in rows)),
        "7700000001",
        "GBP",
        settlement_start_date=written(noon - timedelta(days=12)),
        settlement_end_date=written(end),
        deposit_date=written(end + timedelta(days=2)),
    )
    ref, made = seller["selling_partner_id"], (end + timedelta(hours=1)).isoformat()
    amazon.command("add_report", content=helpers.table(head, *rows), seller=ref, created=made)
    for order, sold in held.items():
        amazon.command("defer", order_ref=order, posted=sold.isoformat(), seller=ref)


def written(moment):
    """Return a moment as settlement files have it."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def accrue(env, amazon, today):
    """Ask, propose, book; print it. Return whether it is booked."""
    connections = env["sp.connection"].browse(amazon.connections.ids)
    connection = connections.filtered(lambda one: one.region == "eu")[:1]
    accruals, day = env["sp.accrual"], cut_off(today)
    accrual = accruals.search([("connection_id", "=", connection.id), ("date", "=", day)])
    if not accrual:
        accrual = accruals.create(
            {"connection_id": connection.id, "date": day, "days_back": DAYS_BACK}
        )
        accrual.action_ask()
        if accrual.state == "proposal":
            accrual.action_book()
    labels = dict(accrual.line_ids._fields["category"]._description_selection(env))
    why = dict(accrual.line_ids._fields["origin"]._description_selection(env))
    print(f"Month end {day}: earned and in no settlement yet, as Amazon's Finances API tells it")
    for line in accrual.line_ids:
        currency = line.currency_id
        print(
            f"    {labels[line.category]:<24} {line.marketplace_id.name:<14} "
            f"{why[line.origin]:<16} {line.transaction_count:>3} transactions "
            f"{line.amount:>12,.{currency.decimal_places}f} {currency.name}"
        )
    if accrual.state not in ("posted", "adjust"):
        print(f"    not booked: {accrual.problem or accrual.state}")
        return False
    for move in accrual.move_ids.sorted("date"):
        print(f"    {move.name} of {move.date}: {move.ref}")
    return True
