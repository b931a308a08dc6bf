"""What the text of a bank line names: Amazon, and settlements by their id."""

import re
from collections.abc import Iterable, Mapping

#: Banks do not write more; what is longer is not read to its end.
_LONGEST = 1000
#: A shorter word names nothing: too many numbers on a statement are short.
_SHORTEST = 6
_TOKEN = re.compile(rf"[0-9a-z]{{{_SHORTEST},}}")
_NUMBER = re.compile(rf"[0-9]{{{_SHORTEST},}}")


def find_names(text: str) -> set[str]:
    """Return the words of a text that are long enough to name something.

    Numbers also where the bank broke them: ``1234 5678901``.
    """
    text = text[:_LONGEST].casefold()
    return {
        *_TOKEN.findall(text),
        *_NUMBER.findall(text),
        *_NUMBER.findall("".join(text.split())),
    }


def is_name(reference: str) -> bool:
    """Tell whether a reference is long enough to be told from other numbers."""
    return len(reference) >= _SHORTEST


class Reader:
    """Reads the texts of bank lines with a company's words and its settlements' references."""

    def __init__(self, words: Iterable[str], references: Mapping[str, Iterable[int]]) -> None:
        """Take the words for Amazon, and for each reference the numbers of whom it names."""
        patterns = [re.escape(word.strip().casefold()) for word in words if word.strip()]
        # At the start of a word: "AMZNPAYMENTS", and not "GAMZ".
        self._words = re.compile(rf"(?<![0-9a-z])(?:{'|'.join(patterns)})") if patterns else None
        self._references: dict[str, set[int]] = {}
        for reference, keys in references.items():
            if is_name(reference):
                self._references.setdefault(reference.casefold(), set()).update(keys)

    def names_amazon(self, text: str) -> bool:
        """Tell whether a text has one of the words."""
        return bool(self._words and self._words.search(text[:_LONGEST].casefold()))

    def find_named(self, text: str) -> frozenset[int]:
        """Return the numbers of whom a text names."""
        found: set[int] = set()
        for name in find_names(text):
            found |= self._references.get(name, set())
        return frozenset(found)
