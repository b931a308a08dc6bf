"""Words with ``*`` for any text, matched in one pass: no pattern is slow on any word."""


class Pattern:
    """A word in which ``*`` stands for any text, also for none.

    The pieces between the stars are looked for from left to right, each at its first place: if
    any split of the word fits, this one does. A regular expression would try them all.

    :param text: the pattern; compared as it is, so fold it and the words alike
    """

    __slots__ = ("_head", "_length", "_middle", "_tail", "_whole")

    def __init__(self, text: str) -> None:
        head, *rest = text.split("*")
        self._whole = not rest
        self._head, self._tail = head, rest[-1] if rest else ""
        self._middle = [piece for piece in rest[:-1] if piece]
        self._length = len(head) + len(self._tail)

    def matches(self, word: str) -> bool:
        """Tell whether the pattern covers the whole word."""
        if self._whole:
            return word == self._head
        if len(word) < self._length:
            return False
        if not (word.startswith(self._head) and word.endswith(self._tail)):
            return False
        position, end = len(self._head), len(word) - len(self._tail)
        for piece in self._middle:
            position = word.find(piece, position, end)
            if position < 0:
                return False
            position += len(piece)
        return True
