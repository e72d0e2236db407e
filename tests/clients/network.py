"""The network between a mail program and the server, names and well-known ports included: a SOCKS 5 proxy on loopback.

A program that uses it may leave names to it (address type 3), so an office's names and ports 443, 993 and 465
lead to the free ports that a test's server listens on, and nowhere else.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

SUCCEEDED, HOST_UNREACHABLE = 0, 4
CONNECT, DOMAIN_NAME = 1, 3
BOUND_ADDRESS = b"\x00\x01\x7f\x00\x00\x01\x00\x00"


@dataclass
class Network:
    """routes: (host, port) as the program knows them → port of 127.0.0.1. asked: every connection wanted, in order."""

    routes: Mapping[tuple[str, int], int]
    port: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    network: Network

    def handle(self) -> None:
        with suppress(OSError, struct.error):
            self._serve()

    def _serve(self) -> None:
        _version, methods = struct.unpack("!BB", self.rfile.read(2))
        self.rfile.read(methods)
        self.wfile.write(b"\x05\x00")
        _version, command, _reserved, kind = struct.unpack("!BBBB", self.rfile.read(4))
        if kind != DOMAIN_NAME or command != CONNECT:
            self._answer(HOST_UNREACHABLE)
            return
        host = self.rfile.read(self.rfile.read(1)[0]).decode("ascii")
        (port,) = struct.unpack("!H", self.rfile.read(2))
        self.network.asked.append((host, port))
        target = self.network.routes.get((host, port))
        if target is None:
            self._answer(HOST_UNREACHABLE)
            return
        with socket.create_connection(("127.0.0.1", target)) as there:
            self._answer(SUCCEEDED)
            back = threading.Thread(target=_pump, args=(there, self.connection))
            back.start()
            _pump(self.connection, there)
            back.join()

    def _answer(self, code: int) -> None:
        self.wfile.write(bytes([5, code]) + BOUND_ADDRESS)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Until one side is done; then both sides learn of it."""
    with suppress(OSError):
        while octets := source.recv(65536):
            sink.sendall(octets)
    for side in (source, sink):
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def network(routes: Mapping[tuple[str, int], int]) -> Iterator[Network]:
    """Running; `port` is the proxy's."""
    made = Network(routes)
    handler: Any = type("Handler", (_Handler,), {"network": made})
    with _Server(("127.0.0.1", 0), handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
