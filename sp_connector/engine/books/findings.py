"""What a decision found, as codes with values that can be kept and said later, in any language."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from .lines import PlanLine
from .tax_rows import Misfit

#: So many of a kind are kept, and how many there are: a hostile file has millions.
KEPT = 10


class Finding(NamedTuple):
    """One thing that holds a settlement, or that people should know.

    :param code: one of those of ``decide``
    :param values: what it is about, by name: amounts as ``Decimal`` from the seller's side, dates,
        texts, lines and the caller's own keys, and tuples of them
    """

    code: str
    values: dict[str, object] = {}


class Undecided(NamedTuple):
    """Money of one kind and place whose tax nobody has decided.

    :param tax_forms: the forms of price to which its rules are limited
    :param words: an example of Amazon's words
    :param word_count: how many different words there are
    """

    category: str
    marketplace: object
    marketplace_name: str
    tax_forms: tuple[str, ...]
    amount: Decimal
    words: tuple[str, str, str]
    word_count: int


def few(code: str, name: str, things: Iterable[object], **values: object) -> Finding:
    """Return a finding about many things: the first of them, and their number."""
    things = tuple(things)
    return Finding(code, {name: things[:KEPT], "count": len(things), **values})


class InvoiceDifference(NamedTuple):
    """Orders that Amazon settled with another amount than invoices have.

    :param order: the first of them; ``orders``: how many share invoices
    :param amount: Amazon's, as the invoices write it: also of credit notes positive
    :param invoiced: what the invoices total, ``None`` in another currency
    """

    order: str
    orders: int
    amount: Decimal
    invoiced: Decimal | None
    is_refund: bool = False


#: What is kept of named tuples: the fields that people read, no keys of lines.
_KEPT_FIELDS: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "line": (partial(PlanLine, None), ("category", "marketplace", "amount", "month", "words")),
    "misfit": (Misfit, Misfit._fields),
    "undecided": (Undecided, Undecided._fields),
    "invoiced": (InvoiceDifference, InvoiceDifference._fields),
}
_KINDS = {PlanLine: "line", Misfit: "misfit", Undecided: "undecided", InvoiceDifference: "invoiced"}


def dump(findings: Iterable[Finding]) -> list[object]:
    """Return findings as plain JSON."""
    return [
        {"code": code, "values": {name: _dump(value) for name, value in values.items()}}
        for code, values in findings
    ]


def load(stored: object) -> tuple[Finding, ...]:
    """Return the findings that ``dump`` made JSON of; ``None`` is none."""
    if not isinstance(stored, list):
        return ()
    return tuple(
        Finding(one["code"], {name: _load(value) for name, value in one["values"].items()})
        for one in stored
    )


def _dump(value: object) -> object:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if kind := _KINDS.get(type(value)):
        _make, fields = _KEPT_FIELDS[kind]
        return {kind: [_dump(getattr(value, name)) for name in fields]}
    if isinstance(value, (list, tuple)):
        return [_dump(one) for one in value]
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"{type(value).__name__} in a finding")


def _load(value: object) -> object:
    if isinstance(value, list):
        return tuple(_load(one) for one in value)
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "decimal":
        return Decimal(content)
    if kind == "date":
        return date.fromisoformat(content)
    make, fields = _KEPT_FIELDS[kind]
    return make(**dict(zip(fields, map(_load, content), strict=True)))
