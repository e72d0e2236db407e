"""Verifying DKIM signatures (RFC 6376 §6, RFC 8301, RFC 8463).

Two steps, with DNS between them: `Message.read` finds the signatures, `Message.verify` tries one with
the key that DNS has. Pure; for large messages to be run in a thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailserver.mime.header import header_end
from mailserver.mime.limits import MAX_HEADER_OCTETS
from mailserver.senderauth.canonical import BODIES, FIELDS, Field, chosen, fields_of
from mailserver.senderauth.dkim_key import key_for
from mailserver.senderauth.dkim_signature import NAME, Signature, Unusable, signatures
from mailserver.senderauth.results import Dkim, Outcome


@dataclass(slots=True)
class Message:
    """A message whose signatures are looked at. found: the first ten, tried or past trying."""

    fields: list[Field]
    found: list[Signature | Dkim]
    _data: bytes = b""
    _body_at: int = 0
    _hashes: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes, now: datetime) -> Message:
        """data: octets with CRLF line ends, as they came. Never raises.

        A header of more than 256 KiB is not looked at: signing is for headers that people write.
        """
        end = header_end(data, 0, len(data))
        if end > MAX_HEADER_OCTETS:
            return cls([], [Dkim(Outcome.POLICY, reason="header too long")])
        fields = fields_of(data[:end])
        return cls(fields, signatures(fields, now), data, end)

    def verify(self, signature: Signature, texts: Sequence[bytes]) -> Dkim:
        """texts: the TXT records of `signature.key_name`. Never raises."""
        try:
            key = key_for(signature, texts)
        except Unusable as fault:
            return signature.result(fault.outcome, fault.reason)
        body_hash, length = self._body_hash(signature.body_form)
        if signature.length is not None and signature.length < length:
            # What was added behind could be anything, and would be shown as part of it (§8.2).
            return signature.result(Outcome.POLICY, "end of the body not signed")
        if body_hash != signature.body_hash:
            return signature.result(Outcome.FAIL, "body hash mismatch")
        if not key.verifies(signature.value, self._header_hash(signature)):
            return signature.result(Outcome.FAIL, "signature mismatch")
        if key.testing:  # §3.6.1: no different from unsigned mail
            return signature.result(Outcome.NEUTRAL, "domain is testing")
        return signature.result(Outcome.PASS)

    def _body_hash(self, form: str) -> tuple[bytes, int]:
        if form not in self._hashes:
            body = BODIES[form](self._data[self._body_at :])
            self._hashes[form] = hashlib.sha256(body).digest(), len(body)
        return self._hashes[form]

    def _header_hash(self, signature: Signature) -> bytes:
        form = FIELDS[signature.header_form]
        signed = b"".join(form(one) for one in chosen(self.fields, signature.names))
        own = form((NAME, without_value(signature.field[1])))
        return hashlib.sha256(signed + own.removesuffix(b"\r\n")).digest()


def without_value(raw: bytes) -> bytes:
    """The signature's own field with an empty b=, as it is signed (§3.7)."""
    name, colon, value = raw.partition(b":")
    pieces = value.split(b";")
    for at, piece in enumerate(pieces):
        tag, equals, _ = piece.partition(b"=")
        if equals and tag.strip(b" \t\r\n") == b"b":
            pieces[at] = tag + equals
    return name + colon + b";".join(pieces)
