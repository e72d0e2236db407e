"""A browser without scripts, over real sockets: keeps cookies, carries the token of each form."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')
# A page that needs longer is a page nobody waits for.
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(slots=True)
class WebVisitor:
    """One person's browser at 127.0.0.1:port. cookies: name → value, as the server set them."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request on a connection of its own; the path goes as it is, escaped by nobody."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            sent = {name.replace("_", "-"): value for name, value in (own | headers).items()}
            connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            read = answer.read()
            for line in answer.headers.get_all("Set-Cookie") or []:
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            return Answer(answer.status, dict(answer.headers.items()), read)
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> Answer:
        """A form, with the token of this visitor's pages."""
        body = urlencode({"csrf_token": self.token(), **fields}, doseq=True).encode()
        return self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def upload(self, path: str, fields: Mapping[str, str], name: str, files: Sequence[tuple[str, bytes]]) -> Answer:
        """A form with files, each under the field `name`; a file's name goes as it is."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"csrf_token": self.token(), **fields}.items()
        ]
        for filename, data in files:
            heading = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
            parts.append(
                f"--{boundary}\r\n{heading}\r\nContent-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n"
            )
        parts.append(f"--{boundary}--\r\n".encode())
        return self.ask("POST", path, b"".join(parts), Content_Type=f"multipart/form-data; boundary={boundary}")

    def token(self) -> str:
        page = self.get("/dang-nhap")
        while page.status == 303:
            page = self.get(page.headers["location"])
        found = TOKEN.search(page.text)
        assert found is not None, page.text[:500]
        return found.group(1)

    def sign_in(self, login: str, password: str) -> Answer:
        """303 and a session, or 422 and the form again."""
        return self.post("/dang-nhap", {"login": login, "password": password})
