"""The rule on mail that looks like what readers have put into Junk."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from mailbox_policies import chain
from mailbox_policies.modes import Mode, weigh
from mailbox_policies.rules import spam
from mailbox_policies.rules.spam import RULE, Settings, check
from mailbox_policies.verdict import Action, Case, Cause, Stage
from mailserver.delivery import verdicts
from mailserver.opinions import Opinion, Reason

AN, BINH = 11, 12
REASONS = (Reason("words", "trúng thưởng", 2.0), Reason("first-contact", "", 0.0), Reason("subject", "họp", -1.0))


def said(mailbox: int, points: int, *, agency: int = 1, may_judge: bool = True) -> Opinion:
    return Opinion(mailbox, agency, points, may_judge, REASONS)


def mail(*opinions: Opinion) -> Case:
    return Case(Stage.DATA, agency_id=1, opinions=opinions)


@pytest.mark.parametrize(
    ("points", "settings", "action"),
    [
        (34, Settings(), Action.ACCEPT),
        (35, Settings(), Action.ANNOTATE),
        (49, Settings(), Action.ANNOTATE),
        (50, Settings(), Action.JUNK),
        (100, Settings(), Action.JUNK),
        (50, Settings(junk=51), Action.ANNOTATE),
        (34, Settings(suspect=20), Action.ANNOTATE),
        # What is unwanted is not less than suspect, whatever the settings say.
        (50, Settings(suspect=90), Action.JUNK),
        (49, Settings(suspect=90), Action.ACCEPT),
    ],
)
def test_points_decide(points: int, settings: Settings, action: Action) -> None:
    verdict = check(settings, mail(said(AN, points)))
    assert verdict.action is action
    if action is not Action.ACCEPT:
        assert (verdict.cause, verdict.rule, verdict.facts["points"]) == (Cause.SPAM, "spam", points)
        assert str(verdict.article) == "123/QĐ-SCT, Điều 6 khoản 2"


def test_who_has_learned_too_little_says_nothing_and_keeps_the_field_away() -> None:
    assert check(Settings(), mail(said(AN, 100, may_judge=False))).action is Action.ACCEPT
    mixed = check(Settings(), mail(said(AN, 90), said(BINH, 100, may_judge=False)))
    assert (mixed.action, mixed.for_mailboxes, mixed.marks) == (Action.JUNK, {AN}, ())


def test_another_agency_s_mailboxes_are_not_this_one_s_business() -> None:
    assert check(Settings(), mail(said(AN, 90, agency=2))).action is Action.ACCEPT


def test_the_field_says_what_is_true_for_all_and_only_what_speaks_against_the_message() -> None:
    verdict = check(Settings(), mail(said(AN, 90), said(BINH, 60)))
    assert verdict.marks == ((spam.FIELD, "yes; score=60; limit=50; reasons=words,first-contact"),)
    assert verdict.for_mailboxes == {AN, BINH}


@pytest.mark.parametrize(
    ("mode", "action", "marked"),
    [
        (Mode.OFF, Action.ACCEPT, False),
        (Mode.TRIAL, Action.ANNOTATE, False),
        (Mode.WARN, Action.ANNOTATE, True),
        (Mode.ENFORCE, Action.JUNK, True),
    ],
)
def test_only_in_full_force_is_mail_put_into_junk_and_a_trial_nobody_notices(
    mode: Mode, action: Action, marked: bool
) -> None:
    settings = chain.Settings(of={RULE.name: chain.Choice(mode, Settings())})
    for opinion, expected in ((said(AN, 90), action), (said(AN, 5), Action.ACCEPT)):
        verdict = chain.standard(chain.for_all(settings))(mail(opinion))
        assert (verdict.action, bool(verdict.marks)) == (expected, marked)


def test_beside_a_stronger_rule_the_copies_of_the_others_are_still_junk() -> None:
    verdict = check(Settings(), mail(said(AN, 90)))
    held = weigh(Mode.ENFORCE, verdict)
    case = mail()
    assert verdicts.junk([(case, held)]) == {1: {AN}}
    everybody = spam.junk("other", spam.ARTICLE, Cause.NONE)
    assert verdicts.junk([(case, chain._with_notes(everybody, [verdict]))]) == {1: None}
    kept = chain._with_notes(spam.annotate("other", spam.ARTICLE, Cause.NONE), [verdict])
    assert verdicts.junk([(case, kept)]) == {1: {AN}}
    assert verdicts.junk([(case, spam.annotate("other", spam.ARTICLE, Cause.NONE))]) == {}


def test_the_page_says_what_the_rule_does() -> None:
    page = Path(spam.__file__).with_suffix(".md")
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 5) == (0, True)
