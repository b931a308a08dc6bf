"""Files that people take for a settlement: what they are, and what to download instead."""

import re

from ..errors import BadDocument, say

DOWNLOAD = say(
    "Download the settlement in Seller Central: Payments, All Statements, Download Flat File V2."
)


def not_a_settlement(text: str) -> BadDocument:
    """Say what a file without settlement columns is, and what to download instead."""
    start = text.lstrip("\ufeff \t\r\n")[:2000].lower()
    if "accessdenied" in start or "request has expired" in start:
        return BadDocument(
            "expired_download",
            say("This is an error page: the download link had expired. Download the file again."),
        )
    if "<amazonenvelope" in start or "settlementreport" in start:
        return BadDocument(
            "xml_report",
            say(
                "This is the XML settlement report, which Amazon discontinued on 11 November 2026. "
                "%(advice)s",
                advice=DOWNLOAD,
            ),
        )
    if start.startswith(("<!doctype html", "<html")) or "<html" in start:
        return BadDocument(
            "html",
            say(
                "This is a web page, not a report: the sign-in had probably expired. %(advice)s",
                advice=DOWNLOAD,
            ),
        )
    if start.startswith("<"):
        return BadDocument(
            "xml", say("This is an XML file, not a settlement. %(advice)s", advice=DOWNLOAD)
        )
    if start.startswith(("{", "[")):
        return BadDocument(
            "json", say("This is a JSON file, not a settlement. %(advice)s", advice=DOWNLOAD)
        )
    squeezed = re.sub(r"[\s_-]", "", start)
    if sum(word in squeezed for word in _AMAZON_PAY_WORDS) > 1:
        return BadDocument(
            "amazon_pay",
            say(
                "This is a report of Amazon Pay, whose payouts are settlements of their own, not "
                "those of the marketplaces. %(advice)s",
                advice=DOWNLOAD,
            ),
        )
    if any(word in start for word in _DATE_RANGE_WORDS) or _looks_like_date_range(text):
        return BadDocument(
            "date_range",
            say(
                "This is a date-range (transaction) report. It lists transfers and deferred "
                "transactions and does not add up to one payout. %(advice)s",
                advice=DOWNLOAD,
            ),
        )
    return BadDocument(
        "not_a_settlement",
        say(
            "No column «settlement-id» in the first lines: this is not a settlement. %(advice)s",
            advice=DOWNLOAD,
        ),
    )


def _looks_like_date_range(text: str) -> bool:
    """Tell whether a line names columns as date-range reports do in any language.

    They begin with a day and a time, such as ``tarih/saat``, and have a column for the SKU.
    """
    for line in text.splitlines():
        names = [name.strip(' "').lower() for name in re.split("[\t,;]", line)]
        if len(names) > 4 and "/" in names[0] and "sku" in names:
            return True
    return False


#: Words of the date-range CSV and of its translations, as sellers' programs know them.
_DATE_RANGE_WORDS = (
    "includes amazon marketplace",
    "all amounts in",
    "settlement id",
    "date/time",
    "abrechnungsnummer",
    "datum/uhrzeit",
    "numéro de versement",
    "identifiant du paiement",
    "date/heure",
    "identificador de pago",
    "fecha y hora",
    "id. de liquidación",
    "fecha/hora",
    "id de liquidação",
    "data/hora",
    "numero pagamento",
    "data/ora",
    "schikkings-id",
    "datum/tijd",
    "reglerings-id",
    "datum/tid",
    "identyfikator rozliczenia",
    "data/godzina",
    "tarih/saat",
    "決済番号",
    "日付/時間",
)
#: Columns that reports of Amazon Pay have and no other.
_AMAZON_PAY_WORDS = (
    "amazontransactionid",
    "sellerreferenceid",
    "amazonorderreferenceid",
    "transactionposteddate",
    "nettransactionamount",
    "totaltransactionfee",
)
