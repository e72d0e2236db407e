"""The domain far.test as a test wants it: its DNS and its policy file."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailserver.dns.answers import Answer, MailHost, Outcome, Tlsa
from mailserver.outbound.policy_fetch import CannotFetch
from tests.mailserver.outbound.test_mtasts import TEXT


@dataclass
class Zone:
    """A DNS with the MX and the policy record of far.test. record: b"" for none. failing: about policies."""

    record: bytes = b"v=STSv1; id=1;"
    hosts: tuple[str, ...] = ("mx.far.test",)
    failing: bool = False
    addresses_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def txt(self, name: str) -> Answer[bytes]:
        if self.failing:
            return Answer(Outcome.FAILED)
        if name != "_mta-sts.far.test" or not self.record:
            return Answer(Outcome.NO_NAME)
        return Answer(Outcome.FOUND, (self.record,))

    async def mx(self, _name: str) -> Answer[MailHost]:
        return Answer(Outcome.FOUND, tuple(MailHost(10 * at, host) for at, host in enumerate(self.hosts)))

    async def tlsa(self, _name: str) -> Answer[Tlsa]:
        return Answer(Outcome.NO_NAME)

    async def addresses(self, name: str) -> Answer[str]:
        return Answer(Outcome.FOUND, self.addresses_of.get(name, ("127.0.0.1",)))


@dataclass
class File:
    """The policy file of far.test; None: it cannot be fetched. asked: how often it was."""

    text: bytes | None = TEXT
    asked: int = 0

    async def __call__(self, _domain: str) -> bytes:
        self.asked += 1
        if self.text is None:
            raise CannotFetch("away")
        return self.text
