"""What a settlement holds, as one number: the sum of its rows' hashes.

A sum does not depend on the order of rows. It is stored with each settlement and recognises a file
that is imported already, so it must stay what it is.
"""

import hashlib
import struct
from collections.abc import Iterable

MODULUS = 2**128
_SIZE = 16
_SEPARATOR = "\x1f"


def fingerprint(values: Iterable[object]) -> int:
    """Hash values in the engine's own types; amounts have the currency's precision."""
    text = ascii(_SEPARATOR.join(map(str, values)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_SIZE).digest(), "big")


def sum_of(texts: Iterable[bytes]) -> int:
    """Return the sum of the fingerprints of texts, escaped and quoted as above."""
    blake2b = hashlib.blake2b
    digests = [blake2b(text, digest_size=_SIZE).digest() for text in texts]
    halves: tuple[int, ...] = struct.unpack(f">{2 * len(digests)}Q", b"".join(digests))
    high, low = sum(halves[::2]), sum(halves[1::2])
    return high * 2**64 + low
