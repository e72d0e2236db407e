"""Plays the scenarios to Dovecot too: what they say of IMAP is not our reading alone.

`pytest -m dovecot`. A scenario that Dovecot 2.3 cannot answer says why (`dovecot: no — …`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.imap.lenient import Lenient
from tests.imap.player import Player
from tests.imap.test_transcripts import prepare
from tests.imap.transcript import FILES, Scenario, read_scenarios, user_of
from tests.support.dialogue import Client
from tests.support.dovecot import USES, Dovecot

pytestmark = pytest.mark.dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot.start() as running:
        yield running


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_dovecot_says_the_same(path: Path, dovecot: Dovecot) -> None:
    """All scenarios of a file at once: Dovecot lets half a second go by before it tells of news."""
    async with asyncio.TaskGroup() as together:
        for number, scenario in enumerate(read_scenarios(path)):
            if not scenario.not_dovecot:
                together.create_task(play(scenario, f"{path.stem}-{number}", dovecot))


async def play(scenario: Scenario, name: str, dovecot: Dovecot) -> None:
    """Everybody is new: each scenario has people of its own."""
    sessions: list[Client] = []

    async def connect(who: int) -> Client:
        client = await Client.connect_unix(dovecot.socket)
        sessions.append(client)
        await client.ok(f'LOGIN {user_of(who)}.{name} "x"')
        return client

    try:
        first = await connect(1)
        for folder in USES:
            await first.ok(f"CREATE {folder}")
        await prepare(first, "box", scenario.setup)
        await Player(connect, "box", Lenient).play(scenario)
    finally:
        for client in sessions:
            await client.close()
