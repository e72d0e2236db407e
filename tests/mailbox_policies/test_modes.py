"""How far a rule goes, and its settings as fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from mailbox_policies import chain
from mailbox_policies.chain import Choice
from mailbox_policies.fields import Field, Kind, SettingInvalid, changed, difference, values_of
from mailbox_policies.modes import Mode, weigh
from mailbox_policies.rules import message_size
from mailbox_policies.rules.message_size import Counts
from mailbox_policies.verdict import ACCEPT, Action, Article, Case, Cause, Stage, hold, junk, quarantine, reject

ARTICLE = Article("1/QĐ")
REFUSAL = reject("r", ARTICLE, Cause.TOO_LARGE, limit=1)
HELD = hold("h", ARTICLE, Cause.NONE)
KEPT = quarantine("q", ARTICLE, Cause.NONE)


@pytest.mark.parametrize("verdict", [REFUSAL, HELD, KEPT, junk("j", ARTICLE, Cause.NONE)])
def test_only_in_full_force_something_follows(verdict: Any) -> None:
    assert weigh(Mode.ENFORCE, verdict) is verdict
    assert weigh(Mode.OFF, verdict) is ACCEPT
    for mode in (Mode.TRIAL, Mode.WARN):
        noted = weigh(mode, verdict)
        assert (noted.action, noted.would, noted.warns) == (Action.ANNOTATE, verdict.action, mode is Mode.WARN)
        assert (noted.rule, noted.cause, noted.facts) == (verdict.rule, verdict.cause, verdict.facts)
    assert all(weigh(mode, ACCEPT) is ACCEPT for mode in Mode)


def test_the_chain_asks_each_rule_in_the_agencys_mode() -> None:
    tight = message_size.Settings(limit=10)
    case = Case(Stage.APPEND, size=11, decoded_size=11)

    def said(mode: Mode) -> Action:
        settings = chain.Settings().with_(message_size.RULE, Choice(mode, tight))
        return chain.standard(chain.for_all(settings))(case).action

    assert [said(mode) for mode in Mode] == [Action.ACCEPT, Action.ANNOTATE, Action.ANNOTATE, Action.REJECT]


def test_a_refusal_wins_over_what_would_be_kept_and_the_stronger_keeping_over_the_weaker() -> None:
    def ask(*verdicts: Any) -> Any:
        links = [chain.Link(one.rule, frozenset(Stage), lambda case, one=one: one) for one in verdicts]
        return chain.chain(links)(Case(Stage.DATA))

    assert ask(HELD, REFUSAL).action is Action.REJECT
    assert ask(HELD, KEPT).action is Action.QUARANTINE
    assert [one.rule for one in ask(HELD, KEPT).notes] == ["h"]


@dataclass(frozen=True)
class Own:
    limit: int = 5
    counts: Counts = Counts.DECODED
    loud: bool = False
    words: tuple[str, ...] = ("a",)


FIELDS = (
    Field("limit", Kind.NUMBER, "Mức", least=1, most=9),
    Field("counts", Kind.CHOICE, "Cách", choices=(("decoded", ""), ("wire", ""))),
    Field("loud", Kind.FLAG, "To"),
    Field("words", Kind.LINES, "Từ"),
)


def test_what_differs_from_the_start_is_kept_and_read_back() -> None:
    own = Own(7, Counts.WIRE, True, ("b", "c"))
    kept = difference(Own(), FIELDS, own)
    assert kept == {"limit": 7, "counts": "wire", "loud": True, "words": ["b", "c"]} == values_of(FIELDS, own)
    assert changed(Own(), FIELDS, kept) == own
    assert difference(Own(), FIELDS, Own()) == {}
    assert changed(Own(), FIELDS, {"words": [" ba\u0309n ", "", "bản"]}).words == ("bản",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", 0),
        ("limit", 10),
        ("limit", True),
        ("limit", "5"),
        ("counts", "pages"),
        ("loud", 1),
        ("words", "a"),
        ("words", ["x"] * 2 + ["y" * 501]),
        ("nonsense", 1),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingInvalid) as refused:
        changed(Own(), FIELDS, {name: value})
    assert refused.value.field == name
