"""What all rows of a line share moves from the rows to the line: the table becomes half as wide.

Only free text differs by row; it stays there. The checks of PostgreSQL and the old indexes go.
"""

_MOVED = (
    "transaction_type",
    "amount_type",
    "amount_description",
    "marketplace_name",
    "fulfillment",
)


def migrate(cr, version):
    cr.execute("ALTER TABLE sp_settlement_row ADD COLUMN IF NOT EXISTS free_text varchar")
    words = [f"coalesce({{0}}.{name}, '')" for name in _MOVED[:3]]
    of_row, of_line = (", ".join(words).format(table) for table in ("r", "l"))
    cr.execute(
        f"""
        UPDATE sp_settlement_row r SET free_text = concat_ws(' / ', {of_row})
          FROM sp_settlement_line l
         WHERE l.id = r.line_id AND ({of_row}) IS DISTINCT FROM ({of_line})
        """
    )
    for name in ("settlement_id", "line_id"):
        constraint = f"sp_settlement_row_{name}_fkey"
        cr.execute(f"ALTER TABLE sp_settlement_row DROP CONSTRAINT IF EXISTS {constraint}")
        cr.execute("DELETE FROM ir_model_constraint WHERE name = %s", [constraint])
    for name in ("settlement_id", "order_ref"):
        cr.execute(f"DROP INDEX IF EXISTS sp_settlement_row__{name}_index")
    for name in _MOVED:
        cr.execute(f"ALTER TABLE sp_settlement_row DROP COLUMN IF EXISTS {name}")
