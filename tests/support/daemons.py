"""The real scanners, one of each for a test session: ClamAV with signatures of our own, rspamd with no configuration
but the least. They listen on sockets in a folder; without the programs the tests fail."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mailserver.scanning.clamd import Clamd
from mailserver.scanning.found import NoAnswer
from mailserver.scanning.rspamd import Facts, Rspamd
from mailserver.scanning.wire import Place
from tests.support.memory import in_memory

# What the signatures below know. None of it does anything.
VIRUS = b"vanthu-made-up-virus-body:1f7e9c"
OTHER_VIRUS = b"vanthu-known-by-its-hash-alone"
# What rspamd takes for spam of the kinds that each mail filter knows (GTUBE).
GTUBE = "JS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
REJECTED, MARKED = f"X{GTUBE}", f"Y{GTUBE}"
# The subject of mail that rspamd wants later, and the symbol that says that the envelope below was told.
PUT_OFF = "hoan lai"
AS_TOLD = "ENVELOPE_AS_TOLD"
ENVELOPE = Facts("an@xa.example", ("binh@sct.test", "chi@sct.test"), "Q-1", "192.0.2.7", "mx.xa.example", "an")
# Octets that clamd takes as one stream.
STREAM = 2_000_000
PATIENCE_S = 60.0

_CLAMD = """
Foreground yes
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
LogFile {folder}/clamd.log
StreamMaxLength {stream}
SelfCheck 86400
"""
# Patterns other than the one for "reject" are off by default.
_RSPAMD = """
options {{
  pidfile = "{folder}/rspamd.pid";
  temp_dir = "{folder}";
  filters = "";
  enable_test_patterns = true;
  control_socket = "{folder}/control.sock mode=0600";
}}
logging {{ type = "file"; filename = "{folder}/rspamd.log"; level = "warning"; }}
actions {{ reject = 15; "add header" = 6; greylist = 4; }}
lua = "{folder}/rules.lua";
worker "normal" {{ bind_socket = "{folder}/rspamd.sock mode=0666"; count = 1; }}
"""
_RULES = """
rspamd_config:register_symbol{{type = "prefilter", name = "PUT_OFF", callback = function(task)
  if task:get_subject() == "{put_off}" then task:set_pre_result("soft reject", "later") end
end}}
rspamd_config:register_symbol{{type = "normal", name = "{as_told}", score = 0.5, callback = function(task)
  local ip, from, to = task:get_from_ip(), task:get_from("smtp"), task:get_recipients("smtp") or {{}}
  local told = table.concat({{
    from and from[1] and from[1].addr or "", to[1] and to[1].addr or "", to[2] and to[2].addr or "",
    task:get_queue_id() or "", ip and ip:to_string() or "", task:get_helo() or "", task:get_user() or "",
  }}, " ")
  if told == "{told}" then return true, 1.0 end
end}}
"""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running program and where it listens."""

    at: Place
    process: subprocess.Popen[bytes]


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise RuntimeError(f"the tests need {name}: install the package {package}")
    return found


@contextmanager
def clamd() -> Iterator[Daemon]:
    """ClamAV's daemon, once it answers."""
    program = _program("clamd", "clamav-daemon")
    with _folder("vanthu-clamd-") as folder:
        (folder / "signatures").mkdir()
        # Name:type of target, any:offset, anywhere:octets in hex (ClamAV's manual on signatures, "ndb").
        (folder / "signatures/own.ndb").write_text(f"Vanthu.Test.Body:0:*:{VIRUS.hex()}\n")
        digest = hashlib.sha256(OTHER_VIRUS).hexdigest()
        (folder / "signatures/own.hsb").write_text(f"{digest}:{len(OTHER_VIRUS)}:Vanthu.Test.Hash:73\n")
        (folder / "clamd.conf").write_text(_CLAMD.format(folder=folder, stream=STREAM))
        with _running([program, "--config-file", str(folder / "clamd.conf")], folder) as process:
            at = Place(path=str(folder / "clamd.sock"))
            _wait(process, lambda: Clamd(at).ping(5), folder / "clamd.log")
            yield Daemon(at, process)


@contextmanager
def rspamd() -> Iterator[Daemon]:
    """rspamd with a normal worker, once it answers."""
    program = _program("rspamd", "rspamd")
    with _folder("vanthu-rspamd-") as folder:
        told = " ".join(
            (ENVELOPE.sender, *ENVELOPE.recipients, ENVELOPE.queue_id, ENVELOPE.ip, ENVELOPE.helo, ENVELOPE.user)
        )
        (folder / "rules.lua").write_text(_RULES.format(put_off=PUT_OFF, as_told=AS_TOLD, told=told))
        (folder / "rspamd.conf").write_text(_RSPAMD.format(folder=folder))
        command = [program, "--no-fork", "--config", str(folder / "rspamd.conf"), "--insecure"]
        with _running(command, folder) as process:
            at = Place(path=str(folder / "rspamd.sock"))
            _wait(process, lambda: Rspamd(at).ping(5), folder / "rspamd.log")
            yield Daemon(at, process)


@contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    # Not under pytest's folder: a socket's path may have 107 octets at most.
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=in_memory()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ping: Callable[[], None], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return ping()
        except NoAnswer as fault:
            if process.poll() is not None or time.monotonic() > until:
                told = log.read_text(errors="replace") if log.exists() else ""
                output = (log.parent / "output").read_text(errors="replace")
                raise RuntimeError(f"{process.args!r} does not answer: {fault}\n{output}\n{told}") from fault
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
