"""``FakeAmazon``: Amazon as an object. Tests set it up, call it over WSGI or HTTP, and ask it.

Where an application or a seller is wanted, the record or its id will do; without one it is the
first that was added.
"""

import functools
import glob
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

from . import settlement_file
from .app import App
from .catalogue import COUNTRIES, REGIONS
from .contract import OPERATIONS
from .faults import Faults
from .limits import Limits
from .state import (
    CODE_LIFETIME,
    FINANCE,
    INSIGHTS,
    REPORT_LIFETIME,
    SELF_AUTHORIZATIONS,
    V2,
    Application,
    Clock,
    Code,
    Grant,
    Mint,
    Options,
    Participation,
    Report,
    Secret,
    Seller,
)

#: Reports were seen 39 and 100 minutes after the end of their period (docs/facts/api.md,
#: "Unfinished reports").
REPORT_DELAY = timedelta(minutes=39)
#: Seconds the old client secret works beside the new one; said, not confirmed
#: (docs/facts/oauth.md, "Client secrets").
SECRET_OVERLAP = 7 * 86400


def _locked(method):
    @functools.wraps(method)
    def call(self, *args, **kwargs):
        with self.lock:
            return method(self, *args, **kwargs)

    return call


class FakeAmazon:
    """One Amazon, with its own clock, randomness and memory. It is a WSGI application.

    :param clock: a function returning an aware datetime, or a datetime that stands still; the
        computer's clock by default
    :param seed: the same seed and the same calls give the same ids and tokens
    :param has_control: answer at ``/_control``
    :ivar calls: every request so far, without secrets
    :ivar base_url: where it can be reached; a ``FakeAmazonServer`` sets it
    :ivar options: how it behaves where the facts are open
    """

    def __init__(self, clock=None, seed=0, has_control=False):
        self.clock = Clock(clock)
        self.mint = Mint(seed)
        self.lock = threading.RLock()
        self.options = Options()
        self.has_control = has_control
        self.base_url = "http://localhost"
        self.faults = Faults(seed)
        self.limits = Limits(
            self.clock, {name: (one.rate, one.burst) for name, one in OPERATIONS.items()}
        )
        self.storage_key = self.mint.text(32).encode()
        self.calls = []
        self.applications = {}  # application id → Application
        self.sellers = {}  # selling partner id → Seller
        self.grants = {}  # refresh token → Grant
        self.codes = {}
        self.access_tokens = {}
        self.amazon_states = {}
        self.next_tokens = {}
        self.falsified = {}  # settlement id → (amount, breakdown)
        self.falsified_balances = {}  # kind of balance → amount
        self._app = App(self)

    def __call__(self, environ, start_response):
        return self._app(environ, start_response)

    # -- where it is

    def hosts(self):
        """Return the addresses of the regions, LWA and Seller Central."""
        return {
            **{region: f"{self.base_url}/{region}" for region in REGIONS},
            "lwa": self.base_url,
            "seller_central": self.base_url,
        }

    # -- who is there

    @_locked
    def add_application(
        self,
        redirect_uris=(),
        login_uri=None,
        *,
        name="Settlement Connector",
        draft=False,
        roles=(FINANCE, INSIGHTS),
        authorization_limit=25,
        client_id=None,
        client_secret=None,
        application_id=None,
        is_private=False,
    ):
        """Register an application.

        :param redirect_uris: OAuth Redirect URIs; consent needs one, and a Login URI
        :param authorization_limit: ``None`` for an application listed in the Appstore
        :param is_private: it needs no URIs, and nobody can consent to it: ``self_authorize``
        """
        application = Application(
            application_id or f"amzn1.sp.solution.{self.mint.uuid()}",
            client_id or f"amzn1.application-oa2-client.{self.mint.text(32, '0123456789abcdef')}",
            [Secret(client_secret or self._new_secret())],
            name,
            list(redirect_uris),
            login_uri,
            draft,
            frozenset(roles),
            authorization_limit,
            is_private=is_private,
        )
        self.applications[application.application_id] = application
        return application

    @_locked
    def update_application(self, application=None, **values):
        """Change fields of an application, e.g. ``redirect_uris`` or ``draft``."""
        if "roles" in values:
            values["roles"] = frozenset(values["roles"])
        return _update(self.application(application), values)

    @_locked
    def rotate_secret(self, application=None, overlap=SECRET_OVERLAP):
        """Give an application a new secret; the older ones end after ``overlap`` seconds."""
        application = self.application(application)
        deadline = self.clock() + timedelta(seconds=overlap)
        for secret in application.secrets:
            secret.expires_at = min(secret.expires_at or deadline, deadline)
        application.secrets.append(Secret(self._new_secret()))
        return application.client_secret

    @_locked
    def add_seller(self, countries=("DE",), *, name=None, selling_partner_id=None, **fields):
        """Open a seller account.

        :param countries: codes such as ``DE``; ``-DE`` is listed without participating
        :param fields: other fields of ``Seller``: ``plan``, ``is_primary_user`` and so on
        """
        participations = [
            Participation(COUNTRIES[code.lstrip("-")], not code.startswith("-"))
            for code in countries
        ]
        selling_partner_id = selling_partner_id or self.mint.merchant_token()
        name = name or f"Best Seller {countries[0].lstrip('-')}"
        seller = _update(Seller(selling_partner_id, name, participations), fields)
        self.sellers[selling_partner_id] = seller
        return seller

    @_locked
    def update_seller(self, seller=None, **values):
        """Change fields of a seller, e.g. ``is_active``."""
        return _update(self.seller(seller), values)

    def application(self, which=None):
        return _find(self.applications, which, Application)

    def seller(self, which=None):
        return _find(self.sellers, which, Seller)

    def client(self, client_id):
        """Return the application with that client id, or ``None``."""
        for application in self.applications.values():
            if application.client_id == client_id:
                return application
        return None

    # -- what sellers have authorised

    @_locked
    def grant(self, application=None, seller=None, regions=None, authorized_at=None):
        """Let a seller authorise an application, without a browser.

        To a private application nobody can consent: there it is a self-authorisation.

        :param regions: all of the seller's by default
        :param authorized_at: now by default; a year later the grant is over
        :return: the grant with its ``refresh_token``
        """
        application, seller = self.application(application), self.seller(seller)
        now = self.clock()
        if application.is_private:
            return self.self_authorize(application, seller)
        if self.options.reauthorization_revokes:
            self.revoke(seller, application, is_self=False)
        grant = Grant(
            application,
            seller,
            frozenset(regions or seller.regions),
            application.roles,
            authorized_at or now,
            self.mint.token("Atzr"),
        )
        self.grants[grant.refresh_token] = grant
        return grant

    @_locked
    def self_authorize(self, application=None, seller=None):
        """Press *Authorize app* in the developer console; tokens made before stay valid.

        :raises ValueError: ten other accounts are authorised already
        """
        application, seller = self.application(application), self.seller(seller)
        now = self.clock()
        others = {
            grant.seller.selling_partner_id
            for grant in self.grants.values()
            if grant.is_self and grant.application is application and grant.is_valid(now)
        } - {seller.selling_partner_id}
        if len(others) >= SELF_AUTHORIZATIONS:
            raise ValueError("The application has reached its limit of self-authorizations.")
        grant = Grant(
            application,
            seller,
            seller.regions,
            application.roles,
            now,
            self.mint.token("Atzr"),
            is_self=True,
        )
        self.grants[grant.refresh_token] = grant
        return grant

    def grants_of(self, seller=None, application=None, only_valid=True):
        """Return a seller's grants, the oldest first."""
        seller = self.seller(seller)
        application = application and self.application(application)
        return [
            grant
            for grant in self.grants.values()
            if grant.seller is seller
            and application in (None, grant.application)
            and (not only_valid or grant.is_valid(self.clock()))
        ]

    @_locked
    def code(self, grant, redirect_uri):
        """Make the authorization code of a consent."""
        code = Code(self.mint.text(20), grant, redirect_uri, self.clock() + CODE_LIFETIME)
        self.codes[code.value] = code
        return code

    @_locked
    def code_for(self, application=None, seller=None, redirect_uri=None):
        """Consent without a browser: return the text of a code for the redirect URI."""
        application = self.application(application)
        redirect_uri = redirect_uri or next(iter(application.redirect_uris), "")
        return self.code(self.grant(application, seller), redirect_uri).value

    @_locked
    def revoke(self, seller=None, application=None, is_self=None):
        """Take a seller's authorizations (of one application) back; return how many there were.

        :param is_self: only the developer's (true) or only the seller's own (false)
        """
        grants = self.grants_of(seller, application)
        grants = [one for one in grants if is_self in (None, one.is_self)]
        for grant in grants:
            grant.revoked_at = self.clock()
        return len(grants)

    # -- reports

    @_locked
    def add_report(self, content, seller=None, created=None, *, region=None, **fields):
        """Let Amazon make a report.

        :param content: the file, bytes or text; its dates become the report's period
        :param created: ``createdTime``; shortly after the end of the settlement by default, or
            an hour ago where that is not within Amazon's 90 days. A future one appears in time.
        :param fields: other fields of ``Report``, e.g. ``is_compressed=False``
        """
        seller = self.seller(seller)
        region = region or min(seller.regions)
        content = content.encode() if isinstance(content, str) else content
        period = settlement_file.summary(content)
        report = Report(
            self.mint.digits(11),
            f"amzn1.spdoc.1.4.{region}.{self.mint.uuid()}.{self.mint.text(14).upper()}",
            region,
            seller,
            content,
            created or self._created(period.end, timedelta(hours=1)),
            data_start_time=period.start,
            data_end_time=period.end,
            content_type=settlement_file.content_type(content),
        )
        _update(report, fields)
        seller.reports[report.report_id] = report
        return report

    @_locked
    def update_report(self, report, **values):
        """Change fields of a report: ``processing_status``, ``report_document_id`` and so on.

        :param report: the record or its id
        """
        reports = {}
        for seller in self.sellers.values():
            reports.update(seller.reports)
        return _update(_find(reports, report, Report), values)

    @_locked
    def add_files(self, patterns, seller=None):
        """Make one report of each file; files too old for Amazon count as made just now.

        :param patterns: paths or glob patterns
        :param seller: by default the seller with a marketplace of the file's currency
        """
        paths = sorted({path for pattern in patterns for path in glob.glob(str(pattern))})
        files = [(Path(path).read_bytes(), path) for path in paths]
        periods = {path: settlement_file.summary(content) for content, path in files}
        oldest = self.clock() - REPORT_LIFETIME
        files.sort(key=lambda one: (periods[one[1]].end or oldest, one[1]))
        return [
            self.add_report(
                content,
                seller or self._seller_paid_in(periods[path].currency),
                self._created(periods[path].end, timedelta(hours=len(files) - index)),
            )
            for index, (content, path) in enumerate(files)
        ]

    def _created(self, end, otherwise_ago):
        """Return when a settlement's report was made."""
        now = self.clock()
        if end and now - REPORT_LIFETIME + timedelta(days=1) < end + REPORT_DELAY <= now:
            return end + REPORT_DELAY
        return now - otherwise_ago

    def _seller_paid_in(self, currency):
        for seller in self.sellers.values():
            if currency in {one.marketplace.currency for one in seller.participations}:
                return seller
        return self.seller()

    # -- finances

    @_locked
    def defer(self, order_ref, posted, reason="DD7", seller=None):
        """Let an order of a file have been deferred: posted at a time, released when the file says.

        :param posted: an aware datetime before the order's date in the file
        :param reason: ``DD7`` (seven days after delivery) or ``B2B`` (invoiced)
        """
        self.seller(seller).deferrals[order_ref] = (posted, reason)

    @_locked
    def falsify_summary(self, settlement_ref, amount="0.01", breakdown="Sales"):
        """Let Amazon's summary of a settlement be wrong by an amount; nothing makes it right."""
        self.falsified[settlement_ref] = (amount, breakdown)
        if not amount:
            del self.falsified[settlement_ref]

    @_locked
    def falsify_balance(self, kind, amount="0.01"):
        """Let the first of Amazon's balances be wrong by an amount; its sums hold it."""
        self.falsified_balances[kind] = amount

    # -- trouble, time, questions

    @_locked
    def fail(self, operation, kind, times=1, **options):
        """Switch a fault on; see ``faults`` for operations, kinds and options."""
        return self.faults.add(operation, kind, times, **options)

    @_locked
    def clear_faults(self):
        self.faults.clear()

    @_locked
    def advance(self, seconds):
        """Move Amazon's clock."""
        self.clock.advance(seconds)

    @_locked
    def set_options(self, **values):
        """Change how Amazon behaves where the facts are open; see ``Options``."""
        return _update(self.options, values)

    @_locked
    def counts(self):
        """Count the calls: operation → status → number; ``lost`` where no whole answer went out."""
        counts = {}
        for call in self.calls:
            counts.setdefault(call.operation or "other", Counter())[str(call.status or "lost")] += 1
        return counts

    def _new_secret(self):
        return f"amzn1.oa2-cs.v1.{self.mint.text(64, '0123456789abcdef')}"


def _find(records, which, kind):
    if isinstance(which, kind):
        return which
    if which is None:
        if not records:
            raise KeyError(f"There is no {kind.__name__} yet.")
        return next(iter(records.values()))
    return records[which]


def _update(record, values):
    """Set fields of a record.

    :raises TypeError: it has no such field
    """
    for name, value in values.items():
        if name not in record.__dataclass_fields__:
            raise TypeError(f"{type(record).__name__} has no '{name}'")
        setattr(record, name, value)
    return record


__all__ = ["FakeAmazon", "V2"]
