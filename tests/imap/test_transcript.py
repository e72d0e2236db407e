"""The transcripts as a body of evidence: how much they say, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailserver.imap import commands
from mailserver.imap.commands.registry import COMMANDS
from tests.imap.transcript import FILES, Scenario, read_scenarios

SCENARIOS = [scenario for path in FILES for scenario in read_scenarios(path)]
EXCHANGES = 250
# It has no place in a session that has begun; tests/mailserver/imap/test_login.py has it.
ELSEWHERE = {"AUTHENTICATE"}


def exchanges(scenarios: list[Scenario]) -> int:
    """What a client sends and is answered."""
    return sum(one.kind in "CR" and bool(one.heard) for scenario in scenarios for one in scenario.exchanges())


def test_there_is_enough_of_it_also_for_the_other_server() -> None:
    assert exchanges(SCENARIOS) >= EXCHANGES
    assert exchanges([scenario for scenario in SCENARIOS if not scenario.not_dovecot]) >= EXCHANGES


def test_two_and_three_sessions_meet() -> None:
    together = [scenario for scenario in SCENARIOS if not scenario.not_dovecot]
    for sessions in (2, 3):
        assert sum(len(scenario.sessions()) >= sessions for scenario in SCENARIOS) >= 10
        assert sum(len(scenario.sessions()) >= sessions for scenario in together) >= 5


def test_every_command_is_in_a_transcript() -> None:
    assert commands  # Its import has registered them all.
    sent = [text.upper().split(" ") for scenario in SCENARIOS for _, kind, text, _ in scenario.steps if kind == "C"]
    begun = {" ".join(words[:length]) for words in sent for length in (1, 2)}
    assert {name.decode() for name in COMMANDS} - begun == ELSEWHERE


@pytest.mark.parametrize(
    "text",
    ["nonsense", "== a\n1 S OK", "== a\n1 C: X\n2 D: OK", "== a\ndovecot: no", "== a\n1 D: OK"],
)
def test_what_is_no_transcript_is_noticed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text(text)
    with pytest.raises((ValueError, IndexError)):
        read_scenarios(path)
