"""A private Dovecot for one test session, on a socket in a folder of its own: no port and no file of the machine's.

Every user name is somebody with an empty mailbox, and every password is right: only these tests reach the socket.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.memory import in_memory

START_S = 60.0
_PATIENCE_S = 0.02  # Between two looks at a server that starts.
# Root starts it as a user who owns nothing but the mail spool.
_USER = "mail" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

# It tells internal dates in its own zone: that of ours (POSIX counts west of Greenwich).
_ZONE = {"TZ": "UTC-7"}
# Without chroot and with one user for all its processes, Dovecot needs no privilege.
_SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
ssl = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_max_userip_connections = 1000
mail_fsync = never
mailbox_idle_check_interval = 1s
mail_attribute_dict = file:%h/attributes
mail_home = {folder}/mail/%u
mail_location = sdbox:~/sdbox
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={user} gid={group}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  # The same process for many connections: one for each costs time and protects nobody here.
  service_count = 0
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = 0
  }}
  unix_listener imap {{
  }}
}}
service imap {{
  service_count = 1000
}}
protocol imap {{
  imap_metadata = yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  {mailboxes}
}}
"""
USES = ("Archive", "Drafts", "Junk", "Sent", "Trash")
_MAILBOX = """
  mailbox {use} {{
    special_use = \\{use}
    auto = no
  }}
"""


class Dovecot:
    """A running server. socket: where it listens; log: what it complained of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "run" / "imap"
        self.log = folder / "log"

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Dovecot]:
        """Raises RuntimeError if Dovecot is not installed or does not come up."""
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise RuntimeError("the tests need Dovecot: install the package dovecot-imapd")
        # Not under pytest's folder: a socket's path may have 107 octets at most.
        folder = Path(tempfile.mkdtemp(prefix="vanthu-dovecot-", dir=in_memory()))
        try:
            server = cls(folder)
            process = server._begin(program)
            try:
                server._wait(process)
                yield server
            finally:
                # Whatever it still does: its children see the master go, and end too.
                process.send_signal(signal.SIGTERM)
                process.wait()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _begin(self, program: str) -> subprocess.Popen[bytes]:
        group = subprocess.run(["id", "-gn", _USER], check=True, capture_output=True, text=True).stdout.strip()
        mailboxes = "".join(_MAILBOX.format(use=use) for use in USES)
        file = self.folder / "dovecot.conf"
        file.write_text(_SETTINGS.format(folder=self.folder, user=_USER, group=group, mailboxes=mailboxes))
        # The kernel ends it if the tests are killed.
        command = ["setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            shutil.chown(self.folder, _USER, group)
            command += ["--reuid", _USER, "--regid", group, "--clear-groups"]
        with (self.folder / "started").open("wb") as said:
            everything = [*command, program, "-F", "-c", str(file)]
            return subprocess.Popen(everything, cwd="/", env=os.environ | _ZONE, stdout=said, stderr=said)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(int(START_S / _PATIENCE_S)):
            if self._answers():
                return
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                continue
            break
        said = (self.folder / "started").read_text()
        raise RuntimeError(f"Dovecot did not start: {said}{self.log.read_text() if self.log.exists() else ''}")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(START_S)
            try:
                one.connect(str(self.socket))
            except OSError:
                return False
            return one.recv(4) == b"* OK"
