"""What a model learns, and how it judges by it."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_policies.spam.model import LEAST_TRAINED, THRESHOLD, Count, Model, caution, log_odds, score

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
    model = taught()
    assert model.score(("và", "lạ")).value == model.score(()).value == -caution(model.messages)
    assert not model.score(("và", "lạ")).is_spam


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
    assert log_odds(messages, Count(ham=100, spam=1)) == 0.0


def test_a_word_seen_once_in_the_kind_of_which_much_was_learned_says_little() -> None:
    messages = Count(ham=20, spam=400)
    assert 0 < 1.5 * log_odds(messages, Count(spam=1)) < -log_odds(messages, Count(ham=1))
    messages = Count(ham=400, spam=20)
    assert 0 < 1.5 * -log_odds(messages, Count(ham=1)) < log_odds(messages, Count(spam=1))


@pytest.mark.parametrize(("ham", "spam"), [(20, 20), (20, 400), (100, 20), (2_500, 500), (100_000, 20)])
def test_a_score_must_be_surer_after_less_wanted_and_after_more_unwanted_mail(ham: int, spam: int) -> None:
    messages = Count(ham, spam)
    assert caution(Count(ham // 2, spam)) >= caution(messages) >= 0
    assert caution(Count(ham, 2 * spam)) >= caution(messages)
    assert score(messages, {}, ()).value < THRESHOLD


def test_words_of_both_kinds_are_not_unwanted_because_more_unwanted_mail_was_learned() -> None:
    chance = random.Random(1)
    messages = [[f"w{chance.randrange(2_000)}" for _ in range(50)] for _ in range(20 + 400 + 200)]
    model = Model()
    for number, words in enumerate(messages[:420]):
        model.learn(dict.fromkeys(words), spam=number >= 20)
    assert not any(model.score(dict.fromkeys(words)).is_spam for words in messages[420:])


def test_messages_that_are_counted_in_several_scopes_are_not_more_messages() -> None:
    once, thrice = Count(40, 30), Count(120, 90)
    features = {"họp": (9, 0), "vay": (1, 7), "quà": (0, 1)}
    counted = {word: Count(*count) for word, count in features.items()}
    summed = {word: Count(3 * ham, 3 * spam) for word, (ham, spam) in features.items()}
    assert score(thrice, summed, features, different=70).value == pytest.approx(score(once, counted, features).value)
    assert score(thrice, summed, features).value != pytest.approx(score(once, counted, features).value)


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
