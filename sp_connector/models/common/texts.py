"""Sentences for people that stay readable however much a file holds."""

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
