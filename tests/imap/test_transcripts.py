"""Plays every scenario of the transcripts on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imap.transcript import Player, message, read_scenarios
from tests.mailserver.imap.conftest import Door
from tests.support.dialogue import Client

FILES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
USERS = {1: "an", 2: "an", 3: "binh"}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
async def test_the_dialogue_goes_as_written(path: Path, door: Door) -> None:
    setup = await door.client()
    for number, scenario in enumerate(read_scenarios(path)):
        box = f"box{number}"
        await setup.ok(f"CREATE {box}")
        for index in range(1, scenario.setup + 1):
            date = f'"{10 + index}-Jul-1996 12:00:00 +0700" '
            assert (await setup.append(box, message(index), date)).startswith(b"OK")

        async def connect(who: int) -> Client:
            return await door.client(USERS[who])

        player = Player(connect, box)
        await player.play(scenario)
        for client in player.sessions.values():
            await client.close()
