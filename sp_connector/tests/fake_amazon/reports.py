"""Reports API 2021-06-30 (docs/facts/api.md, "Listing reports")."""

import json
import re

from . import documents
from .gate import Refused, invalid, not_found, written
from .state import FINANCE, REPORT_LIFETIME, V2

FLAT_FILE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE"
XML = "GET_V2_SETTLEMENT_REPORT_DATA_XML"
#: Report type → the roles of which one is needed (docs/facts/api.md, "Roles").
ROLES = {
    V2: frozenset({FINANCE}),
    FLAT_FILE: frozenset({FINANCE, "Inventory and Order Tracking", "Amazon Fulfillment"}),
    XML: frozenset({FINANCE}),
}
#: Amazon's number of a type in the refusal of createReport; XML's is not known.
_NUMBERS = {V2: " 1118", FLAT_FILE: " 1117", XML: ""}
_TYPE = re.compile(r"[A-Z][A-Z0-9_]+").fullmatch


def get_reports(fake, call):
    """List reports, newest first.

    The next page starts where the last one ended in the list as it is *then*: a report that
    comes in between shifts the pages, and the last report of a page comes again on the next.
    """
    query, offset = call.query, 0
    if "nextToken" in query:
        query, offset = _continued(fake, call, query["nextToken"])
        if call.fault and call.fault.kind == "shift":
            offset = max(0, offset - call.fault.options.get("by", 1))
    elif "reportTypes" not in query:
        raise invalid("Either reportTypes or nextToken is required.")
    _check_filters(fake, query)
    for report_type in query["reportTypes"]:
        _check_role(call, report_type)
    size = query.get("pageSize", 10)
    found = [] if call.is_elsewhere else _matching(fake, call, query)
    page = [describe(report) for report in found[offset : offset + size]]
    if call.fault and call.fault.kind == "duplicates":
        page = [one for one in page for _twice in range(2)]
    answer = {"reports": page}
    if offset + size < len(found):
        answer["nextToken"] = fake.mint.text(64)
        fake.next_tokens[answer["nextToken"]] = (call.grant, query, offset + size)
    return answer


def get_report(fake, call):
    return describe(_own(fake, call, "report_id", call.path["reportId"]))


def get_report_document(fake, call):
    """Give a URL that is good for five minutes."""
    document_id = call.path["reportDocumentId"]
    report = _own(fake, call, "report_document_id", document_id)
    if report.processing_status != "DONE":
        raise not_found(f"Resource {document_id} not found")
    kind = call.fault.kind if call.fault else None
    is_compressed = report.is_compressed and kind != "uncompressed"
    answer = {
        "reportDocumentId": document_id,
        "url": documents.presigned_url(
            fake,
            report,
            is_compressed,
            is_encoded=call.query.get("enableContentEncodingUrlHeader", False),
            is_expired=kind == "expired_url",
        ),
    }
    if is_compressed:
        answer["compressionAlgorithm"] = "GZIP"
    return answer


def create_report(fake, call):
    """Refuse: Amazon makes settlement reports by itself, and this is no other report's home."""
    try:
        body = json.loads(call.request.get_data())
        report_type = body["reportType"]
        if not body["marketplaceIds"] or not isinstance(report_type, str):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise invalid("Invalid Input") from None
    _check_role(call, report_type)
    raise invalid(f"Request for report type{_NUMBERS[report_type]} is not allowed at this time")


def describe(report):
    """Return a report as Amazon lists it.

    ``marketplaceIds`` names all marketplaces of the account, shadows included: filtering by one
    of them has no effect.
    """
    described = {
        "reportId": report.report_id,
        "reportType": report.report_type,
        "createdTime": written(report.created_time),
        "processingStatus": report.processing_status,
        "marketplaceIds": _marketplace_ids(report),
    }
    if report.data_start_time and report.data_end_time:
        described["dataStartTime"] = written(report.data_start_time)
        described["dataEndTime"] = written(report.data_end_time)
    if report.processing_status in ("DONE", "FATAL", "CANCELLED"):
        described["processingStartTime"] = written(report.created_time)
        described["processingEndTime"] = written(report.created_time)
    if report.processing_status == "DONE" and report.report_document_id:
        described["reportDocumentId"] = report.report_document_id
    return described


def _marketplace_ids(report):
    return [one.marketplace.id for one in report.seller.listed(report.region)]


def _continued(fake, call, token):
    grant, query, offset = fake.next_tokens.get(token, (None, None, None))
    if (
        grant is None
        or grant.seller is not call.seller
        or grant.application is not call.grant.application
    ):
        raise invalid("Invalid Input", "The nextToken is invalid.")
    return query, offset


def _check_filters(fake, query):
    # Latency makes "exactly 90 days ago" too old, every time.
    since = query.get("createdSince")
    if since and since <= fake.clock() - REPORT_LIFETIME:
        raise invalid("Invalid Input", "createdSince must be within the last 90 days.")
    if since and "createdUntil" in query and query["createdUntil"] < since:
        raise invalid("Invalid Input", "createdUntil is before createdSince.")
    for report_type in query["reportTypes"]:
        if not _TYPE(report_type):
            raise invalid("Invalid Input", f"Unknown report type '{report_type}'.")


def _check_role(call, report_type):
    """Refuse a type whose role the grant lacks; a type that is not played has none."""
    if not ROLES.get(report_type, frozenset()) & call.grant.roles:
        raise Refused(403, "Unauthorized", "Access to the resource is forbidden", "")


def _matching(fake, call, query):
    now = fake.clock()
    until = min(now, query.get("createdUntil", now))
    since = query.get("createdSince", now - REPORT_LIFETIME)
    statuses = query.get("processingStatuses")
    marketplaces = query.get("marketplaceIds")
    found = [
        report
        for report in call.seller.reports.values()
        if report.region == call.region
        and report.is_kept(now)
        and since <= report.created_time <= until
        and report.report_type in query["reportTypes"]
        and (not statuses or report.processing_status in statuses)
        and (not marketplaces or set(marketplaces) & set(_marketplace_ids(report)))
    ]
    return sorted(found, key=lambda one: (one.created_time, one.report_id), reverse=True)


def _own(fake, call, attribute, value):
    """Return the seller's report whose attribute has that value; ids are unique per seller."""
    for report in [] if call.is_elsewhere else call.seller.reports.values():
        if (
            getattr(report, attribute) == value
            and report.region == call.region
            and report.is_kept(fake.clock())
        ):
            _check_role(call, report.report_type)
            return report
    raise not_found(f"Resource {value} not found")
