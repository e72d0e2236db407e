"""What a model learns, and how it judges by it."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_policies.spam.model import LEAST_TRAINED, Count, Model, log_odds, score

WORDS = st.lists(st.sampled_from("abcdefgh"), unique=True)


def taught() -> Model:
    model = Model()
    for _ in range(LEAST_TRAINED):
        model.learn(("họp", "ký", "và"), spam=False)
        model.learn(("vay", "quà", "và"), spam=True)
    return model


def test_words_of_unwanted_mail_make_a_message_unwanted() -> None:
    assert taught().score(("vay", "quà")).is_spam
    assert not taught().score(("họp", "ký")).is_spam


def test_a_word_of_both_kinds_and_an_unknown_one_say_nothing() -> None:
    assert taught().score(("và", "lạ")).value == 0.0


def test_the_strongest_reasons_come_first() -> None:
    model = taught()
    model.learn(("vay",), spam=False)
    reasons = model.score(("và", "vay", "quà")).reasons
    assert [word for word, _ in reasons] == ["quà", "vay"]


def test_a_model_may_judge_once_it_has_seen_enough_of_both_kinds() -> None:
    model = taught()
    assert model.may_judge
    model.unlearn(("vay", "quà", "và"), spam=True)
    assert not model.may_judge


def test_what_has_learned_one_kind_only_does_not_judge() -> None:
    assert score(Count(ham=0, spam=5), {"vay": Count(0, 5)}, ("vay",)).value == 0.0


def test_kinds_of_which_less_was_learned_do_not_weigh_less() -> None:
    messages = Count(ham=1_000, spam=10)
    assert score(messages, {"x": Count(ham=100, spam=1)}, ("x",)).value == 0.0


def test_one_side_of_a_message_does_not_drown_the_others() -> None:
    made = [f"<font size={number}" for number in range(200)]
    model = taught()
    for _ in range(LEAST_TRAINED):
        model.learn((*made, "f@phường.example", "s:họp", "ký", "v@phường.example"), spam=False)
        model.learn(("f@quà.example", "s:vay", "quà", "v@quà.example"), spam=True)
    offer = ("f@quà.example", "s:vay", "quà", "v@quà.example")
    by_form_alone = sum(log_odds(model.messages, model.features[one]) for one in (*made, *offer)) / (len(made) + 6)
    assert model.score((*made, *offer)).value > by_form_alone + 2
    assert model.score((*made, *offer, "và")).value == model.score((*made, *offer)).value


@given(st.lists(st.tuples(WORDS, st.booleans())), WORDS)
def test_the_order_of_lessons_and_of_features_is_the_same_to_a_score(
    learned: list[tuple[list[str], bool]], features: list[str]
) -> None:
    forward, backward = Model(), Model()
    for one, kind in learned:
        forward.learn(one, spam=kind)
    for one, kind in reversed(learned):
        backward.learn(one, spam=kind)
    assert forward.score(features).value == pytest.approx(backward.score(features[::-1]).value)


@given(st.lists(st.tuples(WORDS, st.booleans())), WORDS, st.booleans())
def test_what_is_taken_back_leaves_no_trace(
    learned: list[tuple[list[str], bool]], features: list[str], spam: bool
) -> None:
    model = Model()
    for one, kind in learned:
        model.learn(one, spam=kind)
    before = copy.deepcopy(model)
    model.learn(features, spam=spam)
    model.unlearn(features, spam=spam)
    assert model == before
