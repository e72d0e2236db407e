"""Who may sign in when many want to: a few newcomers at a time, the others in line, nobody for long."""

import asyncio
from collections.abc import Callable

import pytest

from mailserver.imap import entrance
from mailserver.imap.entrance import AT_ONCE, COMMAND_S, LONGEST_S, NEW_S, PAUSE_S, Entrance
from tests.mailserver.imap.conftest import ManualClock, OpenDoor


class Hall:
    """An entrance with a clock that is turned by hand, and those who have asked to come in."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.entrance = Entrance(self.clock, lambda: self.clock.now)
        self.inside: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, *names: str) -> None:
        for name in names:
            self.tasks.append(asyncio.create_task(self._come_in(name)))
        await self.settled()

    async def _come_in(self, name: str) -> None:
        await self.entrance.enter(name)
        self.inside.append(name)

    async def settled(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    async def after(self, seconds: float) -> list[str]:
        self.clock.advance(seconds)
        await self.settled()
        return self.inside

    async def full(self) -> list[str]:
        """As many newcomers at work as are served at a time."""
        names = [f"n{number}" for number in range(AT_ONCE)]
        await self.ask(*names)
        for name in names:
            self.entrance.begin(name)
        return names


async def test_people_who_only_sign_in_never_wait() -> None:
    hall = Hall()
    names = [f"n{number}" for number in range(50)]
    await hall.ask(*names)
    assert hall.inside == names


async def test_the_next_comes_in_when_a_newcomer_has_gone() -> None:
    hall = Hall()
    names = await hall.full()
    await hall.ask("an", "binh")
    assert hall.inside == names
    hall.entrance.leave(names[0])
    await hall.settled()
    assert hall.inside == [*names, "an"]


async def test_the_next_comes_in_when_a_newcomer_is_silent() -> None:
    hall = Hall()
    names = await hall.full()
    await hall.ask("an", "binh")
    hall.entrance.end(names[1])
    assert await hall.after(PAUSE_S / 2) == names
    assert await hall.after(PAUSE_S / 2) == [*names, "an"]


@pytest.mark.parametrize(
    ("outlast", "seconds"),
    [(lambda hall: None, COMMAND_S), (lambda hall: [hall.entrance.begin(name) for name in hall.inside], NEW_S)],
    ids=["one long command", "for a long time"],
)
async def test_who_is_busy_for_long_keeps_nobody_out(outlast: Callable[[Hall], object], seconds: float) -> None:
    hall = Hall()
    names = await hall.full()
    await hall.after(seconds)
    outlast(hall)
    await hall.ask("an")
    assert hall.inside == [*names, "an"]


async def test_nobody_stands_in_line_for_longer_than_a_second() -> None:
    hall = Hall()
    names = await hall.full()
    await hall.ask("an")
    for _ in range(round(LONGEST_S / COMMAND_S) * 2 - 1):
        for name in names:
            hall.entrance.begin(name)
        assert await hall.after(COMMAND_S / 2) == names
    for name in names:
        hall.entrance.begin(name)
    assert await hall.after(COMMAND_S / 2) == [*names, "an"]


async def test_who_gives_up_leaves_the_line() -> None:
    hall = Hall()
    names = await hall.full()
    await hall.ask("an", "binh")
    hall.tasks[-2].cancel()
    await hall.settled()
    hall.entrance.leave(names[0])
    await hall.settled()
    assert hall.inside == [*names, "binh"]


async def test_a_crowd_that_signs_in_and_asks_is_served_to_the_last(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "AT_ONCE", 1)
    door = await open_door()

    async def visit() -> None:
        client = await door.selected()
        await client.ok("NOOP")
        await client.ok("LOGOUT")

    await asyncio.gather(*(visit() for _ in range(20)))
