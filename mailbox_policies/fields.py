"""The settings of a rule as people change them: a description of each field, and JSON in and out.

A rule keeps its settings in a frozen dataclass; what is kept of an agency's choice is a JSON object with the
fields that differ from where the agency started.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import Any, TypeVar

from mailserver.text import nfc

S = TypeVar("S")

MOST_LINES = 500
MOST_CHARACTERS = 500


@unique
class Kind(Enum):
    """What a field holds. OCTETS, NUMBER: int. CHOICE: one of several. FLAG: bool. LINES: a tuple of str."""

    OCTETS = "octets"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. name: of the dataclass's field. label, help: Vietnamese, translated where they are shown.

    choices: (value, label) of a CHOICE. least, most: of OCTETS and NUMBER.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: Sequence[tuple[str, str]] = ()
    least: int = 0
    most: int = 10**12


class SettingInvalid(Exception):
    """`field` cannot have this value; nothing has changed."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def changed(start: S, fields: Sequence[Field], values: Mapping[str, Any]) -> S:
    """The settings with these values (JSON) put in. Raises SettingInvalid for an unknown name or a wrong value."""
    known = {field.name: field for field in fields}
    if unknown := sorted(set(values) - known.keys()):
        raise SettingInvalid(unknown[0], "no such setting")
    read = {name: _read(known[name], getattr(start, name), value) for name, value in values.items()}
    return replace(start, **read)  # type: ignore[type-var]


def difference(start: S, fields: Sequence[Field], settings: S) -> dict[str, Any]:
    """What `changed` needs to make `settings` of `start`, as JSON."""
    return {
        field.name: _written(getattr(settings, field.name))
        for field in fields
        if getattr(settings, field.name) != getattr(start, field.name)
    }


def values_of(fields: Sequence[Field], settings: object) -> dict[str, Any]:
    """Every field's value as JSON."""
    return {field.name: _written(getattr(settings, field.name)) for field in fields}


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _read(field: Field, start: Any, value: Any) -> Any:
    match field.kind:
        case Kind.OCTETS | Kind.NUMBER:
            if not isinstance(value, int) or isinstance(value, bool) or not field.least <= value <= field.most:
                raise SettingInvalid(field.name, f"not a whole number from {field.least} to {field.most}")
            return value
        case Kind.FLAG:
            if not isinstance(value, bool):
                raise SettingInvalid(field.name, "neither true nor false")
            return value
        case Kind.CHOICE:
            if value not in [one for one, _label in field.choices]:
                raise SettingInvalid(field.name, "not one of the choices")
            return type(start)(value) if isinstance(start, Enum) else value
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise SettingInvalid(field.name, "not a list of texts")
    lines = tuple(dict.fromkeys(line for one in value if (line := nfc(one).strip())))
    if len(lines) > MOST_LINES or any(len(line) > MOST_CHARACTERS for line in lines):
        raise SettingInvalid(field.name, "too many, or too long")
    return lines
