"""A name server on the loopback that knows what a test tells it, over UDP and TCP.

    with DnsServer({"sct.test": {"MX": ["10 mail.sct.test."], "TXT": ["v=spf1 -all"]}}) as server:
        Dns([server.address])

Records are written as in a zone file; TXT without quotes, however long. A name that is not there and
has nothing below it is NXDOMAIN, another type of a name that is there is no data. Names of `failing`
get SERVFAIL, those of `silent` no answer at all, answers about those of `authentic` the AD flag.
`asked` has the (name, type) of every question, in order.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from mailserver.dns.resolver import NameServer

Zone = Mapping[str, Mapping[str, Sequence[str]]]
# Seconds that its answers are good for, and that it says there is nothing.
TTL, NEGATIVE_TTL = 300, 30
MAX_UDP = 512


class DnsServer:
    """Answers until the end of the `with` block. The zone may be changed meanwhile: `put`, `drop`."""

    def __init__(
        self,
        zone: Zone | None = None,
        *,
        failing: Sequence[str] = (),
        silent: Sequence[str] = (),
        authentic: Sequence[str] = (),
        ttl: int = TTL,
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self.failing, self.silent, self.authentic = set(failing), set(silent), set(authentic)
        self.ttl = ttl
        self._zone: dict[str, dict[str, list[str]]] = {}
        for name, records in (zone or {}).items():
            for kind, values in records.items():
                self.put(name, kind, *values)
        self._udp, self._tcp = _sockets()
        self._stop_out, self._stop_in = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="dns", daemon=True)

    @property
    def address(self) -> NameServer:
        host, port = self._udp.getsockname()
        return NameServer(host, port)

    def put(self, name: str, kind: str, *values: str) -> None:
        """Set the records of one type of a name."""
        self._zone.setdefault(name.lower().rstrip("."), {})[kind] = list(values)

    def drop(self, name: str) -> None:
        self._zone.pop(name.lower().rstrip("."), None)

    def __enter__(self) -> DnsServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop_in.send(b"\0")
        self._thread.join()
        for sock in (self._udp, self._tcp, self._stop_in, self._stop_out):
            sock.close()

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._udp, self._tcp, self._stop_out], [], [])
            if self._stop_out in ready:
                return
            if self._udp in ready:
                octets, peer = self._udp.recvfrom(65535)
                if (answer := self._answer(octets, MAX_UDP)) is not None:
                    self._udp.sendto(answer, peer)
            if self._tcp in ready:
                with contextlib.suppress(OSError):
                    self._serve_tcp()

    def _serve_tcp(self) -> None:
        """One question of one connection."""
        sock, _ = self._tcp.accept()
        with sock:
            sock.settimeout(5)
            size = int.from_bytes(sock.recv(2, socket.MSG_WAITALL), "big")
            answer = self._answer(sock.recv(size, socket.MSG_WAITALL), 65535)
            if answer is not None:
                sock.sendall(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, octets: bytes, most: int) -> bytes | None:
        question = dns.message.from_wire(octets)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        answer = dns.message.make_response(question, recursion_available=True)
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(answer, asked.name, name, kind)
        if name in self.authentic:
            answer.flags |= dns.flags.AD
        wire = answer.to_wire(max_size=65535)
        if len(wire) <= max(most, min(question.payload, 1232) if most == MAX_UDP else most):
            return wire
        short = dns.message.make_response(question, recursion_available=True)
        short.flags |= dns.flags.TC
        return short.to_wire()

    def _fill(self, answer: dns.message.Message, owner: dns.name.Name, name: str, kind: str) -> None:
        for _ in range(10):  # an alias, and what it stands for
            records = self._zone.get(name, {})
            followed = "CNAME" in records and kind != "CNAME"
            values = records.get("CNAME" if followed else kind, ())
            if values:
                answer.answer.append(self._rrset(owner, "CNAME" if followed else kind, values))
            if not followed:
                break
            owner = dns.name.from_text(values[0])
            name = owner.to_text(omit_final_dot=True).lower()
        if not values:
            soa = f"ns.{name}. root.{name}. 1 3600 600 86400 {NEGATIVE_TTL}"
            answer.authority.append(dns.rrset.from_text(owner, NEGATIVE_TTL, dns.rdataclass.IN, "SOA", soa))
            if not any(one == name or one.endswith(f".{name}") for one in self._zone):
                answer.set_rcode(dns.rcode.NXDOMAIN)

    def _rrset(self, owner: dns.name.Name, kind: str, values: Sequence[str]) -> dns.rrset.RRset:
        texts = [_strings(value) for value in values] if kind in ("TXT", "SPF") else values
        return dns.rrset.from_text(owner, self.ttl, dns.rdataclass.IN, kind, *texts)


def _sockets() -> tuple[socket.socket, socket.socket]:
    """The same port of the loopback for UDP and TCP."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        try:
            return udp, socket.create_server(udp.getsockname())
        except OSError:  # somebody else has the port for TCP
            udp.close()


def _strings(text: str) -> str:
    """A TXT value in strings of at most 255 octets, octet for octet."""
    octets = text.encode("utf-8", "surrogateescape")
    pieces = [octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{octet:03d}" for octet in piece) + '"' for piece in pieces)
