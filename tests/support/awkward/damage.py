"""Classes of damage to a whole message, as happens on its way."""

from __future__ import annotations

from collections.abc import Callable
from random import Random


def _inserted(chance: Random, octets: bytes, what: bytes, times: int) -> bytes:
    for _ in range(times):
        at = chance.randrange(len(octets) + 1)
        octets = octets[:at] + what + octets[at:]
    return octets


def _flipped(chance: Random, octets: bytes) -> bytes:
    damaged = bytearray(octets or b"x")
    for _ in range(chance.randint(1, 20)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _shuffled(chance: Random, octets: bytes) -> bytes:
    lines = octets.split(b"\r\n")
    chance.shuffle(lines)
    return b"\r\n".join(lines)


DAMAGE: dict[str, Callable[[Random, bytes], bytes]] = {
    "bare LF": lambda chance, octets: octets.replace(b"\r\n", b"\n"),
    "bare CR": lambda chance, octets: octets.replace(b"\r\n", b"\r"),
    "mixed line ends": lambda chance, octets: _inserted(
        chance, octets, chance.choice([b"\r", b"\n", b"\r\r\n", b"\n\r"]), 5
    ),
    "doubled CR": lambda chance, octets: octets.replace(b"\r\n", b"\r\r\n"),
    "NUL": lambda chance, octets: _inserted(chance, octets, b"\0", 4),
    "8-bit octets": lambda chance, octets: _inserted(chance, octets, chance.randbytes(3), 4),
    "changed octets": _flipped,
    "truncated": lambda chance, octets: octets[: chance.randrange(len(octets) + 1)],
    "beginning lost": lambda chance, octets: octets[chance.randrange(len(octets) + 1) :],
    "mbox From line": lambda chance, octets: b"From an@x.vn Thu Jan  4 10:00:00 2024\r\n" + octets,
    "escaped mbox From line": lambda chance, octets: b">From an@x.vn\r\n" + octets.replace(b"From", b">From"),
    "empty line in front": lambda chance, octets: b"\r\n" * chance.randint(1, 3) + octets,
    "byte order mark": lambda chance, octets: chance.choice([b"\xef\xbb\xbf", b"\xff\xfe"]) + octets,
    "lines in another order": _shuffled,
    "only the header": lambda chance, octets: (
        octets.partition(b"\r\n\r\n")[0] + chance.choice([b"", b"\r\n", b"\r\n\r\n"])
    ),
    "no header": lambda chance, octets: b"\r\n" + octets.partition(b"\r\n\r\n")[2],
    "dots": lambda chance, octets: octets.replace(b"\r\n", b"\r\n.", 5) + b"\r\n.\r\n..\r\n",
    "twice": lambda chance, octets: octets + octets,
    "nothing": lambda chance, octets: b"",
    "noise": lambda chance, octets: chance.randbytes(chance.randint(1, 600)),
}
