"""Slowing down guessers without ever shutting an account by its name.

Failures are counted for each network (IPv4 /24, IPv6 /64) and for each account, over all doors of
the process. From the third failure on, whoever comes from a network that has failed waits 2 s, then
4, 8 and at most 15 s between two attempts. A network without failures of its own never waits,
however many others guess at the account: nobody can lock a person out from somewhere else.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from mailserver.directory.errors import Throttled

FREE_FAILURES = 2
FIRST_DELAY = 2.0
LONGEST_DELAY = 15.0
# Seconds after which what somebody did wrong is forgotten.
MEMORY = 900.0
# An attacker with many networks is to cost memory no more than this many entries of each kind.
MAX_ENTRIES = 20_000
# Failures of one account over all networks before its name alone slows down those that have failed.
ACCOUNT_FREE_FAILURES = 10

Network = IPv4Network | IPv6Network
Clock = Callable[[], float]


@dataclass(slots=True)
class _Counter:
    failures: int = 0
    last: float = float("-inf")
    # Digest of the last wrong password.
    attempt: bytes = b""


class _Counters:
    """Bounded: the one that failed longest ago makes room."""

    def __init__(self) -> None:
        self._entries: OrderedDict[object, _Counter] = OrderedDict()

    def get(self, key: object, now: float) -> _Counter:
        found = self._entries.get(key)
        if found is None or now - found.last > MEMORY:
            return _Counter()
        return found

    def add(self, key: object, now: float) -> _Counter:
        """Count one more failure."""
        counter = self.get(key, now)
        counter.failures += 1
        counter.last = now
        self._entries[key] = counter
        self._entries.move_to_end(key)
        if len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)
        return counter

    def forgive(self, key: object, failures: int) -> None:
        """Take back failures; the time of the last one stays."""
        counter = self._entries.get(key)
        if counter is None:
            return
        counter.failures -= failures
        if counter.failures <= 0:
            del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)


class Throttle:
    """One for a process, shared by its doors; safe between threads."""

    def __init__(self, trusted_networks: Sequence[str] = (), clock: Clock = time.monotonic) -> None:
        self._trusted = [ip_network(network, strict=False) for network in trusted_networks]
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._networks = _Counters()
        self._accounts = _Counters()
        self._pairs = _Counters()

    def check(self, remote: str, account: str) -> None:
        """Raises Throttled while this network has to wait; the attempt then does not count."""
        if self._is_trusted(remote):
            return
        network = network_of(remote)
        with self._lock:
            now = self._clock()
            own = self._networks.get(network, now)
            if own.failures == 0:
                return
            whole = self._accounts.get(account, now)
            wait = max(
                own.last + delay_after(own.failures, FREE_FAILURES) - now,
                own.last + delay_after(whole.failures, ACCOUNT_FREE_FAILURES) - now,
            )
        if wait > 0:
            raise Throttled(wait)

    def failed(self, remote: str, account: str, attempt: str = "") -> None:
        """Count a wrong password, or an unknown account, which costs the same.

        The same wrong `attempt` again is no new guess, but a mail client that nobody has told of
        the new password: it does not count, or one of them would slow down its whole office.
        """
        if self._is_trusted(remote):
            return
        network = network_of(remote)
        digest = hmac.digest(self._key, attempt.encode(errors="surrogatepass"), "sha256")
        with self._lock:
            now = self._clock()
            pair = self._pairs.get((network, account), now)
            if pair.failures and hmac.compare_digest(pair.attempt, digest):
                return
            self._networks.add(network, now)
            self._accounts.add(account, now)
            self._pairs.add((network, account), now).attempt = digest

    def succeeded(self, remote: str, account: str) -> None:
        """Forgive what this network did wrong with this account: it was its owner mistyping."""
        network = network_of(remote)
        with self._lock:
            pair = self._pairs.get((network, account), self._clock()).failures
            if pair:
                self._networks.forgive(network, pair)
                self._accounts.forgive(account, pair)
                self._pairs.forgive((network, account), pair)

    def entries(self) -> int:
        """How much is remembered, for the metrics."""
        return len(self._networks) + len(self._accounts) + len(self._pairs)

    def _is_trusted(self, remote: str) -> bool:
        if not self._trusted:
            return False
        peer = _parsed(remote)
        return peer is not None and any(peer in network for network in self._trusted)


def delay_after(failures: int, free: int) -> float:
    """Seconds to wait after this many failures: none for the first `free`, then 2, 4, 8, 15, 15 …"""
    if failures <= free:
        return 0.0
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures - free - 1, 10)))


def network_of(remote: str) -> str:
    """The network that answers for an address: /24 for IPv4, /64 for IPv6; "" for none."""
    peer = _parsed(remote)
    if peer is None:
        return ""
    return str(ip_network((peer, 24 if peer.version == 4 else 64), strict=False))


def _parsed(remote: str) -> IPv4Address | IPv6Address | None:
    try:
        peer = ip_address(remote.partition("%")[0])
    except ValueError:
        return None
    mapped = peer.ipv4_mapped if isinstance(peer, IPv6Address) else None
    return mapped or peer
