"""agency.toml and documents.toml, read into values."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from deploy.demo.calendar import moved_text


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """unit: its code."""

    family: str
    middle: str
    given: str
    account: str
    roles: tuple[str, ...]
    unit: str

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.family, self.middle, self.given) if part)


@dataclass(frozen=True, slots=True)
class DemoPost:
    role: str
    title: str
    local: str
    holder: str
    unit: str


@dataclass(frozen=True, slots=True)
class DemoUnit:
    code: str
    name: str
    local: str


@dataclass(frozen=True, slots=True)
class DemoGroup:
    local: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoAgency:
    code: str
    name: str
    domain: str
    profile: str
    since: date
    units: tuple[DemoUnit, ...]
    people: tuple[DemoPerson, ...]
    posts: tuple[DemoPost, ...]
    groups: tuple[DemoGroup, ...]
    shared_folders: tuple[tuple[str, str], ...]

    def person(self, account: str) -> DemoPerson:
        return next(one for one in self.people if one.account == account)

    def title(self, account: str) -> str:
        """The post that a person holds, "" for none."""
        return next((post.title for post in self.posts if post.holder == account), "")


@dataclass(frozen=True, slots=True)
class Office:
    """A neighbouring agency. called: as people write its name; name: as its letter head has it."""

    superior: str
    name: str
    called: str
    address: str


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """An incoming document and how far it has come (`after`, see documents.toml).

    encoding: from before Unicode, in which its office writes mail without a scan; "" for none.
    """

    number: str
    on: date
    office: Office
    type_name: str
    subject: str
    clear_subject: str
    urgency: str
    place: str
    signer: tuple[str, str, str]
    body: tuple[str, ...]
    unit: str
    handler: str
    due: date | None
    after: str
    encoding: str

    @property
    def slug(self) -> str:
        """The number as part of a Message-ID."""
        from mailserver.text import fold

        return "".join(letter if letter.isalnum() else "-" for letter in fold(self.number))


@dataclass(frozen=True, slots=True)
class DemoLetter:
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str


def agency() -> DemoAgency:
    table = _read("agency.toml")
    units = table["unit"]
    people = tuple(
        DemoPerson(family, middle, given, account, tuple(roles), unit["code"])
        for unit in units
        for family, middle, given, account, *roles in unit["people"]
    )
    return DemoAgency(
        code=table["code"],
        name=table["name"],
        domain=table["domain"],
        profile=table["profile"],
        since=table["since"],
        units=tuple(DemoUnit(unit["code"], unit["name"], unit["local"]) for unit in units),
        people=people,
        posts=tuple(
            DemoPost(role, title, local, holder, unit["code"])
            for unit in units
            for role, title, local, holder in unit["posts"]
        ),
        groups=tuple(_group(one, people) for one in table["group"]),
        shared_folders=tuple((name, kind) for name, kind in table["shared"]["folders"]),
    )


def _group(table: dict[str, Any], people: tuple[DemoPerson, ...]) -> DemoGroup:
    members = tuple(one.account for one in people) if table.get("everyone") else tuple(table["members"])
    return DemoGroup(table["local"], table["name"], members)


def documents(today: date) -> list[DemoDocument]:
    """The incoming documents, with their dates as they are to be seen on `today`."""
    table = _read("documents.toml")
    by = today - table["as_of"]
    offices = {key: Office(**value) for key, value in table["office"].items()}
    return [
        DemoDocument(
            number=one["number"],
            on=one["on"] + by,
            office=offices[one["from"]],
            type_name=one["type"],
            subject=moved_text(one["subject"], by),
            clear_subject=moved_text(one.get("clear_subject", one["subject"]), by),
            urgency=one.get("urgency", "normal"),
            place=one["place"],
            signer=(one["signer"][0], one["signer"][1], one["signer"][2]),
            body=tuple(moved_text(paragraph, by) for paragraph in one["body"]),
            unit=one["unit"],
            handler=one.get("handler", ""),
            due=one["due"] + by if "due" in one else None,
            after=one["after"],
            encoding=one.get("encoding", ""),
        )
        for one in table["incoming"]
    ]


def letters(today: date) -> list[DemoLetter]:
    """The letters between colleagues, with their dates as they are to be seen on `today`."""
    table = _read("documents.toml")
    by = today - table["as_of"]
    return [
        DemoLetter(
            one["from"],
            tuple(one["to"]),
            tuple(one.get("cc", ())),
            one["subject"],
            moved_text(one["text"].strip(), by) + "\n",
        )
        for one in table["letter"]
    ]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("deploy.demo").joinpath(name).read_text(encoding="utf-8"))
