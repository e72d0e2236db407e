"""ClamAV's own daemon answers as the client expects, and no answer is taken for "nothing found"."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailserver.scanning.clamd import Clamd
from mailserver.scanning.found import NoAnswer, Viruses, Why
from mailserver.scanning.wire import CHUNK, Place
from tests.support.daemons import OTHER_VIRUS, STREAM, VIRUS, Daemon


@pytest.fixture
def real(clamd: Daemon) -> Clamd:
    return Clamd(clamd.at)


def test_the_daemon_says_that_it_is_there(real: Clamd) -> None:
    real.ping(30)
    assert real.version(30).startswith("ClamAV ")


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"", ""),
        (b"nothing", ""),
        (b"before " + VIRUS + b" after", "Vanthu.Test.Body"),
        (OTHER_VIRUS, "Vanthu.Test.Hash"),
        (b"x" * (CHUNK - 5) + VIRUS + b"y" * CHUNK, "Vanthu.Test.Body"),
    ],
    ids=["empty", "clean", "octets", "hash", "across-chunks"],
)
def test_a_file_is_known_by_its_octets_or_its_hash(real: Clamd, octets: bytes, name: str) -> None:
    found = real.scan(octets).name
    assert found.removesuffix(".UNOFFICIAL") == name


def test_a_virus_in_an_attachment_is_found_in_the_message(real: Clamd) -> None:
    body = base64.encodebytes(b"PK\3\4 " + VIRUS).replace(b"\n", b"\r\n")
    message = (
        b"Return-Path: <a@b.example>\r\nX-Odd: first\r\nFrom: a@b.example\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'
        b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="a.bin"\r\n\r\n' + body + b"--b--\r\n"
    )
    assert "Vanthu.Test.Body" in real.scan(message).name
    assert real.scan(message.replace(body, b"eA==\r\n")) == Viruses()


def test_what_is_too_large_is_not_taken_for_clean(real: Clamd) -> None:
    with pytest.raises(NoAnswer) as caught:
        replace(real, most=10).scan(b"x" * 11)
    assert caught.value.why is Why.TOO_LARGE
    # The daemon's own limit, which it tells in the middle of the stream.
    with pytest.raises(NoAnswer) as caught:
        real.scan(b"x" * (STREAM + 4 * CHUNK))
    assert caught.value.why is Why.TOO_LARGE


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer) as caught:
        Clamd(Place(path=str(tmp_path / "nobody.sock"))).scan(b"x")
    assert caught.value.why is Why.DOWN


@pytest.fixture
def listening() -> Iterator[tuple[socket.socket, Place]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server, Place(host="127.0.0.1", port=server.getsockname()[1])


def test_a_daemon_that_never_answers_costs_its_time_limit_and_no_more(listening: tuple[socket.socket, Place]) -> None:
    _server, at = listening
    with pytest.raises(NoAnswer) as caught:
        Clamd(at, seconds=0.05).scan(b"x")
    assert caught.value.why is Why.LATE


@pytest.mark.parametrize(
    ("says", "why"), [(b"nonsense\0", Why.CONFUSED), (b"", Why.DOWN), (b"x" * 10_000, Why.CONFUSED)]
)
def test_nonsense_is_no_answer(listening: tuple[socket.socket, Place], says: bytes, why: Why) -> None:
    server, at = listening

    def answer() -> None:
        connection, _peer = server.accept()
        with connection:
            while not connection.recv(65536).endswith(b"\0\0\0\0"):
                pass
            connection.sendall(says)

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(NoAnswer) as caught:
        Clamd(at, seconds=30).scan(b"x")
    thread.join(30)
    assert caught.value.why is why
