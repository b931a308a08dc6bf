"""The Reports API for settlements: which there are, and one document.

Facts: SP-API facts, section 4. Settlement reports cannot be requested, only listed; history ends
at 90 days, and a span of exactly 90 is refused; ``marketplaceIds`` does not filter; a page token
stands alone; the presigned address of a document lives five minutes and wants no token of ours.
"""

from datetime import datetime, timedelta, timezone
from email.message import Message
from typing import NamedTuple

from . import transport
from .errors import Rejected, Retryable
from .selling_partner import SETTLEMENT_REPORT

#: How far back Amazon answers (airbyte#76265: 90 days minus latency is refused).
HISTORY = timedelta(days=89)
PAGE_SIZE = 100
MAX_DOCUMENT = 512 * 1024**2
_PATH = "/reports/2021-06-30"


class ReportInfo(NamedTuple):
    """A report as Amazon lists it; times are naive UTC."""

    report_ref: str
    document_ref: str
    processing_status: str
    created_at: datetime
    date_start: datetime | None
    date_end: datetime | None


class Page(NamedTuple):
    """A page of reports; ``next_token`` is ``""`` on the last one."""

    reports: list
    next_token: str


class DocumentLink(NamedTuple):
    """Where a document lies for five minutes. The address is a secret: never log it."""

    url: str
    is_gzip: bool


def first_page(partner, since, until=None):
    """Ask for settlement reports created since a time (naive UTC), newest or oldest first.

    :return: ``Page``
    :raises AmazonError: see ``selling_partner.error_of``; an unreadable answer is no empty list
    """
    params = {
        "reportTypes": SETTLEMENT_REPORT,
        "pageSize": PAGE_SIZE,
        "createdSince": _text(since),
    }
    if until:
        params["createdUntil"] = _text(until)
    return _page(partner.get(f"{_PATH}/reports", "getReports", params))


def next_page(partner, next_token):
    """Ask for the next page; the token must be the only parameter."""
    return _page(partner.get(f"{_PATH}/reports", "getReports", {"nextToken": next_token}))


def one_report(partner, report_ref):
    """Ask for one report (getReport); the scheduler needs it not, the list says the same.

    :return: ``ReportInfo``
    """
    if not report_ref.isalnum():
        raise Rejected("bad_report_id", "A report id consists of digits.")
    return _info(partner.get(f"{_PATH}/reports/{report_ref}", "getReport"))


def document_link(partner, document_ref):
    """Ask where a document lies (getReportDocument)."""
    if "/" in document_ref or not document_ref.isprintable():
        raise Rejected("bad_document_id", "Amazon's document id is malformed.")
    values = partner.get(f"{_PATH}/documents/{document_ref}", "getReportDocument")
    url = values.get("url")
    if not isinstance(url, str) or not url:
        raise Retryable("unreadable", "Amazon sent no address of the document.")
    compression = values.get("compressionAlgorithm")
    if compression not in (None, "GZIP"):
        raise Rejected("compression", f"Amazon packed the document with {compression}.")
    return DocumentLink(url, compression == "GZIP")


def download(session, link, agent):
    """Fetch a document at its presigned address, without our token.

    :return: (bytes as they were sent, charset of the Content-Type or ``""``)
    :raises Retryable: the address expired, or the transfer broke off
    """
    answer = transport.call(
        session,
        "GET",
        link.url,
        # Identity: what is packed is packed by Amazon, and unpacked once, by document.py.
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        limit=MAX_DOCUMENT,
    )
    if answer.status in (403, 404):
        raise Retryable("link_expired", "The download link had expired.", answer.request_id, 0)
    if answer.status != 200:
        raise Retryable("download_failed", "The document could not be downloaded.")
    if not answer.body:
        raise Retryable("empty_document", "Amazon sent an empty document.")
    if link.is_gzip and answer.body.startswith(b"<"):
        # Whoever answered, it was not the storage: what it holds is packed.
        raise Retryable("damaged", "A web page came instead of the document.")
    return answer.body, _charset(answer.headers.get("content-type", ""))


def _charset(content_type):
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset() or ""


def _page(values):
    reports = values.get("reports")
    if not isinstance(reports, list):
        raise Retryable("unreadable", "Amazon sent no list of reports.")
    try:
        found = [item for item in reports if item["reportType"] == SETTLEMENT_REPORT]
    except (KeyError, TypeError):
        raise Retryable("unreadable", "Amazon's list of reports is incomplete.") from None
    return Page([_info(item) for item in found], values.get("nextToken") or "")


def _info(item):
    try:
        return ReportInfo(
            item["reportId"],
            item.get("reportDocumentId") or "",
            item["processingStatus"],
            _moment(item["createdTime"]),
            item.get("dataStartTime") and _moment(item["dataStartTime"]),
            item.get("dataEndTime") and _moment(item["dataEndTime"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Retryable("unreadable", "Amazon's list of reports is incomplete.") from None


def _moment(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment


def _text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
