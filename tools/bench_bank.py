"""How long bank lines and payouts take to find each other: up to 2,000 of each.

Payouts are posted entries without a file, as the bank sees no more of a settlement. Amounts are
drawn, and so are the days: three payouts a day, whatever the size. Nothing is kept.
"""

import logging
import os
import random
import time
from datetime import date, timedelta

from demo import prepare, say, set_up_accounts, set_up_company, set_up_taxes

import odoo
from odoo import SUPERUSER_ID, api
from odoo.fields import Command

DATABASE = os.environ.get("BENCH_DB") or "bench_bank"
SIZES = (250, 500, 1_000, 2_000)
#: As many are matched, to tell what one match costs.
MATCHES = 50
FIRST = date(2024, 1, 1)


def main():
    """Measure each size and print the table."""
    odoo.tools.config.parse_config(["-d", DATABASE, "--log-level", "error"], setup_logging=True)
    logging.getLogger("odoo").setLevel(logging.ERROR)
    registry = prepare(DATABASE)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        set_up_company(env)
        set_up_accounts(env)
        set_up_taxes(env)
    say("\nlines × payouts   read, s   pair, s   queries   sure   ms a pair   ms a match")
    for size in SIZES:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env.company
            company.sp_bank_auto = False
            make(env, company, size)
            analyze(env)
            env.invalidate_all()
            measure(env, company, size)
            cr.rollback()


def measure(env, company, size):
    """Find all pairs, match some, and print a line."""
    from odoo.addons.sp_connector.engine.bank.pairing import find_candidates

    service = env["sp.bank.match"]
    before, started = env.cr.sql_log_count, time.perf_counter()
    pool = env["sp.bank.pool"]._read(company)
    read = time.perf_counter() - started
    queries = env.cr.sql_log_count - before
    started = time.perf_counter()
    candidates = find_candidates(pool.deposits, pool.lines, pool.rules)
    pair = time.perf_counter() - started
    sure = [one for one in candidates if one.is_sure]
    started = time.perf_counter()
    for candidate in sure[:MATCHES]:
        service._apply(candidate)
    env.flush_all()
    match = (time.perf_counter() - started) / max(1, len(sure[:MATCHES]))
    print(
        f"{size:>6} × {size:<8}{read:>9.2f}{pair:>10.2f}{queries:>10}{len(sure):>7}"
        f"{1000 * (read + pair) / size:>12.2f}{1000 * match:>13.0f}",
        flush=True,
    )


def analyze(env):
    """Let PostgreSQL know of so many new rows, as it does by itself between transactions."""
    env.flush_all()
    env.cr.execute("ANALYZE account_move, account_move_line, account_bank_statement_line")
    env.cr.execute("ANALYZE sp_settlement, account_partial_reconcile")


def make(env, company, size):
    """Make payouts and bank lines of the same amounts, a few of them twice."""
    draw = random.Random(size)
    clearing = env["sp.account.mapping"].search(
        [("company_id", "=", company.id), ("category", "=", "deposit")], limit=1
    )
    sales = env["sp.account.mapping"].search(
        [("company_id", "=", company.id), ("category", "=", "sales")], limit=1
    )
    bank = env["account.journal"].search(
        [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
    )
    # As many a month, whatever the size.
    facts = [
        (FIRST + timedelta(draw.randrange(size // 3)), draw.randrange(1_000, 2_000_000) / 100)
        for _number in range(size)
    ]
    settlements = env["sp.settlement"].create(
        [
            {
                "settlement_ref": f"{30_000_000_000 + number}",
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "flavour": "v2",
                "date_start": day - timedelta(14),
                "date_end": day,
                "date_deposit": day,
                "amount_total": amount,
                "has_total": True,
            }
            for number, (day, amount) in enumerate(facts)
        ]
    )
    moves = env["account.move"].create(
        [
            {
                "journal_id": company.sp_journal_id.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": sign * amount})
                    for account, sign in ((clearing.account_id, 1), (sales.account_id, -1))
                ],
            }
            for day, amount in facts
        ]
    )
    analyze(env)
    moves.action_post()
    analyze(env)
    for settlement, move in zip(settlements, moves, strict=True):
        move.sp_settlement_id = settlement
    env["account.bank.statement.line"].create(
        [
            {
                "journal_id": bank.id,
                "date": day + timedelta(draw.randrange(4)),
                "payment_ref": f"AMAZON PAYMENTS UK {draw.randrange(10**9)}",
                "amount": amount,
            }
            for day, amount in facts
        ]
    )


if __name__ == "__main__":
    main()
