"""The engine's sentences about files, in the languages of people.

The engine says what is wrong with a file in English, as templates with values (see
``engine.errors.say``); each template stands here once more, where translations find it.
"""

from odoo.tools import LazyTranslate

from ...engine.errors import Sentence

_lt = LazyTranslate(__name__)

_SENTENCES = (
    _lt("%(text)s can be read as %(small)s and as %(large)s: %(advice)s"),
    _lt("%(text)s is no amount: %(advice)s"),
    _lt("%(text)s is not an amount"),
    _lt("%(text)s is too large to be an amount"),
    _lt("%(text)s has more than %(digits)s decimals: %(advice)s"),
    _lt("The header lacks the column(s) %(columns)s. %(advice)s"),
    _lt("column %(column)s is unknown and holds %(text)s"),
    _lt("The header has the column %(column)s twice. %(advice)s"),
    _lt("%(text)s is not a date in any form Amazon uses"),
    _lt("%(text)s is not in this century"),
    _lt("%(text)s is no date: %(advice)s"),
    _lt("%(text)s is not a possible date"),
    _lt("%(text)s can be read with the day or the month first"),
    _lt("an Excel workbook"),
    _lt(
        "Upload the file as Amazon gives it: Seller Central, Payments, All Statements, Download"
        " Flat File V2."
    ),
    _lt("The file breaks off: its compressed data are incomplete. Download it again."),
    _lt("The ZIP archive is damaged. Pack or download it again."),
    _lt(
        "The file is packed to less than a %(ratio)sth of its size, as no settlement is. Unpack"
        " it and upload the text."
    ),
    _lt("The file is not text. Download the settlement again (Flat File V2)."),
    _lt("a PDF"),
    _lt("This is %(kind)s. %(advice)s"),
    _lt("The ZIP archive holds more than %(count)s files."),
    _lt("The ZIP archive holds no file."),
    _lt(
        "The files of the ZIP archive are larger than %(size)s MB together. Upload them in "
        "several archives."
    ),
    _lt("The file is empty. Download the settlement again (Flat File V2)."),
    _lt("The file is larger than %(size)s MB or %(lines)s lines."),
    _lt("The ZIP archive is encrypted. Unpack it first."),
    _lt("The ZIP archive is of a rare kind. Unpack it first."),
    _lt("a program's own format, not text"),
    _lt("This line has no end: not a text file."),
    _lt(
        "Download the settlement in Seller Central: Payments, All Statements, Download Flat "
        "File V2."
    ),
    _lt("No column «settlement-id» in the first lines: this is not a settlement. %(advice)s"),
    _lt("This is an error page: the download link had expired. Download the file again."),
    _lt(
        "This is the XML settlement report, which Amazon discontinued on 11 November 2026. "
        "%(advice)s"
    ),
    _lt("This is a web page, not a report: the sign-in had probably expired. %(advice)s"),
    _lt("This is an XML file, not a settlement. %(advice)s"),
    _lt("This is a JSON file, not a settlement. %(advice)s"),
    _lt(
        "This is a report of Amazon Pay, whose payouts are settlements of their own, not those "
        "of the marketplaces. %(advice)s"
    ),
    _lt(
        "This is a date-range (transaction) report. It lists transfers and deferred "
        "transactions and does not add up to one payout. %(advice)s"
    ),
    _lt(
        "a spreadsheet program has rewritten this file (or a script). Download it again and "
        "upload it without opening it"
    ),
    _lt("This row holds a NUL byte; the file is damaged."),
    _lt("This row stands above the names of the columns."),
    _lt("This row has %(length)s columns, the header %(width)s."),
    _lt(
        "This row ends after %(length)s of %(width)s columns: the file is incomplete. Download "
        "it again."
    ),
    _lt("The file cannot be read on: %(why)s."),
    _lt("%(column)s has more than %(limit)s characters. Download the file again."),
    _lt(
        "A quotation mark opens here and is not closed in its row, so rows are hidden up to "
        "line %(line)s. Download the file again."
    ),
    _lt(
        "The file has the columns of a settlement and no row that names one. Download the "
        "settlement again (Flat File V2)."
    ),
    _lt("%(text)s is not a possible quantity"),
    _lt("%(column)s: %(why)s"),
    _lt("%(why)s."),
    _lt("this row has no settlement-id: download the file again"),
    _lt("%(column)s: %(why)s."),
    _lt(
        "This looks like a totals line that somebody added: it has an amount and no "
        "transaction-type. Upload the file as Amazon gives it, or without this line."
    ),
    _lt("The settlement id reads %(text)s: %(advice)s."),
    _lt("%(column)s reads %(text)s: %(advice)s."),
    _lt("Settlement %(ref)s has no currency (%(text)s). Download it again."),
    _lt(
        "The file does not say what settlement %(ref)s totals, so it cannot be proved. Download"
        " Flat File V2, whose first row holds the total."
    ),
    _lt("The file holds more than %(count)s settlements. Upload it in parts."),
    _lt("%(text)s is a totals line that somebody added, not one of Amazon's: it is left out."),
    _lt(
        "%(column)s of settlement %(ref)s reads %(text)s here and %(known)s in line %(line)s. "
        "Download the file again."
    ),
    _lt(
        "Settlement %(ref)s stands in this file more than once; its rows would count twice. "
        "Upload each settlement once, as Amazon gives it."
    ),
)
_BY_TEMPLATE = {sentence._source: sentence for sentence in _SENTENCES}


def translate(env, text):
    """Return a sentence of the engine in the user's language, what it holds included.

    :param text: a ``Sentence``; any other text is returned as it is
    """
    if not isinstance(text, Sentence):
        return text
    words = env._(_BY_TEMPLATE[text.template])
    return words % {name: translate(env, value) for name, value in text.values.items()}


def describe_problem(env, problem):
    """Say a ``Problem`` or ``BadRow`` with the line of the file that it concerns."""
    text = translate(env, problem.text)
    if not problem.line:
        return text
    return env._("line %(line)s: %(text)s", line=problem.line, text=text)


def describe_problems(env, problems):
    """Say several of them, see ``describe_problem``."""
    return [describe_problem(env, problem) for problem in problems]
