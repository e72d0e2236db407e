"""Listening sockets: all of them or none, and where they are is told."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from deploy.config_values import Address
from deploy.sockets import CannotListen, Door, bind_all, write_ports

LOOPBACK = Address("127.0.0.1", 0)


def test_port_zero_gets_a_free_port_that_accepts(tmp_path: Path) -> None:
    bound = bind_all([(Door.MX, LOOPBACK), (Door.IMAP, LOOPBACK)])
    write_ports(bound, tmp_path / "listening.json")
    told = json.loads((tmp_path / "listening.json").read_text())
    assert set(told) == {"smtp.mx", "imap.plain"}
    for one in bound:
        assert told[one.door.value] == [str(one.at)]
        with socket.create_connection((one.at.host, one.at.port), timeout=5):
            pass
        one.socket.close()


def test_a_taken_port_is_named_and_nothing_stays_open() -> None:
    [taken] = bind_all([(Door.WEB, LOOPBACK)])
    [probe] = bind_all([(Door.MX, LOOPBACK)])
    free = probe.at
    probe.socket.close()
    with pytest.raises(CannotListen) as caught:
        bind_all([(Door.MX, free), (Door.IMAP, taken.at)])
    assert str(taken.at) in str(caught.value)
    assert "imap.plain" in str(caught.value)
    [again] = bind_all([(Door.MX, free)])
    again.socket.close()
    taken.socket.close()


def test_localhost_needs_no_ipv6() -> None:
    bound = bind_all([(Door.MX, Address("localhost", 0))])
    assert bound
    assert all(one.asked.is_loopback for one in bound)
    for one in bound:
        one.socket.close()


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(CannotListen, match=r"198\.51\.100\.1"):
        bind_all([(Door.MX, Address("198.51.100.1", 0))])
