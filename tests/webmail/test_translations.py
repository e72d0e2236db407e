from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

import webmail
from mailbox_policies.chain import RULES
from tests.webmail.visitor import Visitor, text_of
from webmail import i18n
from webmail.i18n import english

ROOT = Path(webmail.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS = {"_": None, "_l": None}
PLACE = re.compile(r"%\(\w+\)s")


def catalogue() -> Catalog:
    with i18n.ENGLISH.open("rb") as file:
        return read_po(file)


def texts() -> set[str]:
    """Every text of the code and the templates."""
    found = extract_from_dir(str(ROOT), METHODS, OPTIONS, KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str)}


def test_every_text_has_an_english_one_and_none_is_left_over() -> None:
    translated = {message.id for message in catalogue() if message.id and message.string}
    assert texts() - translated == set()
    of_rules = {text for rule in RULES for text in rule.words()}
    assert translated - texts() - of_rules == set()


def test_translations_fill_in_the_same_values() -> None:
    for message in catalogue():
        if message.id:
            assert sorted(PLACE.findall(str(message.id))) == sorted(PLACE.findall(str(message.string))), message.id


def test_pages_read_the_catalogue_as_it_is_written() -> None:
    english.cache_clear()
    for message in catalogue():
        if message.id:
            assert english().ugettext(str(message.id)) == message.string
    assert english().ugettext("Chữ không có trong danh mục") == "Chữ không có trong danh mục"


def test_without_the_catalogue_nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(i18n, "ENGLISH", tmp_path / "messages.po")
    english.cache_clear()
    with pytest.raises(FileNotFoundError, match=r"messages\.po"):
        i18n.init(Flask(__name__))


def test_pages_follow_the_persons_language(director: Visitor) -> None:
    assert "Việc của tôi" in text_of(director.get("/viec"))
    page = director.follow(director.post("/tai-khoan/ngon-ngu", locale="en"))
    assert 'lang="en"' in page.text and "Account and devices" in text_of(page)
    assert "Nothing is waiting" in text_of(director.get("/viec"))
    assert director.post("/tai-khoan/ngon-ngu", locale="fr").status_code == 422
    director.post("/dang-xuat")
    assert "Use your office mail account." in text_of(director.get("/dang-nhap"))
