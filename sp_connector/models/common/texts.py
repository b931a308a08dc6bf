"""Sentences for people that stay readable however much a file holds."""

from odoo import fields
from odoo.tools import format_datetime, format_time

SHOWN = 10
#: Characters of Amazon's three words that are shown.
WORDS = 200


def first_ten(env, texts, count=None):
    """Return the first ten of some texts, and how many there are more.

    :param count: how many there are in all, where ``texts`` are only the first of them
    """
    texts = list(texts)
    count = len(texts) if count is None else count
    shown = texts[:SHOWN]
    if count > len(shown):
        shown.append(env._("… and %(count)s more.", count=count - len(shown)))
    return shown


def words_text(words):
    """Write Amazon's three words for people, who need no mark that V1 calls a column so."""
    return " / ".join((word or "–").removeprefix("V1:") for word in words)


def time_text(record, moment):
    """Return a time (UTC) as its reader says it: the hour today, else with the day."""
    local = fields.Datetime.context_timestamp(record, moment)
    if local.date() == fields.Date.context_today(record):
        return format_time(record.env, local.time(), time_format="short")
    return format_datetime(record.env, moment, dt_format="short")
