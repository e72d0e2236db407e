"""Moving the demo's papers to the day on which it is shown, so that deadlines are ahead or just missed."""

from __future__ import annotations

import re
from datetime import date, timedelta

_SHORT = re.compile(r"\b(\d{2})/(\d{2})/(20\d{2})\b")
_LONG = re.compile(r"ngày (\d{2}) tháng (\d{2}) năm (20\d{2})")


def moved_text(text: str, by: timedelta) -> str:
    """The text with every full date in it moved; what only looks like a date stays."""
    text = _SHORT.sub(lambda found: _moved(found, by, "%d/%m/%Y"), text)
    return _LONG.sub(lambda found: _moved(found, by, "ngày %d tháng %m năm %Y"), text)


def _moved(found: re.Match[str], by: timedelta, form: str) -> str:
    day, month, year = map(int, found.groups())
    try:
        return (date(year, month, day) + by).strftime(form)
    except ValueError:
        return found[0]
