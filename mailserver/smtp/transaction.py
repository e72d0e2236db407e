"""What is known about the message being sent: the state between MAIL and the end of DATA."""

from __future__ import annotations

import asyncio

from aiosmtpd.smtp import Envelope

from mailserver.delivery.envelope import Ret, Wish, Wishes
from mailserver.directory.resolve import Resolution
from mailserver.senderauth.results import Spf
from mailserver.smtp.chunks import Chunked


class Transaction(Envelope):
    """One mail transaction (RFC 5321 §3.3).

    mail_from: None before MAIL, "" for the null path. rcpt_tos: recipients accepted so far, as given.
    declared_size: octets that MAIL announced (RFC 1870 §6), 0 for none.
    resolved: what the directory said about addresses that this transaction asked for.
    ret, envid, wished: see `delivery.envelope`. chunked: the chunks that BDAT has brought, None before.
    returns: recipients that are rewritten senders, with whom they stand for.
    spf: under way since the first recipient; None where senders are not looked at.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mail_from: str | None = None
        self.declared_size = 0
        self.rcpt_tos: list[str] = []
        self.resolved: dict[str, Resolution] = {}
        self.ret: Ret | None = None
        self.envid = ""
        self.wished: dict[str, Wish] = {}
        self.chunked: Chunked | None = None
        self.returns: dict[str, str] = {}
        self.spf: asyncio.Task[Spf] | None = None

    @property
    def wishes(self) -> Wishes:
        """What the sender wants to be told."""
        return Wishes(self.ret, self.envid, self.wished)

    @property
    def sender(self) -> str:
        return self.mail_from or ""
