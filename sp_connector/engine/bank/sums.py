"""Several amounts that make one, among those that lie close together."""

from collections.abc import Iterator, Set
from datetime import date
from decimal import Decimal

#: Two and three are tried of so many neighbours; more would fit by chance.
_NEIGHBOURS, _MOST = 24, 3


def find_sums(
    items: list[tuple[date, Decimal, int]], span: int, wanted: Set[Decimal], crowded: set[int]
) -> Iterator[tuple[Decimal, tuple[int, ...]]]:
    """Yield (sum, numbers) of the items that together make one of the wanted amounts.

    Two, three, or all of a day.

    :param items: (day, amount, number), of one currency and sign
    :param span: days between the first and the last of two or three
    :param crowded: gets the numbers of those that have more neighbours than are tried
    """
    if not wanted:
        return
    items = sorted(items)
    days: dict[date, list[tuple[date, Decimal, int]]] = {}
    end = 0
    for start, item in enumerate(items):
        days.setdefault(item[0], []).append(item)
        while end < len(items) and (items[end][0] - item[0]).days <= span:
            end += 1
        neighbours = items[start + 1 : min(end, start + 1 + _NEIGHBOURS)]
        if end - start - 1 > _NEIGHBOURS:
            crowded.add(item[2])
            crowded.update(number for _day, _amount, number in neighbours)
        for place, (_day, amount, number) in enumerate(neighbours):
            two = item[1] + amount
            if two in wanted:
                yield two, (item[2], number)
            for _day, third, last in neighbours[place + 1 :]:
                if two + third in wanted:
                    yield two + third, (item[2], number, last)
    for whole in days.values():
        total = sum((amount for _day, amount, _number in whole), Decimal(0))
        if len(whole) > _MOST and total in wanted:
            yield total, tuple(number for _day, _amount, number in whole)
