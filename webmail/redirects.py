"""Where to go after a form: only ever to a path of our own (ASVS 5.0 3.7.2)."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_path(wanted: str | None, default: str) -> str:
    """`wanted` if it is a plain path on this site, else `default`.

    "//host", "/\\host" and anything with a scheme, a host or a control character is refused:
    browsers read them as another site.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return default
    if "\\" in wanted or any(ord(char) < 0x21 or ord(char) == 0x7F for char in wanted):
        return default
    parts = urlsplit(wanted)
    return default if parts.scheme or parts.netloc else wanted
