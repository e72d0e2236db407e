"""The rule on what rspamd advises."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from mailbox_policies.rules import rspamd
from mailbox_policies.rules.rspamd import Outcome, Settings, WhenSilent, check
from mailbox_policies.verdict import Action, Case, Cause, Stage
from mailserver.scanning.found import Advice, Opinion, SpamAnswer, Unanswered, Why
from mailserver.scanning.scanners import Scans


def mail(answer: SpamAnswer | None) -> Case:
    return Case(Stage.DATA, scans=Scans(lambda: None, lambda: answer))


@pytest.mark.parametrize(
    ("settings", "advice", "action"),
    [
        (Settings(), Advice.NONE, Action.ACCEPT),
        (Settings(), Advice.MARK, Action.JUNK),
        (Settings(marked=Outcome.ANNOTATE), Advice.MARK, Action.ANNOTATE),
        (Settings(), Advice.REJECT, Action.JUNK),
        (Settings(refused=Outcome.REJECT), Advice.REJECT, Action.REJECT),
        (Settings(refused=Outcome.REJECT), Advice.MARK, Action.JUNK),
        (Settings(), Advice.DELAY, Action.DEFER),
        (Settings(delay=False), Advice.DELAY, Action.ANNOTATE),
    ],
)
def test_the_advice_is_followed_as_far_as_the_settings_go(settings: Settings, advice: Advice, action: Action) -> None:
    verdict = check(settings, mail(Opinion(advice, 7.0, ("A", "B"))))
    assert verdict.action is action
    if action is not Action.ACCEPT:
        assert (verdict.cause, dict(verdict.facts)) == (Cause.SPAM, {"score": "7.0", "tests": "A B"})


@pytest.mark.parametrize("silent", list(WhenSilent))
@pytest.mark.parametrize("why", list(Why))
def test_no_answer_is_never_silence(silent: WhenSilent, why: Why) -> None:
    verdict = check(Settings(silent=silent), mail(Unanswered(why)))
    waits = silent is WhenSilent.DEFER and why is not Why.TOO_LARGE
    assert verdict.action is (Action.DEFER if waits else Action.ANNOTATE)
    assert (verdict.cause, verdict.facts["why"]) == (Cause.NOT_SCANNED, why.value)


def test_where_there_is_none_nothing_is_said() -> None:
    assert check(Settings(), mail(None)).action is Action.ACCEPT
    assert check(Settings(), Case(Stage.DATA)).action is Action.ACCEPT
    assert Stage.SUBMISSION not in rspamd.STAGES  # our own people's mail is not scored


def test_the_page_beside_the_rule_says_what_it_does() -> None:
    page = Path(rspamd.__file__).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 0) == (0, True)
