"""What may need a person, card by card: a domain that is counted, and that the click opens.

A new card is one entry of ``CARDS``. It is shown to whom may read its model, where it counts more
than nothing.
"""

from typing import NamedTuple

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


class Card(NamedTuple):
    """One card.

    :param key: its name in tests and on the screen
    :param title: what a person has to do, in a few words
    :param model: whose records are counted; each belongs to a company
    :param domain: which of them
    :param action: XML id of the window action that lists them
    :param icon: of Font Awesome
    :param look: Bootstrap's word for its colour
    :param money: a field with an amount in the record's own currency, whose totals are shown
    :param by: a selection of the record: the count is told for each of its values
    """

    key: str
    title: str
    model: str
    domain: list
    action: str
    icon: str
    look: str
    money: str = ""
    by: str = ""


CARDS = (
    Card(
        "reconnect",
        _lt("Reconnect"),
        "sp.connection",
        [
            ("parent_id", "=", False),
            "|",
            ("state", "in", ("reconnect_required", "attention")),
            "&",
            ("state", "=", "connected"),
            ("expires_at", "<=", "now +30d"),
        ],
        "sp_connector.sp_connection_action",
        "fa-plug",
        "danger",
    ),
    Card(
        "held",
        _lt("Held"),
        "sp.settlement",
        [("state", "=", "held")],
        "sp_connector.sp_settlement_action",
        "fa-hand-paper-o",
        "danger",
        money="amount_total",
        by="hold_code",
    ),
    Card(
        "changed",
        _lt("Changed in the ledger"),
        "sp.settlement",
        [("state", "in", ("partly", "changed"))],
        "sp_connector.sp_settlement_action",
        "fa-exclamation-triangle",
        "danger",
        money="amount_total",
    ),
    Card(
        "gaps",
        _lt("Missing settlements"),
        "sp.settlement.gap",
        [("state", "=", "open")],
        "sp_connector.sp_settlement_gap_action",
        "fa-chain-broken",
        "warning",
    ),
    Card(
        "reports",
        _lt("Reports that failed"),
        "sp.report",
        [("state", "=", "failed")],
        "sp_connector.sp_report_action",
        "fa-cloud-download",
        "warning",
    ),
    Card(
        "uploads",
        _lt("Uploads that failed"),
        "sp.upload",
        [("state", "=", "failed")],
        "sp_connector.sp_upload_action",
        "fa-file-text-o",
        "warning",
    ),
    Card(
        "auto",
        _lt("Not posted by itself"),
        "sp.settlement",
        [("state", "=", "review"), ("is_auto_stopped", "=", True)],
        "sp_connector.sp_settlement_action",
        "fa-pause-circle-o",
        "warning",
        money="amount_total",
        by="auto_code",
    ),
    Card(
        "review",
        _lt("To review"),
        "sp.settlement",
        [("state", "=", "review")],
        "sp_connector.sp_settlement_action",
        "fa-search",
        "info",
        money="amount_total",
    ),
    Card(
        "opening",
        _lt("Opening balances"),
        "sp.settlement",
        [("has_opening_due", "=", True)],
        "sp_connector.sp_settlement_action_opening",
        "fa-sign-in",
        "warning",
    ),
    Card(
        "elsewhere",
        _lt("Booked elsewhere?"),
        "sp.settlement",
        [("has_elsewhere_proposal", "=", True)],
        "sp_connector.sp_settlement_action",
        "fa-files-o",
        "warning",
        money="amount_total",
    ),
    Card(
        "approval",
        _lt("Waiting for approval"),
        "sp.settlement",
        [("approval_id", "!=", False)],
        "sp_connector.sp_settlement_action",
        "fa-check-square-o",
        "info",
        money="amount_total",
        by="approval_operation",
    ),
    Card(
        "accruals",
        _lt("Accruals waiting for approval"),
        "sp.accrual",
        [("approval_id", "!=", False)],
        "sp_connector.sp_accrual_action",
        "fa-check-square-o",
        "info",
    ),
    Card(
        "accruals_stuck",
        _lt("Accruals to look at"),
        "sp.accrual",
        [("activity_ids", "!=", False), ("approval_id", "=", False)],
        "sp_connector.sp_accrual_action",
        "fa-calendar",
        "warning",
    ),
    Card(
        "drafts",
        _lt("Draft entries to post"),
        "sp.settlement",
        [("state", "=", "booked"), ("approval_id", "=", False)],
        "sp_connector.sp_settlement_action",
        "fa-pencil-square-o",
        "info",
        money="amount_total",
    ),
    Card(
        "bank",
        _lt("Waiting for the bank"),
        "sp.settlement",
        [("payment_state", "in", ("waiting", "partly"))],
        "sp_connector.sp_settlement_action_waiting",
        "fa-university",
        "muted",
        money="amount_open",
        by="payment_age",
    ),
    Card(
        "importing",
        _lt("Files being imported"),
        "sp.upload",
        [("state", "=", "waiting")],
        "sp_connector.sp_upload_action",
        "fa-hourglass-half",
        "muted",
    ),
)
