"""Argon2 for the tests: as cheap as it gets, or one that counts how many passwords were really checked."""

from argon2 import PasswordHasher

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class CountingHasher(PasswordHasher):
    """Argon2 itself; it counts how often a password was checked."""

    checked = 0

    def verify(self, *args: str) -> bool:
        self.checked += 1
        return super().verify(*args)
