"""What Amazon says of one settlement, once per file."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .dates import OrderEvidence


@dataclass
class Header:
    """What Amazon says of one settlement, once per file.

    Dates are naive UTC or ``None``; ``amount_total`` is the payout from the seller's side
    (negative: the seller owes Amazon), ``None`` where the file does not say.

    :param thousands: marks that separate thousands in amounts that can be read in two ways
        (``10.120``); ``None`` where nothing decides
    :param day_first: order of ``09/06/25`` in this settlement, ``None`` where nothing decides
    :param repeated: line on which it starts a second time, if it does
    :param is_undecided: a row has a date whose order was not decided when it was read
    """

    settlement_ref: str
    line: int
    flavour: str = ""
    date_start: datetime | None = None
    date_end: datetime | None = None
    date_deposit: datetime | None = None
    amount_total: Decimal | None = None
    currency: str = ""
    #: Column → (text, line).
    texts: dict[str, tuple[str, int]] = field(default_factory=dict, repr=False)
    section: int = 0
    own_line: bool = False
    repeated: int = 0
    thousands: frozenset[str] | None = frozenset()
    day_first: bool | None = None
    orders: OrderEvidence = field(default_factory=OrderEvidence, repr=False)
    has_rows: bool = False
    is_ambiguous: bool = False
    is_rewritten: bool = False
    is_undecided: bool = False
