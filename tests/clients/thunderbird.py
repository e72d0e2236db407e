"""The real Thunderbird, with a profile of its own, on a display of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.marionette import Marionette, patiently

SCREEN = "1440x900x24"
END_WITHIN_S = 30.0
# No account, server or password is among these: what is set is quietness, and the way to the network.
PREFERENCES: dict[str, Any] = {
    # For the pictures; without Debian's thunderbird-l10n-vi it speaks English.
    "intl.locale.requested": "vi",
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_version": 5,
    "network.proxy.socks_remote_dns": True,
    "network.proxy.no_proxies_on": "",
    "network.proxy.failover_direct": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.donation.eoy.version.viewed": 999,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "mail.biff.play_sound": False,
    "mail.biff.show_alert": False,
    "mail.inappnotifications.enabled": False,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "toolkit.telemetry.unified": False,
    "ui.prefersReducedMotion": 1,
}


@dataclass(frozen=True)
class Thunderbird:
    """driver: at its first window. log: what is said over IMAP, but for passwords."""

    driver: Marionette
    log: Path

    def heard(self, folder: str) -> str:
        """The lines of the connections that have this folder open: "> " what it sends, "< " what it gets."""
        kinds = {"SendData": "> ", "CreateNewLineFromSocket": "< "}
        found = re.findall(rf":S-{re.escape(folder)}:(SendData|CreateNewLineFromSocket): (.*)", self._text())
        return "".join(f"{kinds[kind]}{line}\n" for kind, line in found)

    def complaints(self) -> list[str]:
        """Tagged answers that are not OK (RFC 9051 §7.1), and answers that Thunderbird could not read."""
        return re.findall(
            r"(?:CreateNewLineFromSocket: (?=\d+ (?:NO|BAD) )|PARSER:Internal Syntax Error).*", self._text()
        )

    def _text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def thunderbird(top: Path, proxy: int) -> Iterator[Thunderbird]:
    """Started for the first time by a new person; ended for certain. top: an empty folder. proxy: a port, SOCKS."""
    profile, home, log = top / "profile", top / "home", top / "imap.moz_log"
    home.mkdir()
    _write_profile(profile, proxy)
    with _display(top / "xvfb.log") as screen, (top / "thunderbird.log").open("wb") as out:
        process = subprocess.Popen(
            ["thunderbird", "--profile", str(profile), "--no-remote", "--marionette", "--remote-allow-system-access"],
            env=_environment(home, screen, log),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            with Marionette(_port(process, profile)) as driver:
                try:
                    yield Thunderbird(driver, log)
                except BaseException:
                    # What it looked like is worth more than any message.
                    (top / "failure.png").write_bytes(driver.picture())
                    raise
                driver.quit()
                process.wait(END_WITHIN_S)
        finally:
            # Its children too.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _write_profile(profile: Path, proxy: int) -> None:
    profile.mkdir()
    values = PREFERENCES | {"network.proxy.socks_port": proxy}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in values.items())
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")


@contextmanager
def _display(log: Path) -> Iterator[str]:
    """A virtual screen that nobody else has; its name, ":7". It chooses the number itself."""
    told, tell = os.pipe()
    with os.fdopen(told, encoding="ascii") as number, log.open("wb") as out:
        command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
        xvfb = subprocess.Popen(command, pass_fds=(tell,), stdout=out, stderr=out)
        os.close(tell)
        try:
            name = number.readline().strip()
            assert name, log.read_text(encoding="utf-8", errors="replace")
            yield f":{name}"
        finally:
            xvfb.terminate()
            xvfb.wait(END_WITHIN_S)


def _environment(home: Path, screen: str, log: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "DISPLAY": screen,
        "LANG": "C.UTF-8",
        "TZ": "Asia/Ho_Chi_Minh",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "NO_AT_BRIDGE": "1",
        "MOZ_CRASHREPORTER_DISABLE": "1",
        "MOZ_LOG": "IMAP:4,sync",
        "MOZ_LOG_FILE": str(log),
        # It asks DNS for MX and SRV records past any proxy; the names of these tests are in none.
        "RES_OPTIONS": "timeout:1 attempts:1",
    }


def _port(process: subprocess.Popen[bytes], profile: Path) -> int:
    """Where Marionette listens, once it does."""
    file = profile / "MarionetteActivePort"

    def told() -> str:
        if process.poll() is not None:
            raise RuntimeError("Thunderbird has ended")
        return file.read_text(encoding="ascii") if file.is_file() else ""

    return int(patiently(told, "Thunderbird starts"))
