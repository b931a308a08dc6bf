"""SKU → tax class, or product line: what a settlement file does not tell.

Facts: docs/facts/tax.md, "What the file does not tell".

Books, food or children's clothes have another rate than the rest of a shop. The file names no
rate, so the seller says which SKUs belong to which class; everything else is ``""``: standard.
Product lines, by which a seller looks at income and costs, are found the same way.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .patterns import Pattern


class SkuRule(NamedTuple):
    """Puts SKUs into a class: of tax, or a product line.

    :param pattern: a SKU as the file writes it; ``*`` stands for any text
    :param marketplace_name: as the file writes it, ``""`` for all
    """

    pattern: str
    name: str
    marketplace_name: str = ""


class SkuClasses:
    """Finds the class of a SKU: a whole SKU beats a pattern, then the longer pattern wins.

    :param rules: iterable of ``SkuRule``
    """

    def __init__(self, rules: Iterable[SkuRule] = ()) -> None:
        #: (folded SKU, folded marketplace or "" for all) → class
        self._exact: dict[tuple[str, str], str] = {}
        self._cache: dict[tuple[str, str], str] = {}
        #: (rank, marketplace, does a folded SKU match, class)
        self._patterns: list[tuple[tuple[int, bool], str, Callable[[str], bool], str]] = []
        for rule in rules:
            place = rule.marketplace_name.casefold()
            if "*" in rule.pattern:
                matches = Pattern(rule.pattern.casefold()).matches
                rank = (len(rule.pattern), bool(place))
                self._patterns.append((rank, place, matches, rule.name))
            else:
                self._exact[rule.pattern.casefold(), place] = rule.name
        self._patterns.sort(key=lambda entry: entry[0], reverse=True)
        self._any = bool(self._exact or self._patterns)

    def __bool__(self) -> bool:
        """Tell whether there is any rule."""
        return self._any

    def find(self, sku: str, marketplace_name: str = "") -> str:
        """Return the class of a SKU sold in a marketplace, ``""`` where no rule speaks."""
        if not self._any or not sku:
            return ""
        key = sku.casefold(), marketplace_name.casefold()
        if key not in self._cache:
            if len(self._cache) >= 100_000:  # a long catalogue must not grow the memory
                self._cache.clear()
            self._cache[key] = self._find(*key)
        return self._cache[key]

    def _find(self, sku: str, place: str) -> str:
        for where in (place, ""):
            if (sku, where) in self._exact:
                return self._exact[sku, where]
        for _rank, where, matches, name in self._patterns:
            if where in ("", place) and matches(sku):
                return name
        return ""
