"""manifest.json: what is in a backup, and the SHA-256 of each file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.lang import t

NAME = "manifest.json"
FORMAT = 1


class BackupBroken(Exception):
    """A backup is not complete or not what its manifest says; the text is for the administrator."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """engine: "sqlite" or "postgresql". revision: of the database's tables. files: name to SHA-256."""

    made_at: str
    domain: str
    engine: str
    revision: str
    blobs: int
    files: dict[str, str]
    format: int = FORMAT


def write(folder: Path, *, domain: str, engine: str, revision: str, blobs: int, names: list[str]) -> None:
    """Describe the files that are in `folder`; their last act, so that a manifest means complete."""
    files = {name: sha256(folder / name) for name in names}
    manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), domain, engine, revision, blobs, files)
    (folder / NAME).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> Manifest:
    """Read and check every file against it. Raises BackupBroken."""
    try:
        manifest = Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise BackupBroken(
            t(f"{folder} không phải bản sao lưu hoàn chỉnh.", f"{folder} is not a complete backup.")
        ) from fault
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file() or sha256(path) != digest:
            raise BackupBroken(
                t(f"Tệp {name} trong bản sao lưu đã hỏng.", f"The file {name} of the backup is damaged.")
            )
    return manifest


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
