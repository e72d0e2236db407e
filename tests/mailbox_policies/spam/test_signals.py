"""Proofs of the sender and acquaintance, in the unit of the classifier's score."""

from __future__ import annotations

import pytest

from mailbox_policies.spam.assessing import points
from mailbox_policies.spam.model import THRESHOLD, Count, log_odds
from mailbox_policies.spam.signals import WRITTEN_TO, Acquaintance, signals
from mailserver.senderauth.results import Disposition, Dmarc, Outcome, Results, Spf


def results(spf: Outcome = Outcome.NONE, dmarc: Outcome = Outcome.NONE, *, aligned: bool = False) -> Results:
    return Results(Spf(spf, "x.example"), (), Dmarc(dmarc, "x.example", Disposition.NONE), aligned)


def codes(found: Results, known: Acquaintance) -> dict[str, float]:
    return {one.code: one.weight for one in signals(found, known)}


def test_a_stranger_of_whom_nothing_is_proved_is_judged_by_the_words_alone() -> None:
    assert codes(results(), Acquaintance.NONE) == {"first-contact": 0.0}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (results(dmarc=Outcome.FAIL, spf=Outcome.FAIL), "dmarc-fail"),
        (results(spf=Outcome.FAIL), "spf-fail"),
        (results(spf=Outcome.SOFTFAIL), "spf-fail"),
    ],
)
def test_a_failed_proof_counts_once(found: Results, code: str) -> None:
    said = codes(found, Acquaintance.HEARD)
    assert said.keys() == {code}
    assert said[code] > 0


@pytest.mark.parametrize("outcome", [Outcome.TEMPERROR, Outcome.PERMERROR, Outcome.NEUTRAL])
def test_what_could_not_be_found_out_accuses_nobody(outcome: Outcome) -> None:
    assert codes(results(spf=outcome, dmarc=outcome), Acquaintance.HEARD) == {}


def test_being_known_helps_only_who_proves_to_be_it() -> None:
    assert codes(results(), Acquaintance.WRITTEN_TO) == {}
    heard = codes(results(aligned=True), Acquaintance.HEARD)
    written = codes(results(aligned=True), Acquaintance.WRITTEN_TO)
    assert sum(written.values()) < sum(heard.values()) < 0


def test_no_word_outweighs_that_somebody_has_written_to_the_author() -> None:
    assert log_odds(Count(ham=100_000, spam=20), Count(spam=20)) + WRITTEN_TO < THRESHOLD


def test_points_grow_with_the_score_and_fifty_is_the_measured_threshold() -> None:
    told = [points(value) for value in (-1e9, -1.0, 0.0, THRESHOLD, 0.5, 1.0, 1e9)]
    assert told == sorted(told)
    assert (told[0], told[3], told[-1]) == (0, 50, 100)
