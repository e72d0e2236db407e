"""A small client of Marionette, by which Gecko programs are driven from outside.

Protocol (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html): octet count, ":", JSON; a command is
`[0, id, name, parameters]`, its answer `[1, id, error, result]`. The server greets first.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

# How WebDriver writes a reference to an element (W3C WebDriver §12.2).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE_S = 60.0
LOOK_S = 0.05

Element = dict[str, str]


class MarionetteError(Exception):
    """The program could not do what was asked; kind and sentence as it gave them."""


class Marionette:
    """A session in the chrome context: scripts see the windows of the program itself."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._stream = self._socket.makefile("rb")
        self._last = 0
        self._receive()
        self.command("WebDriver:NewSession")
        self.command("Marionette:SetContext", value="chrome")

    def __enter__(self) -> Marionette:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()
        self._socket.close()

    def _receive(self) -> Any:
        size = bytearray()
        while (octet := self._stream.read(1)) not in (b":", b""):
            size += octet
        if not size:
            raise ConnectionError("Marionette has hung up")
        return json.loads(self._stream.read(int(size)))

    def command(self, name: str, **parameters: Any) -> Any:
        """The result of one command. Raises MarionetteError."""
        self._last += 1
        octets = json.dumps([0, self._last, name, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(octets), octets))
        _kind, number, error, result = self._receive()
        assert number == self._last
        if error:
            raise MarionetteError(f"{error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def run(self, script: str, *args: Any) -> Any:
        """What the body of a function returns, in the current window; a promise is awaited."""
        return self.command("WebDriver:ExecuteScript", script=script, args=list(args), sandbox="system")

    def until(self, script: str, *args: Any) -> Any:
        """Run it again and again until what it returns is true; a script may fail where something is not there yet."""
        return patiently(lambda: self.run(script, *args), script)

    def click(self, element: Element) -> None:
        """With the mouse, once nothing lies over it and it stands still."""
        patiently(lambda: self.command("WebDriver:ElementClick", id=element[ELEMENT]) or True, "a click")

    def press(self, x: float, y: float) -> None:
        """The left button at a place in the window, in its pixels."""
        moves = [
            {"type": "pointerMove", "x": int(x), "y": int(y), "origin": "viewport", "duration": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.command("WebDriver:PerformActions", actions=[{"type": "pointer", "id": "mouse", "actions": moves}])

    def clear(self, element: Element) -> None:
        self.command("WebDriver:ElementClear", id=element[ELEMENT])

    def type(self, element: Element, text: str) -> None:
        """As if typed at the keyboard, after what is there."""
        self.command("WebDriver:ElementSendKeys", id=element[ELEMENT], text=text)

    def window(self, address: str) -> str:
        """Go to the window that shows this; its handle. Waits until it is open."""

        def found() -> str:
            for handle in self.command("WebDriver:GetWindowHandles"):
                self.switch(handle)
                if self.run("return window.location.href") == address:
                    return str(handle)
            return ""

        handle: str = patiently(found, address)
        return handle

    def switch(self, handle: str) -> None:
        self.command("WebDriver:SwitchToWindow", handle=handle)

    def resize(self, width: int, height: int) -> None:
        self.command("WebDriver:SetWindowRect", x=0, y=0, width=width, height=height)

    def picture(self) -> bytes:
        """The current window, PNG."""
        return base64.b64decode(self.command("WebDriver:TakeScreenshot", full=False, hash=False))

    def quit(self) -> None:
        """Ask the program to end; it may hang up before it answers."""
        with suppress(OSError, ValueError, MarionetteError):
            self.command("Marionette:Quit", flags=["eForceQuit"])


def patiently(look: Callable[[], Any], what: str, within: float = PATIENCE_S) -> Any:
    """What `look` returns once that is true. Fails after so many seconds, telling what it said last.

    It may fail meanwhile, and may be patient itself.
    """
    deadline, pause, said = time.monotonic() + within, threading.Event(), None
    while time.monotonic() < deadline:
        try:
            said = look()
        except (MarionetteError, AssertionError) as fault:
            said = fault
        else:
            if said:
                return said
        pause.wait(LOOK_S)
    raise AssertionError(f"never came to that: {what}\nlast: {said!r}")
