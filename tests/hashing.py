"""Argon2 that counts: how many passwords were really checked."""

from argon2 import PasswordHasher


class CountingHasher(PasswordHasher):
    """Argon2 itself; it counts how often a password was checked."""

    checked = 0

    def verify(self, *args: str) -> bool:
        self.checked += 1
        return super().verify(*args)
