from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

import webmail

ROOT = Path(webmail.__file__).parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_all_templates_compile(app: Flask) -> None:
    names = app.jinja_env.list_templates()
    assert len(names) > 25
    for name in names:
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_code_or_style_inside_or_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+=", text)
    assert not re.search(r'(src|href|action)="(https?:)?//', text)
    if path.name != "frame.html":  # a mail's own frame, under its own policy
        assert "<style" not in text
        assert not re.search(r"\sstyle=", text)
    assert "|safe" not in text


def test_every_form_that_posts_carries_the_token() -> None:
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        if path.name == "outside.html":  # whoever has its address may send it: `webmail.public.own_right`
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            assert "csrf" in form, (path.name, form[:120])
