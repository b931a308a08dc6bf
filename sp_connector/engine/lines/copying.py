"""Rows as text for PostgreSQL's COPY: what a database takes fastest."""

import itertools
from collections.abc import Iterable, Iterator
from operator import attrgetter

from ..files.columns import CODES
from ..files.headers import Header
from ..words.classify import Classifier, Match
from .order_items import OrderItems
from .pages import NO_DATE, Page
from .places import Places
from .summary import Grouping, LineKey

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_amount = attrgetter("amount")


def copy_rows(
    pages: Iterable[Page],
    headers: dict[str, Header],
    items: OrderItems,
    rules: tuple[Classifier, Grouping],
    fronts: dict[tuple[str, LineKey], str],
) -> Iterator[bytes]:
    """Yield rows as text of ``COPY … WITH (NULL '')``, some dozens at a time.

    :param fronts: (settlement id, line's key) → what stands in front of each row of the line;
        rows of other settlements are left out
    """

    def make(
        header: Header, key: LineKey, _match: Match, words: tuple[str, str, str]
    ) -> tuple[str, str] | None:
        front = fronts.get((header.settlement_ref, key))
        # Words that the line has folded.
        folded = "" if words == key[2:5] else " / ".join(words).translate(_ESCAPES)
        return (front, folded) if front else None

    places = Places(headers, items, *rules, make)
    for page in pages:
        page = page.only_good()
        found, _taxed = places.of(page)
        texts = [page.columns[name] for name in CODES[:-1]]
        promotions = page.promotions
        if not page.is_plain:
            texts = [[text.translate(_ESCAPES) for text in column] for column in texts]
            promotions = [text.translate(_ESCAPES) for text in promotions]
        moments = page.moments
        if NO_DATE in moments:
            moments = ["" if moment == NO_DATE else moment for moment in moments]
        rows: Iterable[tuple[str, ...]] = zip(
            [place[0] if place else "" for place in found],
            map(str, page.numbers),
            map(str, page.parts),
            moments,
            *texts,
            map(str, page.units),
            promotions,
            [place[1] if place else "" for place in found],
            map(str, map(_amount, page.pieces)),
            strict=True,
        )
        if None in found:
            rows = itertools.compress(rows, found)
        if text := "\n".join(map("\t".join, rows)):
            yield f"{text}\n".encode()
