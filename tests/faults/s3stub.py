"""An object store of a few lines, which speaks as much of S3 as the product asks for, and fails on demand."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from enum import Enum, unique
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@unique
class Mood(Enum):
    """How it answers. HANG: nothing is said until the mood changes. CUT: hangs up in the middle of a PUT."""

    WELL = "well"
    ERROR = "500"
    HANG = "hang"
    CUT = "cut"


class S3Stub(ThreadingHTTPServer):
    """Keeps objects in memory. puts: bodies that it said 200 to."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self._mood = Mood.WELL
        self._changed = threading.Condition()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[S3Stub]:
        with cls() as stub:
            thread = threading.Thread(target=stub.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield stub
            finally:
                stub.mood = Mood.WELL
                stub.shutdown()
                thread.join()

    @property
    def environment(self) -> dict[str, str]:
        """What makes the product use it for `s3://` URLs."""
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.server_address[1]}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "thu",
            "AWS_ACCESS_KEY_ID": "thu",
            "AWS_SECRET_ACCESS_KEY": "nghiem",
        }

    @property
    def mood(self) -> Mood:
        return self._mood

    @mood.setter
    def mood(self, mood: Mood) -> None:
        with self._changed:
            self._mood = mood
            self._changed.notify_all()

    def hang(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._mood is not Mood.HANG)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: S3Stub

    def do_PUT(self) -> None:
        length = int(self.headers["Content-Length"])
        if self.server.mood is Mood.CUT:
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if self._well():
            self.server.objects[self.path] = body
            self._answer(200, b"", body)

    def do_GET(self) -> None:
        if self._well():
            found = self.server.objects.get(self.path)
            self._answer(404 if found is None else 200, found or b"", found or b"")

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        if self._well():
            self.server.objects.pop(self.path, None)
            self._answer(204, b"", b"")

    def _well(self) -> bool:
        if self.server.mood is Mood.HANG:
            self.server.hang()
            self.close_connection = True
            return False
        if self.server.mood is Mood.ERROR:
            self._answer(500, b"", b"")
            return False
        return True

    def _answer(self, code: int, body: bytes, described: bytes) -> None:
        self.send_response(code)
        self.send_header("ETag", f'"{hashlib.md5(described, usedforsecurity=False).hexdigest()}"')
        self.send_header("Last-Modified", formatdate(usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the figures tell."""
