"""Amazon's amounts by order ↔ invoices that name the orders.

Orders and invoices that name each other are one group: an order on several invoices, an invoice of
several orders. Where Amazon's amount equals the invoices' total, the group goes into one item with
all others of the customer; else into an item of its own, so that what differs stays open beside its
invoice and is never made up by another order's.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from ..books.decide import ToInvoices
from ..books.entry import Moved, Target
from ..books.findings import Finding, InvoiceDifference, few
from ..books.lines import PlanLine
from ..books.tax_rows import ZERO, is_refund
from ..lines.order_items import PRICE, PROMOTION, TAX, TAX_DISCOUNT, WITHHELD

_SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")


class Invoice(NamedTuple):
    """A posted invoice or credit note.

    :param key: identifies it; the first of several in the order of keys is the one that counts
    :param orders: Amazon's ids of the orders that it names
    :param account: its receivable account; ``partner``: whom it is owed by
    :param total: as it is written on it, ``None`` in another currency than the settlement's
    :param open: what of it nobody has paid
    :param is_taxed: it has tax
    :param is_reversed: it was taken back, by a credit note or as one
    """

    key: int
    orders: tuple[str, ...]
    is_refund: bool
    account: object
    partner: object
    total: Decimal | None
    open: Decimal = ZERO
    is_taxed: bool = True
    is_reversed: bool = False


class Amount(NamedTuple):
    """The rows of a line that belong to an order."""

    line: PlanLine
    order: str
    amount: Decimal


class Piece(NamedTuple):
    """An ``Amount`` that goes to an invoice; of several, the first."""

    line_key: object
    order: str
    amount: Decimal
    invoice: int
    target: Target


class _Group(NamedTuple):
    orders: tuple[str, ...]
    invoices: tuple[Invoice, ...]


def side(line: PlanLine) -> bool | None:
    """Say whether credit notes (``True``) or invoices book what a line is, ``None``: neither does.

    Prices, their discounts and the tax beside them are what a buyer is invoiced. Fees and what the
    marketplace withholds are between the seller and Amazon.
    """
    kind, part = line.role
    if line.category in _SALES:
        found = kind in (PRICE, PROMOTION)
    elif line.category == "sales_tax":
        found = kind in (TAX, TAX_DISCOUNT) and part != "regulatory"
    else:  # what it keeps of a tax that is partly the seller's is not on the seller's invoice
        found = kind == WITHHELD and line.tax_form == "partly"
    return is_refund(line.category, line.words) if found else None


def assign(amounts: Iterable[Amount], invoices: Iterable[Invoice]) -> ToInvoices:
    """Say what goes to invoices.

    Tax that the marketplace keeps goes there only where the invoice has tax: else it stays beside
    what is withheld, and the two cancel each other.

    :param amounts: of the lines that have a ``side``
    """
    by_side: dict[bool, list[Invoice]] = {False: [], True: []}
    for invoice in sorted(invoices):
        by_side[invoice.is_refund].append(invoice)
    groups = {
        (is_back, order): group
        for is_back, found in by_side.items()
        for group in _groups(found)
        for order in group.orders
    }
    of_group: dict[tuple[bool, _Group], list[Amount]] = {}
    for amount in amounts:
        is_back = side(amount.line)
        group = groups.get((is_back, amount.order)) if is_back is not None else None
        if is_back is None or group is None:
            continue
        is_kept = amount.line.tax_form == "withheld" and amount.line.role.kind != PRICE
        is_kept = is_kept and amount.line.role.kind != PROMOTION
        if not is_kept or any(invoice.is_taxed for invoice in group.invoices):
            of_group.setdefault((is_back, group), []).append(amount)
    moved: Moved = {}
    pieces: list[Piece] = []
    differences: list[InvoiceDifference] = []
    paid: list[Decimal] = []
    for (is_back, group), found in of_group.items():
        first = group.invoices[0]
        settled = sum((one.amount for one in found), ZERO) * (-1 if is_back else 1)
        total = _total(group.invoices)
        is_equal = settled == total and len({one[3:5] for one in group.invoices}) == 1
        is_alone = not is_equal or any(invoice.is_reversed for invoice in group.invoices)
        name = group.orders[0] if is_alone else ""
        target = Target(first.account, first.partner, is_back, name)
        for line, order, amount_of in found:
            places = moved.setdefault(line.key, {})
            places[target] = places.get(target, ZERO) + amount_of
            invoice = next(one for one in group.invoices if order in one.orders)
            pieces.append(Piece(line.key, order, amount_of, invoice.key, target))
        if settled != total:
            differences.append(
                InvoiceDifference(group.orders[0], len(group.orders), settled, total, is_back)
            )
        left = sum((invoice.open for invoice in group.invoices), ZERO)
        if total is not None and (surplus := min(settled, total) - left) > 0:
            paid.append(surplus)
    return ToInvoices(moved, tuple(_notes(pieces, differences, paid)), tuple(pieces))


def _notes(
    pieces: list[Piece], differences: list[InvoiceDifference], paid: list[Decimal]
) -> Iterator[Finding]:
    if pieces:
        values: dict[str, object] = {
            "orders": len({piece.order for piece in pieces}),
            "amount": sum((piece.amount for piece in pieces), ZERO),
        }
        yield Finding("to_invoices", values)
    if differences:
        yield few("invoice_differences", "differences", differences)
    if paid:
        yield Finding("invoice_paid", {"count": len(paid), "amount": sum(paid, ZERO)})


def _total(invoices: Iterable[Invoice]) -> Decimal | None:
    """Add up the invoices that stand; all of them where each was taken back."""
    invoices = tuple(invoices)
    standing = [invoice for invoice in invoices if not invoice.is_reversed] or invoices
    total = ZERO
    for invoice in standing:
        if invoice.total is None:
            return None
        total += invoice.total
    return total


def _groups(invoices: Iterable[Invoice]) -> list[_Group]:
    """Bring together what names each other, directly or through others."""
    leader: dict[str, str] = {}

    def lead(order: str) -> str:
        while leader.setdefault(order, order) != order:
            leader[order] = leader[leader[order]]
            order = leader[order]
        return order

    for invoice in invoices:
        for order in invoice.orders:
            one, other = lead(invoice.orders[0]), lead(order)
            leader[max(one, other)] = min(one, other)
    members: dict[str, tuple[dict[str, bool], list[Invoice]]] = {}
    for invoice in invoices:
        if not invoice.orders:
            continue
        orders, found = members.setdefault(lead(invoice.orders[0]), ({}, []))
        orders.update(dict.fromkeys(invoice.orders, True))
        found.append(invoice)
    return [_Group(tuple(sorted(orders)), tuple(found)) for orders, found in members.values()]
