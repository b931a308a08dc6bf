"""The Reports API for settlements: which there are, and one document.

Facts: docs/facts/api.md. Settlement reports cannot be requested, only listed; history ends
at 90 days, and a span of exactly 90 is refused; ``marketplaceIds`` does not filter; a page token
stands alone; the presigned address of a document lives five minutes and wants no token of ours.
"""

import re
from datetime import datetime
from email.message import Message
from typing import Any, NamedTuple

import requests

from ..errors import Rejected, Retryable
from . import transport
from .moments import moment, moment_text
from .regions import is_document_address
from .selling_partner import SETTLEMENT_REPORT, SellingPartner, word

PAGE_SIZE = 100
MAX_DOCUMENT = 512 * 1024**2
_PATH = "/reports/2021-06-30"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch


class ReportInfo(NamedTuple):
    """A report as Amazon lists it; times are naive UTC."""

    report_ref: str
    document_ref: str
    processing_status: str
    created_at: datetime
    date_start: datetime | None
    date_end: datetime | None


class Page(NamedTuple):
    """A page of reports; ``next_token`` is ``""`` on the last one.

    :param told_at: when Amazon told it, by its own clock (naive UTC), ``None`` if that is unknown
    """

    reports: list[ReportInfo]
    next_token: str
    told_at: datetime | None = None


class DocumentLink(NamedTuple):
    """Where a document lies for five minutes. The address is a secret: never log it.

    :param only_public: it must not lead into a private network
    """

    url: str
    is_gzip: bool
    only_public: bool = False


def first_page(partner: SellingPartner, since: datetime, until: datetime | None = None) -> Page:
    """Ask for settlement reports created since a time (naive UTC), newest or oldest first.

    :return: ``Page``
    :raises AmazonError: see ``selling_partner.error_of``; an unreadable answer is no empty list
    """
    params: dict[str, str | int] = {
        "reportTypes": SETTLEMENT_REPORT,
        "pageSize": PAGE_SIZE,
        "createdSince": moment_text(since),
    }
    if until:
        params["createdUntil"] = moment_text(until)
    return _page(partner, params)


def next_page(partner: SellingPartner, next_token: str) -> Page:
    """Ask for the next page; the token must be the only parameter."""
    return _page(partner, {"nextToken": next_token})


def one_report(partner: SellingPartner, report_ref: str) -> ReportInfo:
    """Ask for one report (getReport): how far it is, where the list no longer tells.

    :return: ``ReportInfo``
    """
    if not _ID(report_ref):
        raise Rejected("bad_report_id", operation="getReport")
    values = partner.get(f"{_PATH}/reports/{report_ref}", "getReport")
    try:
        return _info(values)
    except _ODD:
        raise Retryable(
            "unreadable", partner.request_id, operation="getReport", what="report"
        ) from None


def document_link(partner: SellingPartner, document_ref: str) -> DocumentLink:
    """Ask where a document lies (getReportDocument)."""
    if not re.fullmatch(r"[!-.0-~]{1,512}", document_ref):
        raise Rejected("bad_document_id", operation="getReportDocument")
    values = partner.get(f"{_PATH}/documents/{document_ref}", "getReportDocument")
    url = values.get("url")
    if not isinstance(url, str) or not url:
        raise Retryable("unreadable", partner.request_id, operation="getReportDocument", what="url")
    # What is on the other side would be read and shown: nobody but Amazon may name it.
    if partner.only_amazon and not is_document_address(url):
        raise Rejected("bad_address", partner.request_id, operation="getReportDocument")
    compression = values.get("compressionAlgorithm")
    if compression not in (None, "GZIP"):
        packed = transport.clean(compression, 20)
        raise Rejected(
            "compression", partner.request_id, operation="getReportDocument", packed=packed
        )
    return DocumentLink(url, compression == "GZIP", partner.only_amazon)


def download(session: requests.Session, link: DocumentLink, agent: str) -> tuple[bytes, str]:
    """Fetch a document at its presigned address, without our token.

    :return: (bytes as they were sent, charset of the Content-Type or ``""``)
    :raises Retryable: the address expired, or the transfer broke off
    :raises Rejected: it leads elsewhere, or into a private network
    """
    answer = transport.call(
        session,
        "GET",
        link.url,
        # Identity: what is packed is packed by Amazon, and unpacked once, by document.py.
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        limit=MAX_DOCUMENT,
        deadline=2 * transport.DEADLINE,
        only_public=link.only_public,
    )
    if answer.status in (403, 404):
        raise Retryable("link_expired", answer.request_id, operation="download", after=0)
    if answer.status != 200:
        raise Retryable("download_failed", operation="download", status=answer.status)
    if not answer.body:
        raise Retryable("empty_document", operation="download")
    if link.is_gzip and answer.body.startswith(b"<"):
        # Whoever answered, it was not the storage: what it holds is packed.
        raise Retryable("web_page", operation="download")
    return answer.body, _charset(answer.headers.get("content-type", ""))


def _charset(content_type: str) -> str:
    message = Message()
    try:
        message["Content-Type"] = transport.clean(content_type)
        return word(message.get_content_charset(), 40)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _page(partner: SellingPartner, params: dict[str, str | int]) -> Page:
    values = partner.get(f"{_PATH}/reports", "getReports", params)
    items, token = values.get("reports"), values.get("nextToken")
    if not isinstance(items, list):
        raise Retryable("unreadable", partner.request_id, operation="getReports", what="reports")
    try:
        found = [_info(item) for item in items if item["reportType"] == SETTLEMENT_REPORT]
        token = word(token, 4096) if token else ""
    except _ODD:
        raise Retryable(
            "unreadable", partner.request_id, operation="getReports", what="reports"
        ) from None
    return Page(found, token, partner.moment)


#: What reading an answer raises where it is not as Amazon's model says.
_ODD = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def _info(item: dict[str, Any]) -> ReportInfo:
    if not _ID(item["reportId"]):
        raise ValueError("no id of a report")
    document_ref = item.get("reportDocumentId")
    return ReportInfo(
        item["reportId"],
        word(document_ref, 512) if document_ref else "",
        word(item["processingStatus"], 64),
        moment(item["createdTime"]),
        moment(item["dataStartTime"]) if item.get("dataStartTime") else None,
        moment(item["dataEndTime"]) if item.get("dataEndTime") else None,
    )
