"""Where an accountant of a country looks for Amazon's accounts: the tables in ``data/`` as values.

``account_places.csv`` says for each chart of accounts that Odoo ships between which codes an
account belongs, in which group, with which tags, beside which account of the chart and why.
``account_names.csv`` has the accounts' names by language. Both name an account by the first of
the categories that it is for.
"""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ...engine.words.categories import ACCRUED_INCOME, DEPOSIT, ROLLOVER, TAX_ROWS

DATA = Path(__file__).parents[2] / "data"
#: For a company that has no accounts at all.
GENERIC = "generic_coa"
_NUMBER = re.compile(r"(.*?)(\d+)$")


class Proposal(NamedTuple):
    """An account that a company needs, and the categories that share it."""

    categories: tuple
    account_type: str
    reconcile: bool = False
    #: How accounts of the same kind are called, for charts that are not in the table.
    words: str = ""

    @property
    def key(self):
        """What the tables call the account."""
        return self.categories[0]

    @property
    def name(self):
        """Its English name."""
        return names(self.key)["en"]


_TRANSIT = "transit|transfer|clearing|geldtransit|kruisposten|virement|tránsito|tranzit"
_ACCRUED = "accrued (income|revenue)|prepay|abgrenz|sonstige.*vermögen|recevoir|ratei|upplup"
_CLAIM = "other.*(debtor|receivable)|sonstige.*(forderung|vermögen)|débiteur|deudor|debitor"
#: "other" has no proposal: its account depends on the business.
PROPOSALS = (
    Proposal(
        (DEPOSIT, "carried_balance", "failed_transfer", "bank_verification"),
        "asset_current",
        True,
        _TRANSIT,
    ),
    # One marketplace pays, another receives: on the clearing account neither would be zero.
    Proposal(("debt_adjustment",), "asset_current", True, _CLAIM),
    Proposal((ROLLOVER,), "asset_current", True, _CLAIM),
    Proposal((ACCRUED_INCOME,), "asset_current", True, _ACCRUED),
    Proposal(("reserve",), "asset_current", True, _CLAIM),
    Proposal(("card_charge",), "asset_current", True, _TRANSIT),
    Proposal(("direct_payment",), "asset_current", True, _CLAIM),
    Proposal(
        ("tax_credit",), "asset_current", words="withh|tax.*(receiv|recover)|steuer|retenu|ritenut"
    ),
    Proposal(
        TAX_ROWS,
        "liability_current",
        words="other.*(creditor|tax|current)|sonstige.*verbindlich|autres impôts|debiti",
    ),
    Proposal(("loan",), "liability_current", words="loan|darlehen|emprunt|préstamo|finanziam|lån"),
    Proposal(
        ("sales",), "income", words="sale|revenue|turnover|umsatz|erlös|vente|vendit|venta|omzet"
    ),
    Proposal(("shipping_income",), "income", words="freight|shipping|sale|revenue|erlös|vente"),
    Proposal(("giftwrap_income",), "income", words="sale|revenue|turnover|erlös|vente|vendit"),
    Proposal(("promotions",), "income", words="discount|rebate|allowance|rabatt|remise|sconti"),
    Proposal(("refunds",), "income", words="return|refund|allowance|schmälerung|retour|resi"),
    Proposal(("reimbursements",), "income_other", words="other|compensation|sonstige|autres"),
    Proposal(
        ("selling_fees",), "expense", words="commission|selling|provision|provvig|comisi|vertrieb"
    ),
    Proposal(("fba_fees",), "expense", words="freight|shipping|logisti|fracht|transport|trasport"),
    Proposal(("storage_fees",), "expense", words="storage|warehous|lager|stockage|freight|fracht"),
    Proposal(("advertising",), "expense", words="advert|marketing|werb|publicit|pubblic|publicid"),
    Proposal(("subscription",), "expense", words="subscription|dues|commission|abonn|selling"),
    Proposal(("chargeback",), "expense", words="bad debt|chargeback|miscellan|sundry|other"),
)


class Place(NamedTuple):
    """A line of the table, for one account.

    :param slot: the code it gets on an untouched chart
    :param first: the first code of its range
    :param last: the last one
    :param group: prefix of the account group the code must fall into; ``""``: that of ``beside``
    :param tags: external ids of exactly the tags it gets
    :param beside: code of the chart's account of the same kind
    """

    slot: str
    first: str
    last: str
    group: str
    tags: tuple
    beside: str
    reason: str

    @property
    def codes(self):
        """All codes of the range, the slot first."""
        start, digits = _NUMBER.match(self.slot).groups()
        end = int(_NUMBER.match(self.last).group(2))
        return [f"{start}{n:0{len(digits)}}" for n in range(int(digits), end + 1)]

    def has(self, code):
        """Whether a code lies in the range."""
        return len(code) == len(self.first) and self.first <= code <= self.last


def _rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def table():
    """Return {chart: {account: its place}} as the table has it."""
    charts = {}
    for row in _rows("account_places.csv"):
        start, digits = _NUMBER.match(row["first"]).groups()
        for index, account in enumerate(row["accounts"].split()):
            place = Place(
                f"{start}{int(digits) + index:0{len(digits)}}",
                row["first"],
                row["last"],
                row["group"],
                tuple(row["tags"].split()),
                row["beside"],
                row["reason"],
            )
            for chart in row["charts"].split():
                charts.setdefault(chart, {})[account] = place
    return charts


@cache
def _names():
    return {row.pop("category"): row for row in _rows("account_names.csv")}


def names(account):
    """Return {code of a language without its country: name} of an account."""
    return _names()[account]
