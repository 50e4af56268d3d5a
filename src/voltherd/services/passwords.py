"""Passwords of people: their rule, their hash, and the brake on guessing."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from voltherd.domain.errors import Denied, Invalid

MIN_LENGTH, MAX_LENGTH = 10, 1024
PARALLEL_HASHES = 2


class TooManyAttempts(Denied):
    """So many sign-ins were tried that this one would wait too long; nothing is locked."""

    title = "Too many attempts"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many sign-ins were tried. Try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


def check_rule(password: str) -> None:
    """Refuse a password that breaks the rule. Raises Invalid."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Invalid(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters; this one has {len(password)}.")


class Passwords:
    """Argon2id hashes, computed in threads, two at a time, so that sign-ins never hold up the sockets."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._slots = asyncio.Semaphore(PARALLEL_HASHES)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Hash a password that keeps the rule. Raises Invalid."""
        check_rule(password)
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Compare a password; None (no such user) takes as long and is false."""
        async with self._slots:
            return await asyncio.to_thread(self._verify, password_hash, password[:MAX_LENGTH])

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (Argon2Error, InvalidHashError):
            return False
        return password_hash is not None


class Brake:
    """Spaces attempts out: a few are free, each further one waits longer, and success frees the way.

    An attempt counts when it begins, so that attempts at the same time do not slip through together.
    """

    FORGET_MS = 15 * 60_000
    MAX_SPACING_MS = 10_000
    MAX_WAIT_MS = 30_000
    MAX_KEYS = 10_000

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._tracks: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def wait_ms(self, key: str, *, free: int) -> int:
        """Take the next slot of `key` and tell how long to wait for it in ms. Raises TooManyAttempts."""
        now_ms = self._clock_ms()
        attempts, free_at_ms, seen_ms = self._tracks.get(key, (0, now_ms, now_ms))
        if now_ms - seen_ms > self.FORGET_MS:
            attempts, free_at_ms = 0, now_ms
        wait_ms = max(0, free_at_ms - now_ms)
        if wait_ms > self.MAX_WAIT_MS:
            raise TooManyAttempts(wait_ms // 1000 + 1)
        attempts += 1
        spacing_ms = 0 if attempts < free else min(self.MAX_SPACING_MS, 500 << min(attempts - free, 10))
        self._tracks[key] = (attempts, now_ms + wait_ms + spacing_ms, now_ms)
        self._tracks.move_to_end(key)
        if len(self._tracks) > self.MAX_KEYS:
            self._tracks.popitem(last=False)
        return wait_ms

    def release(self, key: str) -> None:
        """Forget the attempts of `key`: one of them was right."""
        self._tracks.pop(key, None)
