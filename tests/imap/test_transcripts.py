"""Plays every scenario of the transcripts on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imap.player import Player
from tests.imap.strict import Strict
from tests.imap.transcript import FILES, message, read_scenarios, user_of
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_the_dialogue_goes_as_written(path: Path, door: Door) -> None:
    setup = await door.client()
    for number, scenario in enumerate(read_scenarios(path)):
        box = f"box{number}"
        await prepare(setup, box, scenario.setup)

        async def connect(who: int) -> Client:
            return await door.client(user_of(who))

        player = Player(connect, box, Strict)
        await player.play(scenario)
        for client in player.sessions.values():
            await client.close()


async def prepare(client: Client, box: str, messages: int) -> None:
    """Make the folder of a scenario, with its messages in it."""
    await client.ok(f"CREATE {box}")
    for index in range(1, messages + 1):
        date = f'"{10 + index}-Jul-1996 12:00:00 +0700" '
        assert (await client.append(box, message(index), date)).startswith(b"OK")
