"""Secrets at rest: keys, rotation, and a key that is not there."""

import unittest

try:
    import cryptography
except ImportError:  # the bare Python of `make test-engine`
    cryptography = None
else:
    from ..vault import Vault, make_key

from ..errors import KeyLost

SECRET = "Atzr|IwEBsecret–ü"


@unittest.skipUnless(cryptography, "cryptography is not installed in this Python")
class TestVault(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.old, self.new = make_key(), make_key()

    def test_what_is_encrypted_can_be_decrypted(self):
        vault = Vault([self.old])
        ciphertext = vault.encrypt(SECRET)
        self.assertNotIn("secret", ciphertext)
        self.assertEqual(vault.decrypt(ciphertext), SECRET)

    def test_one_secret_never_looks_the_same_twice(self):
        vault = Vault([self.old])
        self.assertNotEqual(vault.encrypt(SECRET), vault.encrypt(SECRET))

    def test_keys_are_made_anew(self):
        self.assertNotEqual(self.old, self.new)
        self.assertEqual(len(self.old), 44)

    def test_the_first_key_encrypts_and_any_decrypts(self):
        ciphertext = Vault([self.old]).encrypt(SECRET)
        self.assertEqual(Vault([self.new, self.old]).decrypt(ciphertext), SECRET)
        fresh = Vault([self.new, self.old]).encrypt(SECRET)
        self.assertEqual(Vault([self.new]).decrypt(fresh), SECRET)

    def test_rotation_needs_the_old_key_no_more(self):
        ciphertext = Vault([self.old]).encrypt(SECRET)
        rotated = Vault([self.new, self.old]).rotate(ciphertext)
        self.assertEqual(Vault([self.new]).decrypt(rotated), SECRET)

    def test_another_key_is_no_key(self):
        ciphertext = Vault([self.old]).encrypt(SECRET)
        for method in ("decrypt", "rotate"):
            with self.assertRaises(KeyLost) as caught:
                getattr(Vault([self.new]), method)(ciphertext)
            self.assertNotIn(ciphertext, str(caught.exception))
            self.assertNotIn(self.new, str(caught.exception))

    def test_a_changed_ciphertext_is_refused(self):
        vault = Vault([self.old])
        ciphertext = vault.encrypt(SECRET)
        middle = len(ciphertext) // 2
        changed = "A" if ciphertext[middle] != "A" else "B"
        for bad in (
            ciphertext[:middle] + changed + ciphertext[middle + 1 :],
            ciphertext[:-4],
            "plain",
            "",
        ):
            with self.subTest(bad), self.assertRaises(KeyLost):
                vault.decrypt(bad)

    def test_no_key_and_no_valid_key(self):
        for keys in ([], [""], ["x"], ["not-base64-é"], [self.old[:-4]], [self.old, "x"]):
            with self.subTest(keys), self.assertRaises(KeyLost) as caught:
                Vault(keys)
            self.assertNotIn(self.old, str(caught.exception))
            self.assertIsNone(caught.exception.__cause__)


if __name__ == "__main__":
    unittest.main()
