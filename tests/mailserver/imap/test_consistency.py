"""Several sessions change one folder at random: what each was told always fits what it sees."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

import pytest

from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client, mail

STEPS = 150


@dataclass
class Model:
    """A session as a client keeps it: the uid of each sequence number, None while unknown."""

    client: Client
    uids: list[int | None] = field(default_factory=list)
    flags: dict[int, bytes] = field(default_factory=dict)

    def hear(self, lines: list[bytes]) -> None:
        for line in lines:
            if (told := re.match(rb"\* (\d+) (EXISTS|EXPUNGE|FETCH)(.*)", line)) is None:
                continue
            number, kind = int(told[1]), told[2]
            if kind == b"EXISTS":
                assert number >= len(self.uids), "EXISTS must not shrink a folder"
                self.uids += [None] * (number - len(self.uids))
            elif kind == b"EXPUNGE":
                assert 1 <= number <= len(self.uids)
                del self.uids[number - 1]
            else:
                assert number <= len(self.uids), "a message nobody told of"
                self.hear_fetch(number, told[3])

    def hear_fetch(self, number: int, items: bytes) -> None:
        if (uid := re.search(rb"UID (\d+)", items)) is not None:
            known = self.uids[number - 1]
            assert known in (None, int(uid[1])), f"{number} was {known}, now {uid[1]!r}"
            self.uids[number - 1] = int(uid[1])

    async def do(self, command: str) -> list[bytes]:
        lines = await self.client.ok(command)
        self.hear(lines)
        return lines


def choose(rnd: random.Random, model: Model) -> str:
    number = rnd.randint(1, max(1, len(model.uids)))
    some = f"{number}:{min(len(model.uids), number + rnd.randint(0, 4))}"
    commands = ["NOOP", "CHECK", "EXPUNGE", "SEARCH ALL", "UID SEARCH DELETED", "UID FETCH 1:* (UID)"]
    if model.uids:
        commands += [
            f"FETCH {some} (UID FLAGS)",
            f"STORE {some} +FLAGS (\\Deleted)",
            f"STORE {some} -FLAGS.SILENT (\\Deleted)",
            f"STORE {some} FLAGS (\\Seen x{number})",
            f"COPY {some} work",
            f"MOVE {some} Archive",
            f"FETCH {some} (UID BODY[TEXT])",
        ]
    return rnd.choice(commands)


@pytest.mark.parametrize("seed", range(4))
async def test_no_session_ever_loses_count(door: Door, seed: int) -> None:
    rnd = random.Random(seed)
    setup = await door.client()
    await setup.ok("CREATE work")
    for number in range(12):
        await setup.append("work", mail(str(number)))
    models = [Model(await door.client()) for _ in range(3)]
    for model in models:
        await model.do("SELECT work")
    for step in range(STEPS):
        model = rnd.choice(models)
        if rnd.random() < 0.2:
            await setup.append("work", mail(f"more {step}"))
        else:
            await model.do(choose(rnd, model))
        if rnd.random() < 0.2 and model.uids:
            await model.do("FETCH 1:* (UID)")
    seen = []
    for model in models:
        await model.do("NOOP")
        if model.uids:
            await model.do("FETCH 1:* (UID)")
        seen.append(model.uids)
    assert seen[0] == seen[1] == seen[2]
    assert seen[0] == sorted(uid for uid in seen[0] if uid is not None)
    assert f"MESSAGES {len(seen[0])}".encode() in (await setup.ok("STATUS work (MESSAGES)"))[0]
