"""Mail that is not by the author it names."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from mailbox_policies import chain
from mailbox_policies.rules import message_size, sender_authentication
from mailbox_policies.rules.sender_authentication import Mode, Settings, check
from mailbox_policies.verdict import Action, Case, Cause, Stage
from mailserver.senderauth.results import Disposition, Dmarc, Outcome, Results, Spf

NONE, QUARANTINE, REJECT = Disposition.NONE, Disposition.QUARANTINE, Disposition.REJECT


def mail(outcome: Outcome, policy: Disposition, size: int = 10) -> Case:
    results = Results(Spf(Outcome.FAIL, "evil.test"), (), Dmarc(outcome, "gov.test", policy))
    return Case(Stage.DATA, size=size, decoded_size=size, authenticity=results)


@pytest.mark.parametrize(
    ("mode", "policy", "action"),
    [
        (Mode.REJECT, REJECT, Action.REJECT),
        (Mode.REJECT, QUARANTINE, Action.JUNK),
        (Mode.REJECT, NONE, Action.ACCEPT),
        (Mode.JUNK, REJECT, Action.JUNK),
        (Mode.JUNK, QUARANTINE, Action.JUNK),
        (Mode.ANNOTATE, REJECT, Action.ANNOTATE),
        (Mode.ANNOTATE, QUARANTINE, Action.ANNOTATE),
        (Mode.OFF, REJECT, Action.ACCEPT),
    ],
)
def test_the_wish_of_the_domain_is_done_as_far_as_the_mode_goes(
    mode: Mode, policy: Disposition, action: Action
) -> None:
    assert check(Settings(mode), mail(Outcome.FAIL, policy)).action is action


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.FAIL])
def test_nothing_but_a_failure_counts(outcome: Outcome) -> None:
    assert check(Settings(), mail(outcome, REJECT)).action is Action.ACCEPT


def test_mail_that_was_not_looked_at_passes() -> None:
    assert check(Settings(), Case(Stage.DATA)).action is Action.ACCEPT


def test_the_verdict_says_why() -> None:
    verdict = check(Settings(), mail(Outcome.FAIL, REJECT))
    assert (verdict.rule, verdict.cause) == ("sender-authentication", Cause.NOT_AUTHENTIC)
    assert dict(verdict.facts) == {"domain": "gov.test", "asked": "reject"}
    assert str(verdict.article) == "04/2017/QĐ-UBND, Điều 21 khoản 5"


def test_in_the_chain_junk_stops_no_other_rule() -> None:
    settings = chain.Settings(message_size.Settings(limit=100), Settings(Mode.JUNK))
    policy = chain.standard(chain.for_all(settings))
    assert policy(mail(Outcome.FAIL, REJECT)).action is Action.JUNK
    assert not policy(mail(Outcome.FAIL, REJECT)).stops
    assert policy(mail(Outcome.FAIL, REJECT, size=101)).cause is Cause.TOO_LARGE


def test_the_page_beside_the_rule_says_what_it_does() -> None:
    page = Path(sender_authentication.__file__).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 0) == (0, True)
