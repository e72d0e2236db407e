"""The order in which rules are asked."""

from __future__ import annotations

from dataclasses import replace

from mailbox_policies import chain
from mailbox_policies.chain import Link
from mailbox_policies.rules import message_size
from mailbox_policies.rules.message_size import Counts
from mailbox_policies.verdict import ACCEPT, Action, Article, Case, Cause, Stage, Verdict, annotate, reject

ARTICLE = Article("1/QĐ")


def says(name: str, verdict: Verdict, *stages: Stage) -> Link:
    return Link(name, frozenset(stages or Stage), lambda case: verdict)


NOTE = annotate("note", ARTICLE, Cause.NONE)
FIRST = reject("first", ARTICLE, Cause.NONE)
SECOND = reject("second", ARTICLE, Cause.NONE)


def test_the_first_refusal_is_the_answer() -> None:
    assert chain.chain([says("a", ACCEPT), says("b", FIRST), says("c", SECOND)])(Case(Stage.DATA)) is FIRST


def test_a_note_does_not_stop_later_rules() -> None:
    assert chain.chain([says("a", NOTE), says("b", SECOND)])(Case(Stage.DATA)) == replace(SECOND, notes=(NOTE,))
    assert chain.chain([says("a", NOTE), says("b", ACCEPT)])(Case(Stage.DATA)) is NOTE


def test_a_rule_is_asked_at_its_stages_only() -> None:
    policy = chain.chain([says("a", FIRST, Stage.MAIL)])
    assert policy(Case(Stage.MAIL)) is FIRST
    assert policy(Case(Stage.DATA)) is ACCEPT


def test_the_standard_chain_knows_the_size_rule() -> None:
    policy = chain.standard(chain.for_all(chain.Settings(message_size.Settings(limit=10))))
    assert policy(Case(Stage.APPEND, size=11, decoded_size=11)).action is Action.REJECT
    assert policy(Case(Stage.APPEND, size=10, decoded_size=10)) is ACCEPT


def test_each_agency_has_its_own_limit() -> None:
    limits = {None: 30, 1: 10, 2: 20}
    policy = chain.standard(lambda agency_id: chain.Settings(message_size.Settings(limits[agency_id], Counts.WIRE)))

    def refused(size: int) -> list[int | None]:
        return [agency for agency in limits if policy(Case(Stage.RCPT, agency_id=agency, size=size)).stops]

    assert [refused(size) for size in (10, 11, 21, 31)] == [[], [1], [1, 2], [None, 1, 2]]
