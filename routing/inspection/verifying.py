"""Whether a zip of minutes is as it was made: by itself, and against the audit of the installation that made it.

By itself: every file has the SHA-256 that the manifest says, every record is as it was sealed, every message is one
that a record says was opened. Somebody who makes all of that anew is found only against the audit, which holds the
SHA-256 of the manifest.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mailserver.store import audit, auditrecords, raw
from mailserver.store.audit import Head
from mailserver.store.auditrecords import NotARecord, Record
from routing.inspection.packing import FORMAT, MANIFEST

# Octets of a manifest; one of a million records is smaller.
MOST_MANIFEST = 512 * 1024 * 1024
_PIECE = 1024 * 1024


class NotMinutes(Exception):
    """The file is no zip of minutes at all."""


@unique
class Fault(Enum):
    """What is not as it was made."""

    RECORD_CHANGED = "record-changed"
    RECORD_MOVED = "record-moved"
    RECORD_UNKNOWN = "record-unknown"
    MESSAGE_UNKNOWN = "message-unknown"
    FILE_CHANGED = "file-changed"
    FILE_MISSING = "file-missing"
    FILE_ADDED = "file-added"
    MINUTES_UNKNOWN = "minutes-unknown"
    AUDIT_BROKEN = "audit-broken"


# A fault, and of what: the number of a record or a message, the name of a file.
Found = tuple[Fault, str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a zip says. digest: SHA-256 of its manifest, hexadecimal. faults: found in the file by itself."""

    order: int
    messages: int
    records: tuple[Record, ...]
    head: Head
    digest: str
    faults: tuple[Found, ...]


def read(path: Path) -> Read:
    """Check the file by itself. Raises NotMinutes."""
    try:
        with zipfile.ZipFile(path) as archive:
            octets = _manifest(archive)
            manifest = json.loads(octets)
            if manifest["format"] != FORMAT:
                raise NotMinutes(manifest["format"])
            records = tuple(auditrecords.from_json(one) for one in manifest["records"])
            faults = (*_records(records, manifest["order"]), *_files(archive, manifest, records))
            head = Head(int(manifest["head"]["id"]), bytes.fromhex(manifest["head"]["hash"]))
            digest = hashlib.sha256(octets).hexdigest()
            return Read(int(manifest["order"]), len(manifest["messages"]), records, head, digest, faults)
    except (zipfile.BadZipFile, OSError, KeyError, TypeError, ValueError, NotARecord) as fault:
        raise NotMinutes(f"{type(fault).__name__}: {fault}") from fault


def against_audit(conn: Connection, found: Read) -> list[Found]:
    """What the audit of this installation says otherwise."""
    faults: list[Found] = []
    kept = auditrecords.of_ids(conn, [one.id for one in found.records])
    for one in found.records:
        if one != kept.get(one.id):
            faults.append((Fault.RECORD_UNKNOWN, str(one.id)))
    query = "SELECT detail FROM audit WHERE action = 'inspection.minutes' AND id > ?"
    taken = [raw.from_json(row[0]) for row in raw.rows(conn, query, (found.head.id,))]
    if not any(one.get("sha256") == found.digest and one.get("order") == found.order for one in taken):
        faults.append((Fault.MINUTES_UNKNOWN, str(found.order)))
    broken = audit.verify(conn, found.head)
    if broken is not None:
        faults.append((Fault.AUDIT_BROKEN, str(broken)))
    return faults


def _manifest(archive: zipfile.ZipFile) -> bytes:
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise NotMinutes("the manifest is too large")
    return archive.read(MANIFEST)


def _records(records: tuple[Record, ...], order: int) -> Iterator[Found]:
    for before, one in zip((None, *records), records, strict=False):
        if not one.is_sound or one.detail.get("order") != order:
            yield Fault.RECORD_CHANGED, str(one.id)
        if before is not None and (one.id <= before.id or (one.id == before.id + 1 and one.prev_hash != before.hash)):
            yield Fault.RECORD_MOVED, str(one.id)


def _files(archive: zipfile.ZipFile, manifest: dict[str, Any], records: tuple[Record, ...]) -> Iterator[Found]:
    expected = {manifest["text"]["file"]: manifest["text"]["sha256"]}
    opened = {(one.detail.get("item"), one.detail.get("sha256")) for one in records}
    for message in manifest["messages"]:
        if (message["number"], message["sha256"]) not in opened:
            yield Fault.MESSAGE_UNKNOWN, str(message["number"])
        if message["file"] is not None:
            expected[message["file"]] = message["sha256"]
    names = archive.namelist()
    for name in sorted({*names} - {*expected, MANIFEST}):
        yield Fault.FILE_ADDED, name
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield Fault.FILE_ADDED, name
    for name, digest in expected.items():
        if name not in names:
            yield Fault.FILE_MISSING, name
        elif _digest(archive, name) != digest:
            yield Fault.FILE_CHANGED, name


def _digest(archive: zipfile.ZipFile, name: str) -> str | None:
    """None for what cannot be unpacked."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except (zipfile.BadZipFile, OSError, EOFError):
        return None
    return digest.hexdigest()
