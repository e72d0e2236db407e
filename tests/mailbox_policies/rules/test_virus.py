"""The rule on viruses."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from mailbox_policies import chain
from mailbox_policies.chain import Choice
from mailbox_policies.modes import Mode
from mailbox_policies.rules import virus
from mailbox_policies.rules.virus import Settings, WhenSilent, check
from mailbox_policies.verdict import Action, Case, Cause, Stage
from mailserver.scanning.found import Unanswered, VirusAnswer, Viruses, Why
from mailserver.scanning.scanners import Scans

FOUND = Viruses("Win.Test")


def mail(answer: VirusAnswer | None, stage: Stage = Stage.DATA) -> Case:
    return Case(stage, scans=Scans(lambda: answer, lambda: None))


@pytest.mark.parametrize(
    ("answer", "stage", "silent", "action"),
    [
        (None, Stage.DATA, WhenSilent.DEFER, Action.ACCEPT),
        (Viruses(), Stage.DATA, WhenSilent.DEFER, Action.ACCEPT),
        (FOUND, Stage.DATA, WhenSilent.PASS, Action.QUARANTINE),
        (FOUND, Stage.SUBMISSION, WhenSilent.PASS, Action.REJECT),
        *((Unanswered(why), Stage.DATA, WhenSilent.DEFER, Action.DEFER) for why in Why if why is not Why.TOO_LARGE),
        *((Unanswered(why), Stage.SUBMISSION, WhenSilent.PASS, Action.ANNOTATE) for why in Why),
        (Unanswered(Why.TOO_LARGE), Stage.DATA, WhenSilent.DEFER, Action.ANNOTATE),
    ],
)
def test_what_follows_from_an_answer(
    answer: VirusAnswer | None, stage: Stage, silent: WhenSilent, action: Action
) -> None:
    verdict = check(Settings(silent), mail(answer, stage))
    assert verdict.action is action
    if isinstance(answer, Unanswered):
        assert (verdict.cause, verdict.facts["why"]) == (Cause.NOT_SCANNED, answer.why.value)


def test_it_is_asked_once_for_all_agencies_and_not_where_the_rule_is_off() -> None:
    asked: list[None] = []

    def answer() -> Viruses:
        asked.append(None)
        return FOUND

    case = Case(Stage.DATA, scans=Scans(answer, lambda: None))
    off = chain.Settings(of={virus.NAME: Choice(Mode.OFF, Settings())})
    assert chain.standard(chain.for_all(off))(case).action is Action.ACCEPT and not asked
    policy = chain.standard(chain.for_all(chain.Settings()))
    assert [policy(case).action for _ in range(3)] == [Action.QUARANTINE] * 3
    assert len(asked) == 1
    tried = chain.Settings(of={virus.NAME: Choice(Mode.TRIAL, Settings())})
    verdict = chain.standard(chain.for_all(tried))(mail(Unanswered(Why.DOWN)))
    assert (verdict.action, verdict.would) == (Action.ANNOTATE, Action.DEFER)


def test_the_page_beside_the_rule_says_what_it_does() -> None:
    page = Path(virus.__file__).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 0) == (0, True)
