"""The rule on files that run when they are opened."""

from __future__ import annotations

import doctest
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbox_policies import chain
from mailbox_policies.rules import dangerous_files
from mailbox_policies.rules.dangerous_files import Settings, check
from mailbox_policies.verdict import Action, Case, Cause, Stage
from mailserver.mime.contents import Contents
from mailserver.mime.scan import scan
from tests.mailbox_policies.files import samples


def mail(*files: tuple[str, bytes], stage: Stage = Stage.DATA) -> Case:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.example", "Tệp"
    message.set_content("Gửi anh tệp.")
    for name, octets in files:
        message.add_attachment(octets, maintype="application", subtype="octet-stream", filename=name)
    raw = message.as_bytes()
    return Case(stage, contents=Contents(raw, scan(raw)))


@pytest.mark.parametrize("stage", [Stage.DATA, Stage.SUBMISSION])
def test_a_program_is_refused_whoever_sends_it(stage: Stage) -> None:
    policy = chain.standard(chain.for_all(chain.Settings(Settings())))
    verdict = policy(mail(("a.pdf", b"%PDF-"), ("hóa đơn.pdf", samples.PROGRAM), stage=stage))
    assert (verdict.action, verdict.cause) == (Action.REJECT, Cause.DANGEROUS_FILE)
    assert dict(verdict.facts) == {"file": "hóa đơn.pdf", "danger": "program"}
    assert policy(mail(("a.pdf", b"%PDF-"), stage=stage)).action is Action.ACCEPT


def test_a_certain_danger_is_told_before_what_is_only_noted() -> None:
    files = ("a.zip", samples.encrypted_zip("a.pdf")), ("b.js", b"x")
    assert check(Settings(), mail(*files)).facts["file"] == "b.js"
    assert check(Settings(), mail(*files[:1])).action is Action.ANNOTATE
    assert check(Settings(unseen=True), mail(*files[:1])).action is Action.REJECT


def test_before_there_is_a_message_nothing_is_found() -> None:
    assert check(Settings(), Case(Stage.DATA)).action is Action.ACCEPT


def test_the_page_beside_the_rule_says_what_it_does() -> None:
    page = Path(dangerous_files.__file__).with_suffix(".md")
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 0) == (0, True)
