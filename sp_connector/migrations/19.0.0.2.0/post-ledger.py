"""Entries of the former release get what they are compared with, see ``sp.settlement.item``.

What was planned then is not stored. Where the plan of today equals the entry, it is the yardstick.
Where it does not, either the mapping or the entry was changed since, and nobody knows which: an
entry that still is made of its rows becomes its own yardstick, and the settlement says so.
"""

import logging

from odoo import SUPERUSER_ID, api

from odoo.addons.sp_connector.engine.books.compare import Entry, compare_entry

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    _link_moves(env)
    env["sp.account.mapping"].search([]).company_id._sp_ensure_partner()
    settlements = env["sp.settlement"].search([("move_ids", "!=", False), ("item_ids", "=", False)])
    for settlement in settlements:
        if settlement._active_moves():
            _give_yardstick(settlement)
        elif settlement.state in ("booked", "posted"):  # as the former release stored it
            settlement.message_post(
                body=settlement.env._(
                    "Its entries were reversed in Accounting, which the former release did not "
                    "notice: it waits to be booked again."
                )
            )
    env.add_to_compute(settlements._fields["state"], settlements)
    env.flush_all()
    _logger.info("%s settlements have entries to be compared with", len(settlements))


def _link_moves(env):
    """Write down of each entry what the former release did not: its settlement's id, its day.

    Reversals that people made are the settlement's now, and reversals of those. Plain SQL, as
    the entries may be hashed or locked, and nothing of what is written is theirs.
    """
    env.cr.execute(
        """
        UPDATE account_move move
           SET sp_settlement_ref = settlement.settlement_ref, sp_date = move.date
          FROM sp_settlement settlement
         WHERE settlement.id = move.sp_settlement_id AND move.sp_settlement_ref IS NULL
        """
    )
    while True:
        env.cr.execute(
            """
            UPDATE account_move reversal
               SET sp_settlement_id = move.sp_settlement_id,
                   sp_settlement_ref = move.sp_settlement_ref
              FROM account_move move
             WHERE move.id = reversal.reversed_entry_id
               AND move.sp_settlement_id IS NOT NULL
               AND reversal.sp_settlement_id IS NULL
            """
        )
        if not env.cr.rowcount:
            break
    env.invalidate_all()


def _give_yardstick(settlement):
    moves = settlement._active_moves()
    Item = settlement.env["sp.settlement.item"]
    decision = settlement._decide()
    plan = decision.plan
    parts = {}
    for part in plan.parts if plan.proved else ():
        vals, _owners = settlement.env["sp.settlement.entry"]._prepare_move_vals(
            settlement, decision, part
        )
        parts[part.date] = vals
    # The former release named no partner; a part may have been moved out of a locked period.
    by_date = {move.date: move for move in moves}
    if len(moves) == len(parts):
        by_date = dict(zip(sorted(parts), moves, strict=True))
    known = set(by_date) <= set(parts)
    equal = known and all(
        _equals(Item, settlement, parts[date], move) for date, move in by_date.items()
    )
    if equal:
        for date, vals in parts.items():
            move = by_date.get(date, settlement.env["account.move"])
            _record(settlement, date, move, vals)
    else:
        settlement.is_own_yardstick = True
        for move in moves:
            _record(settlement, move.date, move)


def _equals(Item, settlement, vals, move):
    planned = Item._as_items([item for *_command, item in vals["line_ids"]], settlement.company_id)
    (actual,) = Item._ledger_entries(move)
    differences = compare_entry(Entry(move.id, move.date, tuple(planned)), actual)
    return all(one.field == "partner" for one in differences)


def _record(settlement, date, move, vals=None):
    """Keep an entry as it is; one that is gone as it is planned today."""
    Item = settlement.env["sp.settlement.item"]
    if move:
        items = [Item._copy_item_vals(item) for item in move.line_ids.sorted("id")]
    else:
        items = [Item._prepare_item_vals(item) for *_command, item in vals["line_ids"]]
    Item.create(
        [
            {
                **item,
                "settlement_id": settlement.id,
                "move_id": move.id,
                "date_part": date,
                "date": move.date or vals["date"],
            }
            for item in items
        ]
    )
    # What Post would book anew has the day of its part.
    if move and move.sp_date != date:
        settlement.env.cr.execute(
            "UPDATE account_move SET sp_date = %s WHERE id = %s", (date, move.id)
        )
        move.invalidate_recordset(["sp_date"])
