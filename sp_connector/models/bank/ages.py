"""How long something is open: three spans, as filters, as groups and as a field."""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

#: Span → the first and the last day of it, counted back from today.
SPANS = {"week": (None, 7), "month": (8, 30), "longer": (31, None)}


def age_selection(model):
    """Return the spans with their labels."""
    return [
        ("week", model.env._("0–7 Days")),
        ("month", model.env._("8–30 Days")),
        ("longer", model.env._("More Than 30 Days")),
    ]


def find_age(days):
    """Return the span in which so many days lie."""
    return next(span for span, (_first, last) in SPANS.items() if last is None or days <= last)


def age_domain(field, spans, today):
    """Return the domain of records whose day lies in one of these spans; none without a day.

    :param field: name of the date or datetime field
    """
    domains = []
    for span in spans:
        if span not in SPANS:
            continue
        first, last = SPANS[span]
        domain = Domain(field, "!=", False)
        if first:
            domain &= Domain(field, "<", today - timedelta(days=first - 1))
        if last is not None:
            domain &= Domain(field, ">=", today - timedelta(days=last))
        domains.append(domain)
    return Domain.OR(domains)


def search_age(field, is_open, spans, today):
    """Return the domain of records that are open for one of these spans; ``False``: not open.

    :param field: name of the date or datetime field
    :param is_open: domain of the records that are open
    """
    found = age_domain(field, spans, today) & is_open
    if False in spans:
        found |= ~(age_domain(field, SPANS, today) & is_open)
    return found


def age_sql(column, today):
    """Return the span of a day as SQL: what is not stored is grouped by it."""
    limits = [today - timedelta(days=last) for _first, last in SPANS.values() if last is not None]
    return SQL(
        "CASE WHEN %(day)s >= %(week)s THEN 'week' WHEN %(day)s >= %(month)s THEN 'month' "
        "WHEN %(day)s IS NOT NULL THEN 'longer' END",
        day=column,
        week=limits[0],
        month=limits[1],
    )
