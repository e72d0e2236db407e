"""A browser without scripts: follows forms, keeps cookies."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.webmail.world import PASSWORD

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')


class Visitor:
    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self._cookie: str = app.config["SESSION_COOKIE_NAME"]
        # What the cookie was that came with a page, and the page's token; a token is good as long as its cookie.
        self._seen: tuple[str, str] | None = None

    def signed_in(self, name: str, password: str = PASSWORD) -> Visitor:
        answer = self.post("/dang-nhap", login=name, password=password)
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def follow(self, answer: TestResponse) -> TestResponse:
        """The page that a 303 leads to."""
        assert answer.status_code == 303, (answer.status_code, text_of(answer))
        return self.get(answer.location)

    def post(self, path: str, token: str | None = None, **fields: Any) -> TestResponse:
        """Send a form, with the token of a page unless one is given."""
        data = {"csrf_token": self.token() if token is None else token, **fields}
        pairs = MultiDict({name: _field(value) for name, value in data.items()})
        boundary, body = encode_multipart(pairs)
        return self.client.post(path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')

    def token(self) -> str:
        """Of the page that is open; of the first page if there has been none with this cookie."""
        if self._seen is None or self._seen[0] != self._cookie_now():
            page = self.client.get("/dang-nhap", follow_redirects=True)
            found = TOKEN.search(page.text)
            assert found is not None
            self._seen = self._cookie_now(), found.group(1)
        return self._seen[1]

    def _cookie_now(self) -> str:
        kept = self.client.get_cookie(self._cookie)
        return kept.value if kept else ""


def _field(value: Any) -> Any:
    """A file is given as (stream, name)."""
    return FileStorage(value[0], value[1]) if isinstance(value, tuple) else value


def text_of(answer: TestResponse) -> str:
    """The words of a page, without its tags."""
    main = answer.text.partition("<main")[2] or answer.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def links(answer: TestResponse) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', answer.text)]


def hidden(answer: TestResponse, name: str) -> str:
    """The value of a hidden field."""
    field = next(one for one in re.findall(r"<input[^>]+>", answer.text) if f'name="{name}"' in one)
    found = re.search(r'value="([^"]*)"', field)
    return unescape(found.group(1)) if found else ""
