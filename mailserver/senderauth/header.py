"""The Authentication-Results field: written, taken out where it is forged, read back (RFC 8601).

Our own stands between Return-Path and our Received field. Nothing of it is in a message that came
another way than through this server, so what is read there is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailserver.mime.header import FIELD_END, header_end
from mailserver.senderauth.dmarc import proved
from mailserver.senderauth.results import Disposition, Dkim, Dmarc, Outcome, Results, Spf

FIELD = b"authentication-results"

# One whole field with its folds. The quantifiers are possessive: nothing is tried twice.
_FORGED = re.compile(rb"^authentication-results[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?", re.IGNORECASE | re.MULTILINE)
# Fields of others that are kept, and octets of each that are looked at for whose it is.
MAX_FOREIGN = 100
MAX_LOOKED_AT = 2048
# A token of MIME (RFC 2045 §5.1), which a value may be without quotes.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")
# What stays of anything else, in quotes: neither quotes nor what could end a part or a comment.
_NOT_QUOTED = re.compile(r"[^A-Za-z0-9 .:_+/=@\[\]-]")
MAX_VALUE = 253  # characters


def field(results: Results, hostname: str) -> bytes:
    """The field with its line end. What a peer told us stands in it only as a token or a quoted string."""
    dmarc, spf = results.dmarc, results.spf
    identity = "smtp.helo" if spf.from_helo else "smtp.mailfrom"
    entries = [
        _entry("dmarc", dmarc.outcome, {"header.from": dmarc.domain, "policy.dmarc": dmarc.policy.value}),
        _entry("spf", spf.outcome, {identity: spf.domain}),
    ]
    entries += [_dkim(one) for one in results.dkim] or ["dkim=none"]
    return ("Authentication-Results: " + ";\r\n\t".join([_value(hostname), *entries]) + "\r\n").encode("ascii")


def _dkim(one: Dkim) -> str:
    properties = {"reason": one.reason, "header.d": one.domain, "header.s": one.selector, "header.b": one.tag}
    return _entry("dkim", one.outcome, properties)


def _entry(method: str, outcome: Outcome, properties: Mapping[str, str]) -> str:
    """One result; properties without a value are left out."""
    told = [f"{name}={_value(value)}" for name, value in properties.items() if value]
    return " ".join([f"{method}={outcome.value}", *told])


def _value(text: str) -> str:
    text = text[:MAX_VALUE]
    return text if _TOKEN.fullmatch(text) else f'"{_NOT_QUOTED.sub("?", text)}"'


def without_forged(data: bytes, hostname: str) -> bytes:
    """The message without Authentication-Results fields that bear our name (RFC 8601 §5).

    All other octets stay as they are. A field whose name cannot be made out goes as well. Linear time.
    """
    end = header_end(data, 0, len(data))
    if FIELD not in data[:end].lower():  # a glance costs a tenth of the search
        return data
    kept: list[bytes] = []
    at = 0
    for count, match in enumerate(_FORGED.finditer(data, 0, end)):
        if count >= MAX_FOREIGN or _bears(match[1][:MAX_LOOKED_AT], hostname):
            kept.append(data[at : match.start()])
            at = match.end()
    if not kept:
        return data
    kept.append(data[at:])
    return b"".join(kept)


def _bears(value: bytes, hostname: str) -> bool:
    """Whether the field says that `hostname` wrote it; also if it does not say plainly who did."""
    text = _first_part(value.decode("latin-1"))
    if text is None or not text.split():
        return True
    name = text.split()[0].strip('"').replace("\\", "")
    return name.rstrip(".").lower() == hostname.lower()


def _first_part(text: str) -> str | None:
    """What stands before the first ";", without comments; None if that cannot be told."""
    depth, quoted, escaped = 0, False, False
    kept: list[str] = []
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif quoted:
            pass
        elif letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
            letter = " "
        elif letter == ";" and not depth:
            return "".join(kept)
        if not depth:
            kept.append(letter)
    return None if depth or quoted or len(text) >= MAX_LOOKED_AT else "".join(kept)


# -- reading back ------------------------------------------------------------------------------------

# Looked for anywhere: a name begins where no letter stands before, so that none is tried from its middle.
_PAIR = re.compile(r'(?<![a-z.])([a-z.]++)=("[^"]*"|[^\s;"]++)')


def read_ours(header: bytes) -> Results | None:
    """What this server found out when it took the message in; None if it did not look.

    header: of a stored message. Only the fields above the first Received are looked at: those are ours.
    """
    start = 0
    for match in FIELD_END.finditer(header, 0, header_end(header, 0, len(header))):
        name, _, value = header[start : match.start()].partition(b":")
        name = name.strip().lower()
        if name == FIELD:
            return _read(value.decode("latin-1"))
        if name == b"received":
            return None
        start = match.end()
    return None


def _read(value: str) -> Results | None:
    dmarc = spf = None
    dkim: list[Dkim] = []
    try:
        for entry in value.replace("\r\n", "").rstrip("\r").split(";")[1:]:
            pairs = {name: text.strip('"') for name, text in _PAIR.findall(entry)}
            if "dmarc" in pairs:
                policy = Disposition(pairs["policy.dmarc"])
                dmarc = Dmarc(Outcome(pairs["dmarc"]), pairs.get("header.from", ""), policy)
            elif "spf" in pairs:
                spf = _read_spf(pairs)
            elif "dkim" in pairs and len(pairs) > 1:
                dkim.append(_read_dkim(pairs))
    except (KeyError, ValueError):
        return None
    if spf is None or dmarc is None:
        return None
    return Results(spf, tuple(dkim), dmarc, proved(dmarc.domain, spf, dkim))


def _read_spf(pairs: Mapping[str, str]) -> Spf:
    from_helo = "smtp.helo" in pairs
    return Spf(Outcome(pairs["spf"]), pairs.get("smtp.helo" if from_helo else "smtp.mailfrom", ""), from_helo)


def _read_dkim(pairs: Mapping[str, str]) -> Dkim:
    return Dkim(
        Outcome(pairs["dkim"]),
        pairs.get("header.d", ""),
        pairs.get("header.s", ""),
        pairs.get("header.b", ""),
        pairs.get("reason", ""),
    )
