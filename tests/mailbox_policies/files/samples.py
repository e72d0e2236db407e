"""Files of dangerous kinds, as small as they can be and still be told."""

from __future__ import annotations

import io
import struct
import zipfile

PROGRAM = b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0"
SHORTCUT = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46" + b"\0" * 40
DISK = b"\0" * 0x8001 + b"CD001\x01"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
COMPOUND_WITH_MACROS = COMPOUND + "_VBA_PROJECT".encode("utf-16-le")
RAR4_HEAD = b"Rar!\x1a\x07\x00" + struct.pack("<HBHH", 0, 0x73, 0, 13) + b"\0" * 6
RAR5_HEAD = b"Rar!\x1a\x07\x01\x00"


def zipped(**files: bytes) -> bytes:
    """An archive; the keywords are names, with "_" for the dot."""
    return zip_of({name.replace("_", "."): octets for name, octets in files.items()})


def zip_of(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            archive.writestr(name, octets)
    return held.getvalue()


def encrypted_zip(name: str) -> bytes:
    """The flag alone: what is looked at is whether it says so (APPNOTE 4.4.4)."""
    made = bytearray(zip_of({name: b"secret"}))
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def rar4(name: str, encrypted: bool = False) -> bytes:
    raw = name.encode()
    header = struct.pack("<HBHH", 0, 0x74, 0x8000 | (4 if encrypted else 0), 32 + len(raw)) + struct.pack("<I", 3)
    header += b"\0" * 15 + struct.pack("<H", len(raw)) + b"\0" * 4
    return RAR4_HEAD + header + raw + b"xyz" + struct.pack("<HBHH", 0, 0x7B, 0, 7)


def rar5(name: str) -> bytes:
    raw = name.encode()
    body = b"\x02\x02\x03" + b"\0\x03\0" + b"\0\0" + bytes([len(raw)]) + raw
    return RAR5_HEAD + b"\0" * 4 + bytes([len(body)]) + body + b"xyz" + b"\0" * 4 + b"\x03\x05\0\0"
