"""Work mail that is passed on without its sender's consent."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

from mailbox_policies import chain
from mailbox_policies.rules import forward_consent
from mailbox_policies.rules.forward_consent import Settings, check
from mailbox_policies.verdict import Action, Case, Stage
from mailserver.actor import Actor
from mailserver.passing import PassedOn

AN = Actor(7, 1, "smtp")
LETTER = Case(
    Stage.SUBMISSION,
    AN,
    agency_id=1,
    size=1,
    decoded_size=1,
    passes_on=(
        PassedOn(1, ("b@a.vn",), "x", ("lan@ngoai.example", "minh@ngoai.example"), "file"),
        PassedOn(2, ("c@a.vn", "b@a.vn"), "y", ("lan@ngoai.example",), "words"),
    ),
)


def test_the_page_tells_the_truth() -> None:
    page = Path(forward_consent.__file__).with_suffix(".md")
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 10
    assert found.failed == 0


def test_senders_and_new_readers_are_each_named_once() -> None:
    found = check(Settings(days=3), LETTER)
    assert dict(found.facts) == {"authors": "b@a.vn, c@a.vn", "days": 3}
    assert found.for_recipients == ("lan@ngoai.example", "minh@ngoai.example")


def test_the_standard_chain_asks_at_submission() -> None:
    policy = chain.standard(chain.for_all(chain.Settings(Settings())))
    assert policy(LETTER).action is Action.HOLD
    assert policy(replace(LETTER, stage=Stage.DATA)).action is Action.ACCEPT
    assert chain.standard(chain.for_all(chain.Settings()))(LETTER).action is Action.ACCEPT
