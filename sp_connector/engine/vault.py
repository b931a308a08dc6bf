"""Secrets at rest: encrypted with keys that live outside the database."""

from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .errors import KeyLost


def make_key() -> str:
    """Return a new key as text."""
    return Fernet.generate_key().decode()


class Vault:
    """Encrypts with the first key and decrypts with any, so that keys can be rotated.

    :param keys: list of keys as text, the current one first; none means that nothing can be read
    :raises KeyLost: no key, or one that is not a key
    """

    def __init__(self, keys: Iterable[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise KeyLost("no key, or none that is valid") from None

    def encrypt(self, secret: str) -> str:
        """Return the ciphertext of a secret, as text."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Return the secret.

        :raises KeyLost: it was encrypted with another key
        """
        try:
            return self._fernet.decrypt(ciphertext.encode()).decode()
        except InvalidToken:
            raise KeyLost("encrypted with a key that is not here") from None

    def can_decrypt(self, ciphertext: str) -> bool:
        """Tell whether one of the keys is the one of this secret."""
        try:
            self.decrypt(ciphertext)
        except KeyLost:
            return False
        return True

    def rotate(self, ciphertext: str) -> str:
        """Return the same secret encrypted with the first key; raises as ``decrypt`` does."""
        try:
            return self._fernet.rotate(ciphertext.encode()).decode()
        except InvalidToken:
            raise KeyLost("encrypted with a key that is not here") from None
