"""What was earned up to a moment and is not in the books yet.

Facts: docs/facts/api.md, "Deferred". A deferred transaction and its release are one sale: the
deferred one counts until its release, the release from then on until a settlement books it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

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


class Releases:
    """When what was deferred was released, as far as Amazon tells the releases."""

    def __init__(self) -> None:
        self._by_ref: dict[str, datetime] = {}
        self._by_deferred: dict[str, datetime] = {}

    def add(self, ref: str, deferred_ref: str, posted_at: datetime) -> None:
        """Take note of a transaction that may be a release."""
        self._by_ref[ref] = posted_at
        if deferred_ref:
            self._by_deferred[deferred_ref] = posted_at

    def of(self, one: Transaction) -> datetime | None:
        """Return when a transaction was released, ``None`` where no release is told."""
        return self._by_ref.get(one.release_ref) or self._by_deferred.get(one.ref)


def origin_of(
    one: Transaction,
    releases: Releases,
    cut_off: datetime,
    is_booked: Callable[[Transaction], bool],
) -> str:
    """Say why a transaction counts at a cut-off, or does not.

    :param releases: those before the cut-off, and those after it
    :param cut_off: the first moment (naive UTC) that does not count any more
    :param is_booked: function of a released one → whether an entry of that time books it
    """
    if one.posted_at >= cut_off:
        return LATER
    if one.kind == PAYOUT:
        return PAID
    if one.status == RELEASED:
        return BOOKED if is_booked(one) else OPEN
    if release := releases.of(one):
        return REPLACED if release < cut_off else WAITING
    if one.status == DEFERRED or (one.matures_at and one.matures_at >= cut_off):
        return WAITING
    return UNCLEAR
