"""Asks a process of its own for a PDF with smaller pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

# Seconds for one PDF.
SECONDS: Final = 40.0
FAILED: Final = b"failed\n"


def told(data: bytes) -> bytes:
    """What a process says that ends with its answer, its fault, or the time it has: a word of `thinning.Fate`, a line
    feed, and with "made" the new file. Raises OSError."""
    command = [sys.executable, "-m", "webmail.mail.pdfs.child"]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False, env=environment)
    except subprocess.TimeoutExpired:
        return FAILED
    return done.stdout if done.returncode == 0 and b"\n" in done.stdout else FAILED


def is_pdf(data: bytes) -> bool:
    """By what it is: names and types are the sender's. Readers look for the mark in the first 1024 octets."""
    return b"%PDF-" in data[:1024]
