"""How long people wait for a settlement of a million rows that stands beside nine million others.

The rows are made by SQL, shaped like those of files: of one settlement they lie together, in the
order of the file, and those of an order near each other.
"""

import time
from statistics import median

from lxml import etree

from odoo import api

#: Of the other settlements.
SETTLEMENTS, LINES = 5_000, 40
OWN_LINES = 150

_SETTLEMENTS = """
    INSERT INTO sp_settlement (settlement_ref, company_id, currency_id, flavour, date_start,
                               date_end, date, amount_total, has_total, amount_rows, row_count,
                               state)
    SELECT (80000000000 + n)::text, %(company)s, %(currency)s, 'v2',
           timestamp '2016-01-01' + n * interval '14 hours',
           timestamp '2016-01-15' + n * interval '14 hours',
           (timestamp '2016-01-15' + n * interval '14 hours')::date, 0, true, 0,
           CASE WHEN n = %(own)s THEN %(rows)s ELSE %(others)s END, 'review'
      FROM generate_series(1, %(count)s) n
 RETURNING id
"""
_LINES = """
    INSERT INTO sp_settlement_line (settlement_id, company_id, marketplace_name, month, category,
                                    category_sequence, transaction_type, amount_type,
                                    amount_description, fulfillment, tax_form, match_level, amount,
                                    row_count, quantity, has_amount)
    SELECT s.id, s.company_id, 'Amazon.com',
           (date_trunc('month', s.date_start) + (k %% 2) * interval '1 month')::date,
           (ARRAY['sales','selling_fees','fba_fees','sales_tax','promotions'])[k %% 5 + 1], k %% 5,
           (ARRAY['Order','Refund'])[k / 2 %% 2 + 1],
           (ARRAY['ItemPrice','ItemFees','ItemFees','ItemWithheldTax','Promotion'])[k %% 5 + 1],
           CASE WHEN k < 5 THEN (ARRAY['Principal','Commission','FBAPerUnitFulfillmentFee',
               'MarketplaceFacilitatorTax-Principal','Shipping'])[k + 1] ELSE 'Words ' || k / 2 END,
           'AFN', 'none', 'exact', 1, s.row_count / c.lines, 0, true
      FROM sp_settlement s,
           LATERAL (SELECT CASE WHEN s.id = %(id)s THEN %(own)s ELSE %(lines)s END AS lines) c,
           generate_series(0, c.lines - 1) k
     WHERE s.id = ANY(%(ids)s)
"""
_ROWS = """
    INSERT INTO sp_settlement_row (settlement_id, line_id, line_number, part, posted_at, order_ref,
                                   merchant_order_ref, shipment_ref, order_item_ref, sku, quantity,
                                   amount)
    SELECT s.id, s.lines[n %% cardinality(s.lines) + 1], n + 2, 0,
           s.date_start + n * (interval '14 days' / s.row_count), o.ref, o.ref, 'SH' || n / 8,
           '5' || (n / 4 * 7919), 'TEA-' || n %% 997, 1,
           (hashint8(n::bigint * 7919 + s.id) %% 20000) / 100.0
      FROM (SELECT s.id, s.date_start, s.row_count, array_agg(l.id) AS lines
              FROM sp_settlement s JOIN sp_settlement_line l ON l.settlement_id = s.id
             WHERE s.id = ANY(%(ids)s) GROUP BY s.id ORDER BY s.id) s,
           generate_series(1, s.row_count) n,
           LATERAL (SELECT '112-' || lpad((hashint8(n / 4 + s.id * 10000000::bigint)::bigint
                                           + 2147483648)::text, 10, '0') AS ref) o
"""


def build(env, rows):
    """Store a settlement of so many rows, and nine times as many of others; return it."""
    cr, company = env.cr, env.company
    values = {
        "company": company.id,
        "currency": env.ref("base.USD").id,
        "own": SETTLEMENTS // 2,
        "rows": rows,
        "others": 9 * rows // SETTLEMENTS,
        "count": SETTLEMENTS,
    }
    cr.execute(_SETTLEMENTS, values)
    ids = [row[0] for row in cr.fetchall()]
    own = ids[SETTLEMENTS // 2 - 1]
    cr.execute(_LINES, {"id": own, "own": OWN_LINES, "lines": LINES, "ids": ids})
    cr.execute(_ROWS, {"ids": ids})
    cr.commit()
    cr._cnx.autocommit = True
    for table in ("sp_settlement", "sp_settlement_line", "sp_settlement_row"):
        cr.execute(f"VACUUM ANALYZE {table}")
    cr._cnx.autocommit = False
    return env["sp.settlement"].browse(own)


def specification(env, model, kind):
    """Return what the web client reads for a view: {field: {fields of its list}}."""
    arch = etree.fromstring(env[model].get_view(view_type=kind)["arch"])

    def fields(node, model):
        found = {}
        for field in node.iter("field"):
            if any(above.tag == "field" for above in field.iterancestors() if above is not node):
                continue
            name = field.get("name")
            inner = field.find("list")
            if inner is not None:
                found[name] = {"fields": fields(inner, None)}
            elif model and env[model]._fields[name].type == "many2one":
                found[name] = {"fields": {"display_name": {}}}
            else:
                found[name] = {}
        return found

    return fields(arch, model)


def questions(env, settlement, item):
    """Return {what people do: a function that asks for it as the web client does}."""
    rows, lines = env["sp.settlement.row"], env["sp.settlement.line"]
    own = [("settlement_id", "=", settlement.id)]
    columns = specification(env, "sp.settlement.row", "list")
    form = specification(env, "sp.settlement", "form")
    middle = rows.search([*own, ("line_number", "=", settlement.row_count // 2)])
    order = middle.order_ref

    def page(domain, offset=0, order=None):
        return lambda: rows.web_search_read(
            domain, columns, offset=offset, limit=80, order=order, count_limit=10_001
        )

    def groups(model, domain, *by):
        sums = ["__count", "amount:sum"]
        return lambda: model.formatted_read_group(domain, list(by), sums)

    return {
        "form": lambda: settlement.web_read(form),
        "first page of its rows": page(own),
        "next page": page(own, 80),
        "page 100": page(own, 8_000),
        "sort by amount": page(own, order="amount DESC"),
        "filter by words, many rows": page([*own, ("amount_description", "=", "Principal")]),
        "filter by words, like": page([*own, ("amount_description", "ilike", "words 4")]),
        "filter by words, none": page([*own, ("amount_description", "=", "Nothing")]),
        "order id": page([("order_ref", "=", order)]),
        "order id of nobody": page([("order_ref", "=", "112-0000000-0000000")]),
        "rows of a journal item": page([("line_id.move_line_id", "in", item.ids)]),
        "all rows by month": groups(rows, own, "month:month"),
        "all rows by month and words": groups(
            rows, own, "month:month", "amount_type", "amount_description"
        ),
        "pivot of all lines": groups(lines, [], "category", "month:month"),
        "list of settlements": lambda: env["sp.settlement"].web_search_read(
            [], specification(env, "sp.settlement", "list"), limit=80, count_limit=10_001
        ),
    }


def measure(registry, uid, settlement_id, item_id, explain=False):
    """Return {question: milliseconds}, the median of five, with the user's rights.

    :param explain: print PostgreSQL's plan of what is asked of rows and lines
    """
    answers = {}
    with registry.cursor() as cr:
        env = api.Environment(cr, uid, {})
        item = env["account.move.line"].browse(item_id)
        asked = questions(env, env["sp.settlement"].browse(settlement_id), item)
        for name, ask in asked.items():
            ask()
            times = []
            for _turn in range(5):
                env.invalidate_all()
                started = time.perf_counter()
                ask()
                times.append((time.perf_counter() - started) * 1000)
            answers[name] = round(median(times), 1)
            if explain:
                print(f"\n=== {name}: {answers[name]} ms")
                show_plans(env, ask)
        cr.rollback()
    return answers


def show_plans(env, ask):
    """Print the plan of each query of rows or lines that a question runs."""
    cursor, queries = type(env.cr), []
    execute = cursor.execute

    def note(self, query, params=None, **options):
        from odoo.tools import SQL

        if isinstance(query, SQL):
            query, params = query.code, query.params
        if query.lstrip().startswith("SELECT") and "sp_settlement_" in query:
            queries.append((query, params))
        return execute(self, query, params, **options)

    env.invalidate_all()
    cursor.execute = note
    try:
        ask()
    finally:
        cursor.execute = execute
    for query, params in queries:
        env.cr.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + query, params)
        plan = "\n    ".join(line for (line,) in env.cr.fetchall())
        print(f"  {' '.join(query.split())[:300]}\n    {plan}")
