"""What the tests share: the samples, small files built in place, and short ways to read them."""

import datetime
import functools
import os
from pathlib import Path

from ..books.lines import PlanLine
from ..books.periods import Calendar
from ..lines import flat_file, summary
from ..words.classify import Classifier, shipped_rules

HERE = Path(__file__).resolve().parent
SAMPLES = HERE / "samples"
#: One seller's consecutive settlements, in the order in which they end (see its README).
CHAIN = HERE / "chain"
CHAIN_ORDER = ("de_1", "de_2", "de_3", "es_1", "de_4", "es_2", "de_5", "de_6")
#: Files as people and their tools bring them (see its README).
CASES = HERE / "cases"
#: A folder of real reports, whose licence is unknown: for those who have some and name it.
REAL_FILES = Path(os.environ.get("SP_CONNECTOR_REAL_FILES", os.devnull))

V2_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "
    "transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name "
    "amount-type amount-description amount fulfillment-id posted-date posted-date-time "
    "order-item-code merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased "
    "promotion-id"
).split()
V1_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "
    "transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name "
    "shipment-fee-type shipment-fee-amount order-fee-type order-fee-amount fulfillment-id "
    "posted-date order-item-code merchant-order-item-id merchant-adjustment-item-id sku "
    "quantity-purchased price-type price-amount item-related-fee-type item-related-fee-amount "
    "misc-fee-amount other-fee-amount other-fee-reason-description promotion-id promotion-type "
    "promotion-amount direct-payment-type direct-payment-amount other-amount"
).split()
V1_AMOUNT_COLUMNS = [
    name for name in V1_COLUMNS if name.endswith("-amount") and name != "total-amount"
]
#: Cells of every row that ``row`` makes, unless the test says otherwise.
MOMENT = "2026-04-10 12:00:00 UTC"


@functools.cache
def classifier():
    """The classifier with the shipped rules."""
    return Classifier(rule for rule, _evidence in shipped_rules())


def sample(name):
    """The bytes of a sample file."""
    return (SAMPLES / name).read_bytes()


def row(words, amount="", ref="42", **cells):
    """One data row as a dict: ``row("Order/ItemPrice/Principal", "10.00", sku="A")``.

    Names of cells are those of the columns, with ``_`` for ``-``.
    """
    kind, amount_type, description = words.split("/")
    made = {
        "settlement-id": ref,
        "transaction-type": kind,
        "amount-type": amount_type,
        "amount-description": description,
        "amount": amount,
        "posted-date-time": MOMENT,
    }
    return made | {name.replace("_", "-"): value for name, value in cells.items()}


def v1_row(kind, ref="42", **cells):
    """One data row of the V1 form as a dict."""
    made = {"settlement-id": ref, "transaction-type": kind, "posted-date": MOMENT}
    return made | {name.replace("_", "-"): value for name, value in cells.items()}


def head(total="10.00", ref="42", currency="GBP", **cells):
    """The summary row as a dict."""
    made = {
        "settlement-id": ref,
        "settlement-start-date": "2026-04-01 00:00:00 UTC",
        "settlement-end-date": "2026-04-15 00:00:00 UTC",
        "deposit-date": "2026-04-17 00:00:00 UTC",
        "total-amount": total,
        "currency": currency,
    }
    return made | {name.replace("_", "-"): value for name, value in cells.items()}


def table(*rows, columns=V2_COLUMNS, separator="\t", end="\n"):
    """The text of a file: column names, then the given rows."""
    lines = [separator.join(columns)]
    lines += [separator.join(cells.get(name, "") for name in columns) for cells in rows]
    return "".join(line + end for line in lines)


def numbered(count, amount="0.01"):
    """A file of ``count`` rows of an equal amount in items of four, as an iterator of bytes."""
    total = f"{int(amount.replace('.', '')) * count / 100:.2f}" if count else "0.00"
    yield ("\t".join(V2_COLUMNS) + "\n").encode()
    yield table(head(total)).partition("\n")[2].encode()
    for number in range(count):
        item = number // 4
        cells = row(
            "Order/ItemPrice/Principal",
            amount,
            order_id=f"999-{item:07d}-0000001",
            order_item_code=str(item),
            sku=f"SKU-{item % 100}",
            quantity_purchased="1",
        )
        yield ("\t".join(cells.get(name, "") for name in V2_COLUMNS) + "\n").encode()


def read(data, name="file.txt"):
    """The one Report in a file, given as text or bytes."""
    data = data.encode() if isinstance(data, str) else data
    (report,) = flat_file.open_reports(name, data)
    return report


def rows_of(data):
    """All rows of a file, the bad ones too."""
    return list(read(data).rows())


def settlements(data, zone=datetime.timezone.utc):
    """{settlement id: summarised settlement} of a file."""
    return summary.summarise(read(data), classifier(), summary.Grouping(zone))


def settle(data, zone=datetime.timezone.utc):
    """The one summarised settlement of a file."""
    (settlement,) = settlements(data, zone).values()
    return settlement


def codes(problems):
    """The codes of problems or of bad rows, in order."""
    return [problem.code for problem in problems]


def plan_lines(settlement, place=None):
    """The ``PlanLine`` of each line of a summarised settlement; ``place``: name → marketplace."""
    place = place or (lambda name: name or None)
    return [
        PlanLine(
            key,
            line.category,
            place(key.marketplace_name),
            line.amount,
            key.month,
            key[2:5],
            key.fulfillment,
            key.tax_form,
            key.tax_class,
            line.row_count,
            line.rates,
            product_line=key.product_line,
        )
        for key, line in settlement.lines.items()
    ]


def calendar(settlement, **options):
    """The ``Calendar`` of a summarised settlement, in UTC."""
    start, end = settlement.header.date_start, settlement.date_booked
    return end and Calendar(start and start.date(), end, end, **options)
