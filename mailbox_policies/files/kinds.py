"""Files that do something when they are opened, told by how they begin; by name where nothing else tells.

Scripts are plain text and have no mark of their own: for them the end of the name decides, for that is what
decides on the machine that opens them.
"""

from __future__ import annotations

import re
from enum import Enum, unique
from pathlib import PurePosixPath
from typing import Final

from mailserver.octets import Octets, begins, holds


@unique
class Danger(Enum):
    """What is wrong with a file. The last two are no fault of their own: nobody can look inside."""

    PROGRAM = "program"
    SCRIPT = "script"
    SHORTCUT = "shortcut"
    DISK = "disk"
    MACRO = "macro"
    BOMB = "bomb"
    NAME = "name"
    ENCRYPTED = "encrypted"
    UNSEEN = "unseen"

    @property
    def is_certain(self) -> bool:
        return self not in (Danger.ENCRYPTED, Danger.UNSEEN)


_BEGINNINGS: Final = (
    (b"\x7fELF", Danger.PROGRAM),
    (b"\xfe\xed\xfa\xce", Danger.PROGRAM),
    (b"\xfe\xed\xfa\xcf", Danger.PROGRAM),
    (b"\xce\xfa\xed\xfe", Danger.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Danger.PROGRAM),
    # Java classes, and Mach-O for several processors.
    (b"\xca\xfe\xba\xbe", Danger.PROGRAM),
    (b"dex\n", Danger.PROGRAM),
    # [MS-SHLLINK] §2.1: size of the header and its class.
    (b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", Danger.SHORTCUT),
    # Help files of Windows, which can run programs; cabinets, which install them.
    (b"ITSF", Danger.SCRIPT),
    (b"MSCF", Danger.PROGRAM),
    (b"vhdxfile", Danger.DISK),
    (b"conectix", Danger.DISK),
)
# ISO 9660 (ECMA-119 §8.1) and UDF: the identifier of the first descriptor. What a disk image holds is not
# marked as coming from outside when it is opened.
_DISK_AT: Final = 0x8001
_DISK: Final = (b"CD001", b"BEA01", b"NSR02", b"NSR03")
_PE_AT: Final = 0x3C
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# [MS-OVBA] §2.2.1: a storage of this name holds the macros of a document.
_OLE_MACROS: Final = ("_VBA_PROJECT".encode("utf-16-le"), "VBA".encode("utf-16-le") + b"\0\0")
# A compound file with the class of Windows Installer.
_OLE_INSTALLER: Final = bytes.fromhex("84100c0000000000c000000000000046")
_HTA: Final = re.compile(rb"<hta:application", re.IGNORECASE)
# How much of a file tells what it is.
HEAD: Final = 64 * 1024

# ".com" is not among them: files are called after domains, and what Windows runs of them is told by content.
# fmt: off
_PROGRAM_NAMES: Final = (
    "exe", "scr", "pif", "cpl", "dll", "sys", "ocx", "msi", "msp", "mst", "msix", "appx", "jar", "apk", "deb", "rpm",
    "cab", "gadget",
)
_SCRIPT_NAMES: Final = (
    "js", "jse", "vbs", "vbe", "wsf", "wsh", "wsc", "hta", "ps1", "psm1", "ps1xml", "bat", "cmd", "reg", "inf", "sct",
    "shb", "shs", "chm", "hlp", "vb", "ws", "xll", "wll", "scf",
)
_SHORTCUT_NAMES: Final = ("lnk", "url", "desktop", "appref-ms", "settingcontent-ms", "library-ms", "search-ms")
_DISK_NAMES: Final = ("iso", "img", "vhd", "vhdx", "udf")
# fmt: on
_BY_NAME: Final = {
    **dict.fromkeys(_PROGRAM_NAMES, Danger.PROGRAM),
    **dict.fromkeys(_SCRIPT_NAMES, Danger.SCRIPT),
    **dict.fromkeys(_SHORTCUT_NAMES, Danger.SHORTCUT),
    **dict.fromkeys(_DISK_NAMES, Danger.DISK),
}
# "giaymoi<U+202E>fdp.exe" is shown as "giaymoiexe.pdf" (Unicode TR 36 §2.10).
_OVERRIDES: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def by_name(name: str) -> Danger | None:
    """What the name alone tells. Windows takes no notice of dots and spaces at the end."""
    if _OVERRIDES.search(name):
        return Danger.NAME
    return _BY_NAME.get(PurePosixPath(name.rstrip(". ").replace("\\", "/")).suffix[1:].strip().lower())


def needs_all(head: bytes) -> bool:
    """Whether more than the first HEAD octets must be looked at to tell what a file is."""
    return head.startswith(OLE)


def by_content(octets: Octets) -> Danger | None:
    """What the octets are, whatever their name. Archives are not looked into."""
    for beginning, danger in _BEGINNINGS:
        if begins(octets, beginning):
            return danger
    if begins(octets, b"MZ") and _is_pe(octets):
        return Danger.PROGRAM
    if octets[_DISK_AT : _DISK_AT + 5] in _DISK:
        return Danger.DISK
    if begins(octets, OLE):
        return _in_compound(octets)
    return Danger.SCRIPT if _HTA.search(octets[:HEAD]) else None


def _is_pe(octets: Octets) -> bool:
    """A program of Windows or DOS: the text "MZ…" is none. [PE format]: the offset of the second header is at 0x3c."""
    at = int.from_bytes(octets[_PE_AT : _PE_AT + 4], "little")
    return octets[at : at + 2] in (b"PE", b"NE", b"LE") or b"\0" in octets[:64]


def _in_compound(octets: Octets) -> Danger | None:
    if _OLE_INSTALLER in octets[: HEAD * 16]:
        return Danger.PROGRAM
    return Danger.MACRO if any(holds(octets, mark) for mark in _OLE_MACROS) else None
