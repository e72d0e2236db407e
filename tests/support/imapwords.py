"""What IMAP clients say: the commands of all transcripts."""

from __future__ import annotations

import re
from pathlib import Path

TRANSCRIPTS = Path(__file__).parent.parent / "imap" / "transcripts"
_OCTETS = re.compile(r'\{"(.*?)"\}')
_MAIL = re.compile(r"\{mail \d+\}")


def lines() -> list[bytes]:
    """Each command of the transcripts as octets, tag and line end included."""
    return [b"a " + command + b"\r\n" for command in _commands()]


def arguments() -> list[bytes]:
    """What stands behind the command's name, literals left out."""
    found = [command.partition(b" ")[2] for command in _commands() if b"\r\n" not in command]
    return sorted({one for one in found if one})


def _commands() -> list[bytes]:
    found: dict[bytes, None] = {}
    for path in sorted(TRANSCRIPTS.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            who, _, text = line.partition(" C: ")
            if who.isdigit() and text:
                found[_MAIL.sub("{2+}\r\nhi", _OCTETS.sub(_literal, text)).replace("$box", "box").encode()] = None
    return list(found)


def _literal(match: re.Match[str]) -> str:
    text = match[1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return f"{{{len(text.encode())}+}}\r\n{text}"
