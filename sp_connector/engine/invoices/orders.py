"""Amazon's amounts by order ↔ invoices that name the orders.

Orders and invoices that name each other are one group: an order on several invoices, an invoice of
several orders. Where Amazon's amount equals the invoices' total, the group goes into one item with
all others of the customer; else into an item of its own, so that what differs stays open beside its
invoice and is never made up by another order's. So do orders whose invoice and credit note are
matched with each other: what sale and refund leave open is theirs alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from ..books.decide import ToInvoices
from ..books.entry import Moved, Target
from ..books.findings import Finding, InvoiceDifference, few
from ..books.lines import PlanLine
from ..books.tax_rows import ZERO, is_refund
from ..lines.order_items import PRICE, PROMOTION, TAX, TAX_DISCOUNT, WITHHELD

#: Of an order: whether invoices of refunds (credit notes) → whether any of them has tax.
Sides = Mapping[bool, bool]
_SALES = ("sales", "shipping_income", "giftwrap_income", "promotions", "refunds")


class Invoice(NamedTuple):
    """A posted invoice or credit note.

    :param key: identifies it; the first of several in the order of keys is the one that counts
    :param orders: Amazon's ids of the orders that it names
    :param account: its receivable account; ``partner``: whom it is owed by
    :param total: as it is written on it, ``None`` in another currency than the settlement's
    :param open: what of it nobody has paid
    :param is_taxed: it has tax
    :param credited: what an invoice and credit notes closed of each other, in a match of theirs
    """

    key: int
    orders: tuple[str, ...]
    is_refund: bool
    account: object
    partner: object
    total: Decimal | None
    open: Decimal = ZERO
    is_taxed: bool = True
    credited: Decimal = ZERO


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


class Pair(NamedTuple):
    """What Amazon settled of orders that share invoices ↔ these invoices; either may be nothing."""

    is_refund: bool
    orders: tuple[str, ...]
    invoices: tuple[Invoice, ...]
    amounts: list[Amount]

    @property
    def settled(self) -> Decimal:
        """What Amazon settled, as invoices write it: also of credit notes positive."""
        return sum((one.amount for one in self.amounts), ZERO) * (-1 if self.is_refund else 1)

    @property
    def total(self) -> Decimal | None:
        """What the invoices that stand add up to, all of them where each was taken back."""
        standing = [one for one in self.invoices if not one.credited or one.credited != one.total]
        total = ZERO
        for invoice in standing or self.invoices:
            if invoice.total is None:
                return None
            total += invoice.total
        return total


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


def sides(invoices: Iterable[Invoice]) -> dict[str, dict[bool, bool]]:
    """Return the ``Sides`` of each order that invoices name."""
    found: dict[str, dict[bool, bool]] = {}
    for is_back, those in _by_side(invoices).items():
        for orders, group in _groups(those):
            is_taxed = any(invoice.is_taxed for invoice in group)
            for order in orders:
                found.setdefault(order, {})[is_back] = is_taxed
    return found


def is_on(invoices: Sides, line: PlanLine) -> bool:
    """Say whether rows of an order are on these invoices of the order."""
    its_side = side(line)
    if its_side is None or its_side not in invoices:
        return False
    return invoices[its_side] or not _is_kept(line)


def _is_kept(line: PlanLine) -> bool:
    """Say whether a line that has a side is tax that the marketplace keeps."""
    return line.tax_form == "withheld" and line.role.kind not in (PRICE, PROMOTION)


def assign(amounts: Iterable[Amount], invoices: Iterable[Invoice]) -> ToInvoices:
    """Say what goes to invoices.

    :param amounts: of the lines that have a ``side``
    """
    moved: Moved = {}
    pieces: list[Piece] = []
    differences: list[InvoiceDifference] = []
    paid: list[Decimal] = []
    for pair in pairs(amounts, invoices):
        if not pair.invoices or not pair.amounts:
            continue
        first, settled, total = pair.invoices[0], pair.settled, pair.total
        is_equal = settled == total and len({one[3:5] for one in pair.invoices}) == 1
        is_alone = not is_equal or any(invoice.credited for invoice in pair.invoices)
        name = pair.orders[0] if is_alone else ""
        target = Target(first.account, first.partner, pair.is_refund, name)
        for line, order, amount in pair.amounts:
            if not amount:
                continue  # it is nothing, wherever it is
            places = moved.setdefault(line.key, {})
            places[target] = places.get(target, ZERO) + amount
            invoice = next(one for one in pair.invoices if order in one.orders)
            pieces.append(Piece(line.key, order, amount, invoice.key, target))
        if settled != total:
            differences.append(
                InvoiceDifference(pair.orders[0], len(pair.orders), settled, total, pair.is_refund)
            )
        left = sum((invoice.open for invoice in pair.invoices), ZERO)
        if total is not None and (surplus := min(settled, total) - left) > 0:
            paid.append(surplus)
    return ToInvoices(moved, tuple(_notes(pieces, differences, paid)), tuple(pieces))


def pairs(amounts: Iterable[Amount], invoices: Iterable[Invoice]) -> Iterator[Pair]:
    """Yield all orders and invoices, each once on either side: of sales and of refunds.

    Tax that the marketplace keeps belongs to an invoice only where that has tax: else it stays
    beside what is withheld, and the two cancel each other.
    """
    found: dict[tuple[bool, str], Pair] = {}
    for is_back, those in _by_side(invoices).items():
        for orders, group in _groups(those):
            pair = Pair(is_back, orders, group, [])
            found.update({(is_back, order): pair for order in orders})
    for amount in amounts:
        its_side = side(amount.line)
        if its_side is None:
            continue
        alone = Pair(its_side, (amount.order,), (), [])
        pair = found.setdefault((its_side, amount.order), alone)
        if _is_kept(amount.line) and not any(invoice.is_taxed for invoice in pair.invoices):
            continue
        pair.amounts.append(amount)
    yield from {id(pair): pair for pair in found.values()}.values()


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


def _by_side(invoices: Iterable[Invoice]) -> dict[bool, list[Invoice]]:
    by_side: dict[bool, list[Invoice]] = {False: [], True: []}
    for invoice in sorted(invoices):
        by_side[invoice.is_refund].append(invoice)
    return by_side


def _groups(
    invoices: Iterable[Invoice],
) -> list[tuple[tuple[str, ...], tuple[Invoice, ...]]]:
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
    return [(tuple(sorted(orders)), tuple(found)) for orders, found in members.values()]
