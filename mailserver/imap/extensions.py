"""What a client has to ask for before it is answered in another way (RFC 5161)."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Extension(Enum):
    """The value is the name for ENABLE."""

    CONDSTORE = b"CONDSTORE"
    QRESYNC = b"QRESYNC"
    UTF8 = b"UTF8=ACCEPT"
    REV2 = b"IMAP4rev2"


class Enabled(set[Extension]):
    """Those of one session."""

    def add(self, extension: Extension) -> None:
        """QRESYNC brings CONDSTORE with it (RFC 7162 §3.2.3)."""
        super().add(extension)
        if extension is Extension.QRESYNC:
            super().add(Extension.CONDSTORE)

    @property
    def condstore(self) -> bool:
        return Extension.CONDSTORE in self

    @property
    def qresync(self) -> bool:
        return Extension.QRESYNC in self

    @property
    def rev2(self) -> bool:
        """IMAP4rev2: without \\Recent, with ESEARCH (RFC 9051 appendix E)."""
        return Extension.REV2 in self

    @property
    def utf8(self) -> bool:
        """Mailbox names are UTF-8 on this connection (RFC 6855 §3, RFC 9051 §5.1)."""
        return Extension.UTF8 in self or self.rev2
