"""Orders that Odoo invoices too: how long a settlement of them takes, and whether the books agree.

As many orders as ORDERS says (10,000 by default) are invoiced, settled in some ten rows each, and
a tenth of them refunded with a credit note. Measured are the look at what is invoiced, the posting
and the matching; proved are the customers' receivable, the income and the tax return. The invoices
are copies of one that Odoo made (SQL: Odoo would take minutes for what is not measured here).
Nothing is kept.
"""

import logging
import os
import time
from decimal import Decimal

from demo import prepare, say, set_up_accounts, set_up_company, set_up_taxes

import odoo
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

DATABASE = os.environ.get("BENCH_DB") or "bench_invoices"
ORDERS = int(os.environ.get("ORDERS") or 10_000)
REF = "70000000042"
#: What a row of an order is: words, amount. Of two hundred pounds and their tax.
SALE = (
    ("Order/ItemPrice/Principal", "190.00"),
    ("Order/ItemPrice/Tax", "38.00"),
    ("Order/ItemPrice/Shipping", "10.00"),
    ("Order/ItemPrice/ShippingTax", "2.00"),
    ("Order/Promotion/Principal", "0.00"),
    ("Order/ItemFees/Commission", "-30.00"),
    ("Order/ItemFees/FBAPerUnitFulfillmentFee", "-4.00"),
    ("Order/ItemFees/ShippingChargeback", "-10.00"),
    ("Order/ItemFees/DigitalServicesFee", "-0.60"),
)
REFUND = (
    ("Refund/ItemPrice/Principal", "-190.00"),
    ("Refund/ItemPrice/Tax", "-38.00"),
    ("Refund/ItemPrice/Shipping", "-10.00"),
    ("Refund/ItemPrice/ShippingTax", "-2.00"),
    ("Refund/ItemFees/Commission", "30.00"),
)


def main():
    """Make both sides, book, print the seconds and prove the books."""
    odoo.tools.config.parse_config(["-d", DATABASE, "--log-level", "error"], setup_logging=True)
    logging.getLogger("odoo").setLevel(logging.ERROR)
    registry = prepare(DATABASE)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        set_up_company(env)
        set_up_accounts(env)
        set_up_taxes(env)
        measure(env)
        cr.rollback()


def measure(env):
    """Measure one settlement of that many orders."""
    from odoo.addons.sp_connector.engine.lines.flat_file import open_reports

    company = env.company
    company.sp_invoiced_orders = "invoices"
    orders = [f"408-{number:07}-{number:07}" for number in range(ORDERS)]
    refunds = orders[:: ORDERS // (ORDERS // 10 or 1)]
    buyer = env["res.partner"].create({"name": "Amazon customers"})
    tax = env["account.tax"].search(
        [("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 20)],
        limit=1,
    )
    before = boxes(env) | {"income": income(env)}
    clone(env, invoice(env, buyer, tax, "out_invoice", orders[0]), orders[1:])
    clone(env, invoice(env, buyer, tax, "out_refund", refunds[0]), refunds[1:])
    env.flush_all()
    env.cr.execute("ANALYZE account_move, account_move_line")
    say(f"{ORDERS} orders, {len(refunds)} refunds, invoiced")
    (report,) = open_reports("bench.txt", file(orders, refunds))
    settlement = timed("imported", lambda: env["sp.settlement"]._import_report(report, company))
    say(f"  {settlement.row_count} rows")
    env.cr.execute("ANALYZE sp_settlement_row")
    timed("which orders are invoiced, and the plan", lambda: settlement._decide().plan)
    timed("draft entry", settlement.action_book)
    timed("posted and matched", settlement.action_post)
    say(f"  {settlement.state}, {len(settlement.move_id.line_ids)} journal items")
    timed("what would be booked otherwise now", lambda: settlement.newer_plan_note)
    prove(env, settlement, buyer, tax, len(orders), len(refunds), before)
    if "sp.order.report" in env:  # the bridge to Odoo's Sales
        report = env["sp.order.report"].create({"date_from": "2026-01-01", "days": 0})
        timed("orders and invoices compared", report.action_show)
        say(f"  {[(one.kind, one.count) for one in report.kind_ids]}")
    timed("undone", settlement.action_undo)


def timed(what, function):
    """Run a function, say how long it took and return what it returns."""
    started = time.perf_counter()
    answer = function()
    print(f"  {time.perf_counter() - started:7.1f} s  {what}", flush=True)
    return answer


def prove(env, settlement, buyer, tax, sold, refunded, before):
    """Stop where the books are not what they must be."""
    assert settlement.state == "posted", settlement.ledger_note
    items = env["account.move.line"].search(
        [("partner_id", "=", buyer.id), ("account_id.account_type", "=", "asset_receivable")]
    )
    assert len(items) >= sold + refunded
    assert not sum(items.mapped("amount_residual")) and all(items.mapped("reconciled"))
    assert not settlement.invoiced_open
    earned = round(before["income"] - income(env), 2)
    assert earned == 200.0 * (sold - refunded), earned
    now = {key: round(value - before.get(key, 0), 2) for key, value in boxes(env).items()}
    wanted = {}
    for repartition, amount in (
        *((tax.invoice_repartition_line_ids, sold), (tax.refund_repartition_line_ids, -refunded)),
    ):
        for line in repartition:
            share = amount * (200.0 if line.repartition_type == "base" else 40.0)
            for tag in line.tag_ids:
                wanted[tag.name] = wanted.get(tag.name, 0) - share
    found = {key: value for key, value in now.items() if key in wanted}
    assert found == wanted, (found, wanted)
    say("  receivable zero, income once, tax return once")


def income(env):
    """Return the balance of all income."""
    domain = [("account_id.internal_group", "=", "income"), ("parent_state", "=", "posted")]
    return env["account.move.line"]._read_group(domain, [], ["balance:sum"])[0][0] or 0.0


def boxes(env):
    """Return the tax return: {tag: balance}."""
    env.cr.execute(
        """
        SELECT tag.name->>'en_US', sum(item.balance) FROM account_move_line item
          JOIN account_account_tag_account_move_line_rel rel
            ON rel.account_move_line_id = item.id
          JOIN account_account_tag tag ON tag.id = rel.account_account_tag_id
         WHERE item.parent_state = 'posted' GROUP BY 1
        """
    )
    return {name: float(amount) for name, amount in env.cr.fetchall()}


def invoice(env, buyer, tax, move_type, order):
    """Make and post one invoice as a person would."""
    move = env["account.move"].create(
        {
            "move_type": move_type,
            "partner_id": buyer.id,
            "invoice_date": "2026-02-10",
            "ref": order,
            "invoice_line_ids": [
                Command.create(
                    {"name": "Goods", "price_unit": 200.0, "tax_ids": [Command.set(tax.ids)]}
                )
            ],
        }
    )
    move.action_post()
    env.flush_all()
    return move


def clone(env, move, orders):
    """Copy a posted invoice for other orders, with its items and their taxes and tags (SQL)."""
    cr = env.cr

    def columns(table, *but):
        cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
        )
        return SQL(", ").join(SQL.identifier(name) for (name,) in cr.fetchall() if name not in but)

    rest = columns("account_move", "id", "name", "ref", "sequence_number")
    cr.execute(
        SQL(
            """
            INSERT INTO account_move (%(rest)s, name, ref, sequence_number)
            SELECT %(rest)s, name || '/' || place, reference, place + 1000000
              FROM account_move, unnest(%(orders)s) WITH ORDINALITY AS found(reference, place)
             WHERE id = %(move)s RETURNING id
            """,
            rest=rest,
            orders=orders,
            move=move.id,
        )
    )
    ids = [key for (key,) in cr.fetchall()]
    rest = columns("account_move_line", "id", "move_id")
    for item in move.line_ids:
        cr.execute(
            SQL(
                """
                INSERT INTO account_move_line (%(rest)s, move_id)
                SELECT %(rest)s, copied FROM account_move_line, unnest(%(moves)s) AS copied
                 WHERE id = %(item)s RETURNING id
                """,
                rest=rest,
                moves=ids,
                item=item.id,
            )
        )
        copies = [key for (key,) in cr.fetchall()]
        for table, mine, other in (
            ("account_move_line_account_tax_rel", "account_move_line_id", "account_tax_id"),
            (
                "account_account_tag_account_move_line_rel",
                "account_move_line_id",
                "account_account_tag_id",
            ),
        ):
            cr.execute(
                SQL(
                    """
                    INSERT INTO %(table)s (%(mine)s, %(other)s)
                    SELECT copied, %(other)s FROM %(table)s, unnest(%(copies)s) AS copied
                     WHERE %(mine)s = %(item)s
                    """,
                    table=SQL.identifier(table),
                    mine=SQL.identifier(mine),
                    other=SQL.identifier(other),
                    copies=copies,
                    item=item.id,
                )
            )
    env.invalidate_all()


def file(orders, refunds):
    """Return the bytes of Amazon's file."""
    from odoo.addons.sp_connector.engine.tests import helpers

    rows, total = [], Decimal()
    for words_of, names in ((SALE, orders), (REFUND, refunds)):
        for order in names:
            for words, amount in words_of:
                cells = {"order_id": order, "order_item_code": order[-7:]}
                rows.append(helpers.row(words, amount, REF, **cells))
                total += Decimal(amount)
    return helpers.table(helpers.head(str(total), REF), *rows).encode()


if __name__ == "__main__":
    main()
