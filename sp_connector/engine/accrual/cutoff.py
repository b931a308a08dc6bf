"""What was earned up to a moment and is not in the books yet.

Facts: docs/facts/api.md, "Deferred". A deferred transaction and its release are one sale: the
deferred one counts until its release, the release from then on until a settlement books it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from .words import PAYOUT

if TYPE_CHECKING:
    from ..amazon.finances import Transaction

DEFERRED, RELEASED, DEFERRED_RELEASED = "DEFERRED", "RELEASED", "DEFERRED_RELEASED"
#: Why a transaction counts: it is in an open settlement, or in one that is not booked; or it waits.
#: ``unclear``: Amazon says that it was released and tells no release.
OPEN, WAITING, UNCLEAR = "open", "deferred", "unclear"
#: Why it does not: it is booked; its release stands for it; it is later; it is the payout.
BOOKED, REPLACED, LATER, PAID = "booked", "replaced", "later", "payout"
COUNTED = (OPEN, WAITING, UNCLEAR)


class Sorted(NamedTuple):
    """A transaction and why it counts at a cut-off, or does not."""

    transaction: Transaction
    origin: str


def sort_out(
    transactions: Iterable[Transaction],
    cut_off: datetime,
    is_booked: Callable[[Transaction], bool],
) -> list[Sorted]:
    """Say of each transaction why it counts at a cut-off, or does not.

    :param transactions: all that were posted before the cut-off, and the releases after it
    :param cut_off: the first moment (naive UTC) that does not count any more
    :param is_booked: function of a released one → whether an entry of that time books it
    """
    known = {one.ref: one for one in transactions}
    releases = {one.deferred_ref: one for one in known.values() if one.deferred_ref}
    found = []
    for one in known.values():
        release = known.get(one.release_ref) or releases.get(one.ref)
        found.append(Sorted(one, _origin(one, release, cut_off, is_booked)))
    return found


def _origin(
    one: Transaction,
    release: Transaction | None,
    cut_off: datetime,
    is_booked: Callable[[Transaction], bool],
) -> str:
    if one.posted_at >= cut_off:
        return LATER
    if one.kind == PAYOUT:
        return PAID
    if one.status == RELEASED:
        return BOOKED if is_booked(one) else OPEN
    if release:
        return REPLACED if release.posted_at < cut_off else WAITING
    if one.status == DEFERRED or (one.matures_at and one.matures_at >= cut_off):
        return WAITING
    return UNCLEAR
