"""Secret documents, complaints and letters to persons, as the agency's profile keeps them out."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbox_policies import chain
from mailbox_policies.forbidden.finding import Kind
from mailbox_policies.rules import forbidden_classes
from mailbox_policies.rules.forbidden_classes import Class, Settings, check, class_of
from mailbox_policies.verdict import Action, Case, Cause, Stage
from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from tests.support.papers import Paper, papers

EVERY = Settings(True, True, True, True)


def only(kind: Class) -> Settings:
    return Settings(**{one.value: one is kind for one in Class})


PAPERS = papers(60, seed=41)


def paper(kind: Kind | None, suffix: str) -> Paper:
    return next(one for one in PAPERS if one.kind is kind and one.name.endswith(suffix))


def mail(subject: str, text: str = "Kính gửi anh chị.", *files: Attachment, stage: Stage = Stage.DATA) -> Case:
    draft = Draft(
        from_=Address("An", "an", "so.test"), to=(Address("", "binh", "so.test"),), cc=(), bcc=(), subject=subject,
        text=text, attachments=files, date=datetime(2026, 11, 25, tzinfo=UTC), message_id="1@so.test",
    )  # fmt: skip
    data = compose(draft)
    scanned = scan(data)
    return Case(stage, size=len(data), decoded_size=len(data), scanned=scanned, contents=Contents(data, scanned))


@pytest.mark.parametrize("suffix", ["pdf", "docx"])
def test_a_mark_on_the_paper_is_found_in_the_file_that_a_child_reads(suffix: str) -> None:
    marked, plain = paper(Kind.TOP_SECRET, suffix), paper(None, suffix)
    files = [Attachment(one.name, one.media_type, one.data) for one in (plain, marked)]
    verdict = check(Settings(), mail("Gửi văn bản", "Kính gửi.", *files, stage=Stage.SUBMISSION))
    assert (verdict.action, verdict.cause) == (Action.REJECT, Cause.FORBIDDEN_CLASS)
    assert (verdict.facts["kind"], verdict.facts["file"]) == ("top-secret", marked.name)
    assert check(Settings(), mail("Gửi văn bản", "Kính gửi.", files[0])).action is Action.ACCEPT


@pytest.mark.parametrize(
    ("subject", "kind", "outgoing", "incoming"),
    [
        ("[MẬT] Kế hoạch", Class.SECRET, Action.REJECT, Action.QUARANTINE),
        ("Đơn tố cáo ông A", Class.COMPLAINT, Action.REJECT, Action.HOLD),
        ("Quyết định giải quyết khiếu nại của bà B", Class.PETITION_SETTLEMENT, Action.HOLD, Action.HOLD),
        ("Gửi đích danh bà Diễm", Class.ADDRESSED_BY_NAME, Action.REJECT, Action.QUARANTINE),
    ],
)
def test_what_follows_depends_on_the_class_and_the_direction(
    subject: str, kind: Class, outgoing: Action, incoming: Action
) -> None:
    for stage, action in ((Stage.SUBMISSION, outgoing), (Stage.DATA, incoming)):
        case = mail(subject, stage=stage)
        assert check(EVERY, case).action is action
        assert check(only(kind), case).action is action
        assert check(replace(EVERY, **{kind.value: False}), case).action is Action.ACCEPT


def test_every_kind_has_a_class_and_every_class_an_article() -> None:
    assert {class_of(kind) for kind in Kind} == set(Class) == set(forbidden_classes.ARTICLES)


def test_what_comes_in_is_not_quoted_in_the_event() -> None:
    assert "excerpt" not in check(Settings(), mail("[MẬT] Kế hoạch X")).facts


def test_before_there_is_a_message_there_is_nothing_to_find() -> None:
    assert check(EVERY, Case(Stage.SUBMISSION)).action is Action.ACCEPT


def test_it_is_in_the_standard_chain() -> None:
    policy = chain.standard(chain.for_all(chain.Settings(EVERY)))
    assert policy(mail("[MẬT] Kế hoạch")).rule == "forbidden-classes"


def test_the_page_beside_the_rule_says_what_it_does() -> None:
    page = Path(forbidden_classes.__file__).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 0) == (0, True)
