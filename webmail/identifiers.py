"""Numbers that come in addresses and forms and end in the database."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

# Larger ones no row has, and PostgreSQL would refuse the query.
LARGEST = 2**53


class IdentifierConverter(IntegerConverter):
    """`<int:…>` in routes: anything larger is an address that does not exist."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **options})


def identifier(text: str | int | None) -> int:
    """A row's number from a form; 0 for none. Raises ValueError for what is no such number."""
    number = int(text or 0)
    if not 0 <= number <= LARGEST:
        raise ValueError(number)
    return number


def init(app: Flask) -> None:
    app.url_map.converters["int"] = IdentifierConverter
