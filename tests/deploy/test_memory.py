"""What signing in takes of the memory is given back."""

from __future__ import annotations

import subprocess
import sys

HASHING = """
import threading
from pathlib import Path
from deploy import memory
from mailserver.directory import passwords

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def sign_in():
    for _ in range(3):
        passwords.hashed("mật khẩu")

{first}
passwords.hashed("mật khẩu")
before = resident()
threads = [threading.Thread(target=sign_in) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resident() - before)
"""


def grown(first: str) -> int:
    """Octets that a process has more after its threads have hashed passwords."""
    words = [sys.executable, "-c", HASHING.format(first=first)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True, timeout=120).stdout)


def test_threads_keep_nothing_of_what_passwords_took() -> None:
    one_password = 19 * 1024 * 1024  # and without it each of the threads keeps that
    assert grown("memory.give_back_large_pieces()") < one_password / 2
