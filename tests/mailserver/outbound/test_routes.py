"""Where mail for a domain goes."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mailserver.dns.answers import Answer, MailHost, Outcome
from mailserver.outbound.routes import Host, NoRoute, NoRouteNow, hosts_of


@dataclass
class Zone:
    """A DNS that knows these records; names in `failing` give no answer."""

    mx_of: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    address_of: dict[str, list[str]] = field(default_factory=dict)
    failing: tuple[str, ...] = ()

    async def mx(self, name: str) -> Answer[MailHost]:
        if name in self.failing:
            return Answer(Outcome.FAILED)
        if name in self.mx_of:
            return Answer(Outcome.FOUND, tuple(MailHost(*one) for one in self.mx_of[name]))
        return Answer(Outcome.NO_DATA if name in self.address_of else Outcome.NO_NAME)

    async def addresses(self, name: str) -> Answer[str]:
        if name in self.failing:
            return Answer(Outcome.FAILED)
        found = tuple(self.address_of.get(name, ()))
        return Answer(Outcome.FOUND, found) if found else Answer(Outcome.NO_NAME)


async def route(zone: Zone, domain: str = "far.test", own: tuple[str, ...] = ("mail.sct.test",)) -> list[Host]:
    return await hosts_of(domain, zone, own, shuffle=lambda group: group.reverse())


async def test_hosts_come_by_preference_and_equal_ones_are_shuffled() -> None:
    zone = Zone(
        {"far.test": [(20, "c.test"), (10, "a.test"), (10, "b.test")]},
        {"a.test": ["192.0.2.1"], "b.test": ["192.0.2.2"], "c.test": ["192.0.2.3"]},
    )
    assert [host.name for host in await route(zone)] == ["b.test", "a.test", "c.test"]


async def test_without_mx_the_domain_is_its_own_host() -> None:
    zone = Zone({}, {"far.test": ["2001:db8::1", "192.0.2.1"]})
    assert await route(zone) == [Host("far.test", ("2001:db8::1", "192.0.2.1"))]


async def test_both_families_have_their_turn() -> None:
    zone = Zone({}, {"far.test": ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3"]})
    assert (await route(zone))[0].addresses == ("2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3")


@pytest.mark.parametrize(
    ("zone", "status"),
    [
        (Zone(), "5.1.2"),
        (Zone({"far.test": [(0, "")]}), "5.1.10"),
        (Zone({"far.test": [(10, "gone.test")]}), "5.4.4"),
        (Zone({"far.test": [(10, "mail.sct.test")]}, {"mail.sct.test": ["192.0.2.1"]}), "5.4.6"),
    ],
    ids=["no domain", "null MX", "no address", "our own"],
)
async def test_domains_that_take_no_mail(zone: Zone, status: str) -> None:
    with pytest.raises(NoRoute) as refused:
        await route(zone)
    assert refused.value.status == status


async def test_a_host_no_better_than_we_are_is_left_out() -> None:
    """RFC 5321 §5.1: else two servers pass a message to and fro."""
    zone = Zone(
        {"far.test": [(5, "a.test"), (10, "mail.sct.test"), (10, "b.test"), (20, "c.test")]},
        {name: ["192.0.2.1"] for name in ("a.test", "b.test", "c.test", "mail.sct.test")},
    )
    assert [host.name for host in await route(zone)] == ["a.test"]


@pytest.mark.parametrize("failing", [("far.test",), ("a.test",)])
async def test_no_answer_is_trouble_and_not_an_end(failing: tuple[str, ...]) -> None:
    zone = Zone({"far.test": [(10, "a.test"), (20, "gone.test")]}, {}, failing)
    with pytest.raises(NoRouteNow):
        await route(zone)


async def test_one_host_without_an_address_does_not_hide_the_next() -> None:
    zone = Zone({"far.test": [(10, "a.test"), (20, "b.test")]}, {"b.test": ["192.0.2.2"]}, ("a.test",))
    assert [host.name for host in await route(zone)] == ["b.test"]


async def test_address_literals_need_no_dns() -> None:
    assert await route(Zone(), "[192.0.2.1]") == [Host("[192.0.2.1]", ("192.0.2.1",))]
    assert await route(Zone(), "[IPv6:2001:DB8::1]") == [Host("[IPv6:2001:DB8::1]", ("2001:db8::1",))]
    with pytest.raises(NoRoute):
        await route(Zone(), "[nonsense]")
