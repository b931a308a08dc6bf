"""The storage of report documents: presigned URLs, good for five minutes.

Facts: docs/facts/api.md, "Documents".

It speaks XML like S3 does, knows nothing of tokens, and refuses requests that carry one.
"""

import hashlib
import hmac
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from markupsafe import escape
from werkzeug.wrappers import Response

from . import faults

URL_SECONDS = 300
PATH = "/documents-storage/"
_SIGNATURE = "X-Amz-Signature"
_TIME = "%Y%m%dT%H%M%SZ"


def presigned_url(fake, report, is_compressed, is_encoded=False, is_expired=False):
    """Make the URL of a report's document.

    :param is_compressed: the storage gives the gzip, not the plain file
    :param is_encoded: the storage declares ``Content-Encoding: gzip``, so that clients unzip
    :param is_expired: the five minutes are over already
    """
    signed_at = fake.clock() - timedelta(seconds=2 * URL_SECONDS if is_expired else 0)
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": signed_at.astimezone(timezone.utc).strftime(_TIME),
        "X-Amz-Expires": str(URL_SECONDS),
        "X-Amz-SignedHeaders": "host",
        "region": report.region,
        "seller": report.seller.selling_partner_id,
        "form": "gzip" if is_compressed else "plain",
    }
    if is_compressed:
        query["response-content-encoding"] = "gzip" if is_encoded else "identity"
    query[_SIGNATURE] = _signature(fake, report.report_document_id, query)
    return f"{fake.base_url}{PATH}{report.report_document_id}?{urlencode(query)}"


def _signature(fake, document_id, query):
    signed = urlencode(sorted((name, query[name]) for name in query if name != _SIGNATURE))
    text = f"{document_id}?{signed}".encode()
    return hmac.new(fake.storage_key, text, hashlib.sha256).hexdigest()


def download(fake, request, document_id):
    """Answer a presigned URL."""
    query = request.args.to_dict()
    fault = request.fault
    kind = fault.kind if fault else None
    if kind in faults.REPLACED:
        return failed(kind)
    if any(name.lower().startswith("x-amz-") for name in request.headers.keys()):
        message = "There were headers present in the request which were not signed"
        return _error(403, "AccessDenied", message)
    if "Authorization" in request.headers:
        return _error(400, "InvalidArgument", "Only one auth mechanism allowed")
    expected = _signature(fake, document_id, query)
    if not hmac.compare_digest(expected.encode(), query.get(_SIGNATURE, "").encode()):
        return _error(403, "SignatureDoesNotMatch", "The signature we calculated does not match.")
    signed_at = datetime.strptime(query["X-Amz-Date"], _TIME).replace(tzinfo=timezone.utc)
    expires_at = signed_at + timedelta(seconds=URL_SECONDS)
    if fake.clock() >= expires_at or kind == "expired_url":
        return _error(403, "AccessDenied", "Request has expired", Expires=expires_at.isoformat())
    report = next(
        (
            one
            for one in fake.sellers[query["seller"]].reports.values()
            if one.report_document_id == document_id
        ),
        None,
    )
    if report is None:
        return _error(404, "NoSuchKey", "The specified key does not exist.")
    return _document(report, query, fault)


def _document(report, query, fault):
    kind = fault.kind if fault else None
    body = report.packed if query["form"] == "gzip" else report.content
    if kind == "truncated_gzip":
        body = body[: len(body) // 2]
    elif kind == "broken_gzip":
        middle = len(body) // 2
        broken = bytes(255 - byte for byte in body[middle : middle + 8])
        body = body[:middle] + broken + body[middle + 8 :]
    content_type = report.content_type
    if kind == "charset":
        content_type = f"text/plain;charset={fault.options.get('charset', 'ISO-8859-1')}"
    elif kind == "no_charset":
        content_type = "text/plain"
    response = Response(body, 200)
    response.headers["Content-Type"] = content_type
    if kind == "content_encoding":
        response.headers["Content-Encoding"] = "gzip"
    elif "response-content-encoding" in query:
        response.headers["Content-Encoding"] = query["response-content-encoding"]
    return response


def failed(kind):
    """Return the storage's answer to a fault that replaces it."""
    if kind in ("html", "empty", "redirect"):
        return faults.anywhere(kind)
    if kind in ("429", "503"):
        return _error(503, "SlowDown", "Please reduce your request rate.")
    if kind == "500":
        return _error(500, "InternalError", "We encountered an internal error.")
    if kind == "404":
        return _error(404, "NoSuchKey", "The specified key does not exist.")
    return _error(403, "AccessDenied", "Access Denied")


def _error(status, code, message, **more):
    fields = {"Code": code, "Message": message, **more}
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Response(text, status, content_type="application/xml")
