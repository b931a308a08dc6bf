"""Readable records of journal entries: what a bookkeeper would read, account by account.

``test_golden_entries`` compares them with ``golden/*.txt`` and never writes. After a wanted change:

    SP_CONNECTOR_WRITE_GOLDEN=1 make test-odoo ARGS="-k golden_entries"

fails once, naming what it wrote; then read the difference (``git diff``) line by line: it is a
change of somebody's books.
"""

import difflib
import os
import unicodedata
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
COMMAND = 'SP_CONNECTOR_WRITE_GOLDEN=1 make test-odoo ARGS="-k golden_entries"'


def render(settlement):
    """The record of a booked settlement, as text."""
    currency, company = settlement.currency_id, settlement.company_id
    lines = [
        f"settlement  {settlement.settlement_ref}",
        f"company     {company.country_id.code}, {company.currency_id.name}",
        f"total       {_money(settlement.amount_total, currency)} {currency.name}",
        "",
        "lines:",
        *_table(_lines(settlement)),
    ]
    for move in settlement._active_moves().sorted("id"):
        lines += ["", *_entry(move)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_accrual(accrual):
    """The record of an accrual: its lines, and its posted entries with their reversals."""
    currency = accrual.company_currency_id
    lines = [
        f"accrual     {accrual.date}, {accrual.tax_setting}",
        f"company     {accrual.company_id.country_id.code}, {currency.name}",
        "",
        "lines:",
        *_table(_accrual_lines(accrual)),
    ]
    for move in accrual.move_ids.filtered(lambda move: move.state == "posted").sorted("id"):
        kind = "reversal" if move.reversed_entry_id.sp_accrual_id else "entry"
        lines += ["", f"{kind} of {move.date}, {move.journal_id.name}, {move.state}"]
        lines += [f"reference   {move.ref}", *_table(_accrual_items(move))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _accrual_lines(accrual):
    title = ("why", "marketplace", "category", "rows", "oldest", "amount", "amount of tax")
    yield (*title, "account", "decision")
    for line in accrual.line_ids:
        currency = line.currency_id
        yield (
            line.origin,
            line.marketplace_id.name,
            line.category,
            line.transaction_count,
            line.date_oldest,
            f"{_money(line.amount, currency)} {currency.name}",
            _money(line.amount_tax, currency),
            line.account_id.name,
            line.decision,
        )


def _accrual_items(move):
    own = move.company_currency_id
    sides = f"debit {own.name}", f"credit {own.name}"
    yield ("account", "label", "tags", "amount", *sides, "matched")
    for item in move.line_ids.sorted("id"):
        currency = item.currency_id
        yield (
            item.account_id.name,
            item.name,
            " + ".join(sorted(item.tax_tag_ids.mapped("name"))),
            f"{_money(item.amount_currency, currency)} {currency.name}",
            *_sides(item.balance, own),
            "yes" if item.reconciled and item.account_id.reconcile else "",
        )


def _lines(settlement):
    """The summary lines, which are Amazon's words and sums, and how each is taxed."""
    yield "category", "marketplace", "words", "month", "form", "class", "rows", "amount", "taxes"
    for line in settlement.line_ids.sorted("id"):
        yield (
            line.category,
            line.marketplace_name or "",
            line.words,
            line.month.strftime("%Y-%m") if line.month else "end",
            line.tax_form,
            line.tax_class or "",
            line.row_count,
            _money(line.amount, line.currency_id),
            " + ".join(line.tax_ids.mapped("name")),
        )


def _entry(move):
    kind = dict(move._fields["move_type"]._description_selection(move.env))[move.move_type]
    yield f"{kind} of {move.date}, {move.journal_id.name}, {move.state}"
    yield f"reference   {move.ref}"
    if move.is_invoice():
        yield (
            f"invoice     {move.partner_id.name}, "
            f"{move.invoice_date}, due {move.invoice_date_due}, "
            f"untaxed {_money(move.amount_untaxed, move.currency_id)}, "
            f"tax {_money(move.amount_tax, move.currency_id)}, "
            f"total {_money(move.amount_total, move.currency_id)}"
        )
    yield from _table(_items(move))


def _items(move):
    """Debit and credit in the settlement's currency; beside them the company's, if another."""
    currency, own = move.currency_id, move.company_currency_id
    title = ["account", "label", "tax", "tags", f"debit {currency.name}", f"credit {currency.name}"]
    if own != currency:
        title += [f"debit {own.name}", f"credit {own.name}"]
    yield title
    items = move.line_ids.sorted("id")
    for item in items:
        tax = " + ".join(f"base of {name}" for name in item.tax_ids.mapped("name"))
        tags = " + ".join(sorted(item.tax_tag_ids.mapped("name")))
        yield [
            item.account_id.name,
            item.name,
            item.tax_line_id.name or tax,
            tags,
            *_sides(item.amount_currency, currency),
            *(_sides(item.balance, own) if own != currency else ()),
        ]
    total = ["", "", "", "total"]
    for values, unit in (
        (items.mapped("amount_currency"), currency),
        (items.mapped("balance"), own),
    ):
        if unit == own == currency and len(total) > 4:
            continue
        total += [
            _money(sum(value for value in values if value > 0), unit),
            _money(-sum(value for value in values if value < 0), unit),
        ]
    yield total


def _sides(amount, currency):
    text = _money(abs(amount), currency)
    return (text, "") if amount > 0 else ("", text)


def _money(amount, currency):
    return f"{amount:.{currency.decimal_places}f}"


def _table(rows):
    """Columns padded to their widest cell; numbers stand on the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    right = [title.startswith(("debit", "credit", "rows", "amount")) for title in rows[0]]
    for row in rows:
        cells = [
            " " * (width - _width(cell)) + cell if is_right else cell + " " * (width - _width(cell))
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        yield "  " + " | ".join(cells)


def _width(text):
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def compare(case, stem, text):
    """Fail with a readable difference where the record of that name says something else."""
    path = FOLDER / f"{stem}.txt"
    recorded = path.read_text("utf-8") if path.exists() else ""
    if recorded == text:
        return
    if os.environ.get("SP_CONNECTOR_WRITE_GOLDEN"):
        path.write_text(text, "utf-8", newline="\n")
        case.fail(f"written, now read it: {path.name}")
    changes = difflib.unified_diff(
        recorded.splitlines(), text.splitlines(), "recorded", "made", n=0, lineterm=""
    )
    case.fail("\n".join([f"if the change is wanted: {COMMAND}", *changes]))
