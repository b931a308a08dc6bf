"""What Amazon remembers: applications, sellers, grants, codes, tokens, reports.

Plain records without behaviour of their own beyond questions about themselves. Times are aware
datetimes in UTC. Secrets stay out of ``repr``, and so out of failing tests' logs.
"""

import gzip
import random
import string
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property

from .catalogue import Marketplace, shadow_of

#: Codes are valid for five minutes and once (docs/facts/oauth.md, "Consent").
CODE_LIFETIME = timedelta(minutes=5)
#: An Amazon-initiated authorisation must be finished within ten minutes ("Consent").
AMAZON_STATE_LIFETIME = timedelta(minutes=10)
#: ``expires_in`` of an access token, seconds ("Token answers").
ACCESS_TOKEN_SECONDS = 3600
#: A seller authorises for a year ("A year").
GRANT_LIFETIME = timedelta(days=365)
#: Reports are retained for 90 days (docs/facts/api.md, "Ninety days").
REPORT_LIFETIME = timedelta(days=90)
#: Accounts that a developer may authorise himself (Amazon: "Application authorization limits").
SELF_AUTHORIZATIONS = 10

FINANCE = "Finance and Accounting"
INSIGHTS = "Selling Partner Insights"
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


class Clock:
    """Amazon's clock: another clock, moved.

    :param clock: a function returning an aware datetime, or a datetime at which time stands
        still until somebody calls ``advance``; the computer's clock by default
    """

    def __init__(self, clock=None):
        if isinstance(clock, datetime):
            self._clock = lambda: clock
        else:
            self._clock = clock or (lambda: datetime.now(timezone.utc))
        self._moved = timedelta(0)

    def __call__(self):
        return self._clock() + self._moved

    def advance(self, seconds):
        self._moved += timedelta(seconds=seconds)


class Mint:
    """Makes ids and tokens that look like Amazon's; the same seed gives the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, length, alphabet=string.ascii_letters + string.digits):
        return "".join(self.random.choices(alphabet, k=length))

    def digits(self, length):
        return self.text(1, "123456789") + self.text(length - 1, string.digits)

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def merchant_token(self):
        return "A" + self.text(13, string.ascii_uppercase + string.digits)

    def token(self, prefix):
        """Return a token such as ``Atzr|IwEB…``; real ones have up to 2048 bytes."""
        return f"{prefix}|IwEB{self.text(320)}"


@dataclass(eq=False)
class Secret:
    """A client secret; ``expires_at`` is its deadline once a newer one exists."""

    value: str = field(repr=False)
    expires_at: datetime | None = None

    def is_valid(self, now):
        return self.expires_at is None or now < self.expires_at


@dataclass(eq=False)
class Application:
    """A developer's application at Amazon.

    :param draft: not published: consent needs ``version=beta``
    :param roles: what the developer asked for; each grant freezes them
    :param authorization_limit: sellers that may authorise it, ``None`` once listed
    :param is_allowed: False answers ``unauthorized_client``
    :param is_private: for the own organisation's accounts: self-authorisation, no consent
    """

    application_id: str
    client_id: str
    secrets: list[Secret]
    name: str
    redirect_uris: list[str]
    login_uri: str | None
    draft: bool
    roles: frozenset
    authorization_limit: int | None
    is_allowed: bool = True
    is_private: bool = False

    @property
    def client_secret(self):
        """The newest secret."""
        return self.secrets[-1].value

    def secret(self, value, now):
        """Return the valid secret with that value, or ``None``."""
        for secret in self.secrets:
            if secret.value == value and secret.is_valid(now):
                return secret
        return None


@dataclass
class Participation:
    """A seller in a marketplace, in the Sellers API's words."""

    marketplace: Marketplace
    is_participating: bool = True
    has_suspended_listings: bool = False
    store_name: str = ""


@dataclass(eq=False)
class Seller:
    """A seller account.

    :param participations: without shadow marketplaces; those are added on answering
    :param plan: ``PROFESSIONAL`` or ``INDIVIDUAL``
    :param is_primary_user: False: the person at the browser may not consent (SPDC8143)
    :param is_supported: False: business unit not supported (SPSA0404)
    :param is_active: False: account deactivated, every call is refused
    """

    selling_partner_id: str
    name: str
    participations: list[Participation]
    plan: str = "PROFESSIONAL"
    business_type: str = "PRIVATE_LIMITED"
    is_primary_user: bool = True
    is_supported: bool = True
    is_active: bool = True
    has_shadows: bool = True
    reports: dict = field(default_factory=dict, repr=False)  # report id → Report
    #: Order id → (when it was posted as deferred, why); released when its file says posted.
    deferrals: dict = field(default_factory=dict, repr=False)

    @property
    def regions(self):
        return frozenset(one.marketplace.region for one in self.participations)

    def listed(self, region):
        """Return the participations that Amazon lists in a region, shadows included."""
        own = [one for one in self.participations if one.marketplace.region == region]
        shadows = []
        for one in own if self.has_shadows else []:
            if shadow := shadow_of(one.marketplace):
                shadows.append(Participation(shadow, one.is_participating, False, one.store_name))
        return own + shadows


@dataclass(eq=False)
class Grant:
    """A seller's consent, or a developer's self-authorisation. Each makes a refresh token.

    :param is_self: a self-authorisation: the developer revokes it, and that it ends after a year
        is written nowhere (Amazon's page "Renew authorizations" speaks of public applications)
    """

    application: Application
    seller: Seller
    regions: frozenset
    roles: frozenset
    authorized_at: datetime
    refresh_token: str = field(repr=False)
    revoked_at: datetime | None = None
    is_self: bool = False

    @property
    def expires_at(self):
        return None if self.is_self else self.authorized_at + GRANT_LIFETIME

    def is_valid(self, now):
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(eq=False)
class Code:
    """An LWA authorization code; ``redirect_uri`` is where it was sent."""

    value: str = field(repr=False)
    grant: Grant
    redirect_uri: str
    expires_at: datetime
    is_used: bool = False


@dataclass(eq=False)
class AccessToken:
    """``grant`` is ``None`` for a grantless token."""

    value: str = field(repr=False)
    application: Application
    secret: Secret
    grant: Grant | None
    expires_at: datetime


@dataclass(eq=False)
class AmazonState:
    """An authorisation that began at Amazon and waits for the application.

    Facts: docs/facts/oauth.md, "Begun at Amazon".
    """

    value: str = field(repr=False)
    application: Application
    seller: Seller
    regions: frozenset
    expires_at: datetime
    is_used: bool = False


@dataclass(eq=False)
class Report:
    """A report and its document; ``content`` is the file as it is before compression.

    :param report_document_id: nothing: Amazon says DONE and names no document
    :param processing_status: a report stays as it is until ``FakeAmazon.update_report``
    :param created_time: a report of the future appears when the clock gets there
    :param content_type: what the storage answers in ``Content-Type``
    """

    report_id: str
    report_document_id: str
    region: str
    seller: Seller
    content: bytes = field(repr=False)
    created_time: datetime
    report_type: str = V2
    processing_status: str = "DONE"
    data_start_time: datetime | None = None
    data_end_time: datetime | None = None
    is_compressed: bool = True
    content_type: str = "text/plain;charset=UTF-8"

    @cached_property
    def packed(self):
        """The gzip of the content, the same bytes each time."""
        return gzip.compress(self.content, mtime=0)

    def is_kept(self, now):
        return now - REPORT_LIFETIME < self.created_time <= now


@dataclass
class Options:
    """How Amazon behaves where nobody outside knows, or differently from seller to seller.

    :param cancel_redirects: Cancel returns with ``error=access_denied`` (undocumented)
    :param relative_callback: ``amazon_callback_uri`` is a path without a host
    :param wrong_region_is_empty: a region that the grant does not cover answers empty lists
        instead of 403
    :param access_token_survives_revocation: until it expires (open)
    :param reauthorization_revokes: a new consent ends the older refresh token (open)
    :param limits: Amazon's rate limits are kept
    :param has_finances: the Finances API answers; else as for a missing role
    :param proceeds_without_balances: ``netProceeds`` leave reserve and carried balances out (open)
    :param transactions_a_page: of listTransactions
    """

    cancel_redirects: bool = False
    relative_callback: bool = False
    wrong_region_is_empty: bool = False
    access_token_survives_revocation: bool = False
    reauthorization_revokes: bool = False
    limits: bool = True
    has_finances: bool = True
    proceeds_without_balances: bool = False
    transactions_a_page: int = 500
