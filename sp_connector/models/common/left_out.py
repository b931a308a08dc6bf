"""What became of something that was asked for, as a code and in words."""

from typing import NamedTuple


class LeftOut(NamedTuple):
    """Why a settlement was left out: a code of ``sp.batch.line``, and the words.

    :param is_done: it was done all the same, and this is what people should know of it
    """

    code: str
    reason: str
    is_done: bool = False
