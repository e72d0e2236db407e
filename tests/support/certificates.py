"""A certificate of a test's own for localhost."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

MAKE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    " -keyout key.pem -out cert.pem -subj /CN=localhost"
)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write certificate and key as PEM files."""
    subprocess.run(shlex.split(MAKE), cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"
