"""What policies mean for the way of mail (RFC 8461 §5)."""

from __future__ import annotations

import logging
import ssl

import pytest

from mailserver.outbound.connecting import Tls
from mailserver.outbound.policies import Policies
from mailserver.outbound.routes import NoRouteNow
from mailserver.outbound.ways import way_of
from mailserver.store.store import Store
from tests.mailserver.outbound.conftest import Certificate, Clock, Sinks, World, trusting
from tests.mailserver.outbound.elsewhere import File, Zone
from tests.mailserver.outbound.test_mtasts import TEXT


def in_mode(mode: str) -> File:
    return File(TEXT.replace(b"enforce", mode.encode()))


@pytest.mark.parametrize(
    ("mode", "host", "offered", "state", "status"),
    [
        ("enforce", "mx.far.test", "valid", "sent", "2."),
        ("enforce", "mx.far.test", "strange", "waiting", "4.7.5"),
        ("enforce", "mx.far.test", "none", "waiting", "4.7.4"),
        ("enforce", "evil.test", "valid", "waiting", "4.7.5"),
        ("testing", "mx.far.test", "valid", "sent", "2."),
        ("testing", "mx.far.test", "strange", "sent", "2."),
        ("testing", "mx.far.test", "none", "sent", "2."),
        ("testing", "evil.test", "none", "sent", "2."),
        ("none", "evil.test", "none", "sent", "2."),
    ],
)
async def test_what_a_policy_means_for_mail(
    world: World,
    sinks: Sinks,
    certificate: Certificate,
    caplog: pytest.LogCaptureFixture,
    mode: str,
    host: str,
    offered: str,
    state: str,
    status: str,
) -> None:
    caplog.set_level(logging.WARNING)
    sink = await sinks.open(context=certificate.server_context() if offered != "none" else None)
    zone = Zone(hosts=(host,))
    policies = Policies(world.store.db, zone, in_mode(mode), world.clock.now)
    world.route = lambda destination: way_of(destination, zone, frozenset(), policies.of)
    world.send("ba@far.test")
    verifying = trusting(certificate) if offered == "valid" else ssl.create_default_context()
    await world.work_off(sink.port, verifying=verifying)
    assert (world.states(), len(sink.got)) == ({"ba@far.test": state}, int(state == "sent"))
    assert world.statuses()[0].startswith(status)
    told = [record for record in caplog.records if "testing" in record.getMessage()]
    assert bool(told) == (mode == "testing" and (offered, host) != ("valid", "mx.far.test"))
    if offered == "valid" and state == "sent":
        assert sink.got[0].tls


async def test_an_enforced_policy_leaves_the_hosts_it_names(store: Store) -> None:
    zone = Zone(hosts=("evil.test", "mx.far.test", "a.pool.test", "a.b.pool.test"))
    policies = Policies(store.db, zone, File(), Clock().now)
    way = await way_of("far.test", zone, frozenset(), policies.of)
    assert [(one.name, one.tls) for one in way.hosts] == [("mx.far.test", Tls.REQUIRED), ("a.pool.test", Tls.REQUIRED)]


async def test_a_host_that_an_enforced_policy_does_not_name_gets_nothing(store: Store) -> None:
    zone = Zone(hosts=("evil.test",))
    policies = Policies(store.db, zone, File(), Clock().now)
    with pytest.raises(NoRouteNow, match="MTA-STS"):
        await way_of("far.test", zone, frozenset(), policies.of)


async def test_an_address_has_no_policy(store: Store) -> None:
    file = File()
    policies = Policies(store.db, Zone(), file, Clock().now)
    way = await way_of("[192.0.2.1]", Zone(), frozenset(), policies.of)
    assert ([one.tls for one in way.hosts], file.asked) == ([None], 0)
