"""Files that are handed over: pieces in order, bounds, and nothing lost or left behind when a process dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from mailbox_policies.chain import Choice, Settings
from mailbox_policies.modes import Mode
from mailbox_policies.rules import sent_files
from mailbox_policies.sentfiles import coming, ending, handing, reading
from mailbox_policies.sentfiles.coming import Offer
from mailbox_policies.sentfiles.desk import Desk
from mailbox_policies.sentfiles.errors import (
    Changed,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    Misplaced,
    NoRoom,
    TurnedOff,
)
from mailbox_policies.sentfiles.handing import Wish
from mailserver.actor import Actor
from mailserver.delivery.errors import (
    ExternalRecipientRefused,
    NoRecipients,
    PolicyRefused,
    PostingRefused,
    RecipientUnknown,
)
from mailserver.directory import mailing_changes
from mailserver.directory.mailing_lists import Posting
from mailserver.directory.mailing_lists import Settings as ListSettings
from mailserver.store import raw
from mailserver.store.collect import collect_garbage
from mailserver.store.database import Tx
from mailserver.store.store import Store
from tests.mailbox_policies.files import samples
from tests.routing.world import DOMAIN, World, build
from tests.webmail.world import desk_of, now

AT_ONCE = timedelta(0)
OCTETS = bytes(range(256)) * 500
THREE = (OCTETS[:50_000], OCTETS[50_000:100_000], OCTETS[100_000:])


class Killed(BaseException):
    """As SIGKILL leaves it: nothing that comes behind is done."""


@dataclass
class Office:
    world: World
    desk: Desk

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def me(self) -> Actor:
        return self.world.actor("vankhain")

    def came(self, octets: bytes = OCTETS, name: str = "số liệu.bin") -> int:
        """A file that is whole and not sent."""
        rest = memoryview(octets)

        def read(most: int) -> bytes:
            nonlocal rest
            piece, rest = bytes(rest[:most]), rest[most:]
            return piece

        return coming.add_all(self.desk, self.me, Offer(name, "application/octet-stream", len(octets)), read).id

    def sent(self, *to: str, octets: bytes = OCTETS, days: int = 7) -> int:
        file_id = self.came(octets)
        handing.hand(self.desk, self.me, file_id, Wish(tuple(f"{one}@{DOMAIN}" for one in to), days))
        return file_id

    def content(self, file_id: int) -> bytes:
        pieces = self.store.db.read(lambda conn: reading.stretches(conn, file_id))
        return b"".join(reading.octets(self.store.blobs, pieces, 0, 1 << 40))

    def one(self, query: str) -> Any:
        (found,) = self.store.db.read(lambda conn: raw.row(conn, query)) or (None,)
        return found

    def objects(self) -> int:
        return len(list(self.store.blobs.digests()))

    def swept(self) -> None:
        """What a day later is left after the collector, twice: it dooms, then forgets."""
        collect_garbage(self.store.db, self.store.blobs, AT_ONCE)


@pytest.fixture
def office(store: Store) -> Office:
    world = build(store)
    return Office(world, desk_of(world))


def test_pieces_come_in_order_and_are_gone_on_with_where_they_ended(office: Office) -> None:
    offer = Offer("..\\..//a/số liệu.zip", "APPLICATION/zip; x=y", len(OCTETS), mark="m 1")
    file = coming.begin(office.desk, office.me, offer)
    assert (file.name, file.received) == ("số liệu.zip", 0)
    file = coming.add(office.desk, office.me, file.id, 0, THREE[0])
    with pytest.raises(Misplaced) as again:
        coming.add(office.desk, office.me, file.id, 0, THREE[0])
    assert again.value.received == 50_000
    with pytest.raises(FileTooLarge):
        coming.add(office.desk, office.me, file.id, 50_000, OCTETS)
    with pytest.raises(FileMissing):
        coming.add(office.desk, office.world.actor("anl"), file.id, 50_000, THREE[1])
    with pytest.raises(Misplaced):
        handing.hand(office.desk, office.me, file.id, Wish((f"anl@{DOMAIN}",), 7))
    assert coming.begin(office.desk, office.me, offer) == file, "the same mark goes on"
    assert coming.begin(office.desk, office.world.actor("anl"), offer).id != file.id
    for piece in THREE[1:]:
        file = coming.add(office.desk, office.me, file.id, file.received, piece)
    assert file.whole and office.content(file.id) == OCTETS


def test_bounds_are_those_of_the_agency(office: Office) -> None:
    small = sent_files.Settings(limit=100, person=150, days=3)
    desk = desk_of(office.world, Settings(small))
    with pytest.raises(FileEmpty):
        coming.begin(desk, office.me, Offer("a", "", 0))
    with pytest.raises(FileTooLarge):
        coming.begin(desk, office.me, Offer("a", "", 101))
    first = coming.begin(desk, office.me, Offer("a", "", 100))
    with pytest.raises(NoRoom):
        coming.begin(desk, office.me, Offer("b", "", 51))
    coming.add(desk, office.me, first.id, 0, b"x" * 100)
    until = handing.hand(desk, office.me, first.id, Wish((f"anl@{DOMAIN}",), 300))
    assert timedelta(days=2) < until - now() <= timedelta(days=3)
    office.store.db.write(lambda tx: ending.remove_tx(tx, first.id, "expired"), office.me)
    assert coming.begin(desk, office.me, Offer("b", "", 51)).received == 0
    off = desk_of(office.world, Settings(of={sent_files.NAME: Choice(Mode.OFF, small)}))
    with pytest.raises(TurnedOff):
        coming.begin(off, office.me, Offer("c", "", 1))


def test_a_file_goes_only_to_people_who_are_there_and_once(office: Office) -> None:
    file_id = office.came()
    for wrong, error in (
        ((), NoRecipients),
        ((f"khongco@{DOMAIN}",), RecipientUnknown),
        (("ai@noi-khac.example",), ExternalRecipientRefused),
    ):
        with pytest.raises(error):
            handing.hand(office.desk, office.me, file_id, Wish(wrong, 7))
    for number, moderated in enumerate((False, True)):
        settings = ListSettings(Posting.POSTERS, moderated=moderated)

        def make_tx(tx: Tx, name: str = f"ds{number}", settings: ListSettings = settings) -> None:
            mailing_changes.create_tx(tx, office.world.agency_id, name, name, settings)

        office.store.db.write(make_tx, office.me)
        with pytest.raises(PostingRefused):
            handing.hand(office.desk, office.me, file_id, Wish((f"ds{number}@{DOMAIN}", f"anl@{DOMAIN}"), 7))
    assert office.one("SELECT count(*) FROM sent_file_recipient") == 0
    handing.hand(office.desk, office.me, file_id, Wish((f"anl@{DOMAIN}", f"anl@{DOMAIN}"), 7))
    with pytest.raises(FileMissing):
        handing.hand(office.desk, office.me, file_id, Wish((f"anl@{DOMAIN}",), 7))
    assert office.one("SELECT count(*) FROM sent_file_recipient") == 1
    assert len(office.world.uids("anl", "INBOX")) == 1


def test_of_a_refused_file_nothing_is_left(office: Office) -> None:
    before = office.objects()
    for octets, name, rule in (
        (samples.PROGRAM, "báo cáo.pdf", "dangerous-files"),
        (OCTETS, "Công văn TUYỆT MẬT.bin", "forbidden-classes"),
    ):
        file_id = office.came(octets, name)
        with pytest.raises(PolicyRefused) as refused:
            handing.hand(office.desk, office.me, file_id, Wish((f"anl@{DOMAIN}",), 7))
        assert refused.value.verdict.rule == rule
        assert office.one(f"SELECT why FROM sent_file WHERE id = {file_id}") == "refused"
    assert office.objects() == before + 1, "what must not be in the system is gone at once"
    office.swept()
    assert office.objects() == before
    assert office.one("SELECT count(*) FROM event WHERE kind = 'policy.verdict'") == 2
    assert office.world.uids("anl", "INBOX") == []


def test_a_file_whose_time_is_over_goes_once_and_another_with_the_same_octets_stays(office: Office) -> None:
    short, long = office.sent("anl"), office.sent("anl", days=20)
    assert not ending.end_due(office.store, now() + timedelta(days=6))
    for _again in range(2):
        ending.end_due(office.store, now() + timedelta(days=8))
    assert office.one(f"SELECT why FROM sent_file WHERE id = {short}") == "expired"
    assert office.one("SELECT refs FROM blob WHERE size = 128000") == 1
    office.swept()
    assert office.content(short) == b"" and office.content(long) == OCTETS
    ending.end_due(office.store, now() + timedelta(days=21))
    office.swept()
    assert office.objects() == 0


def test_what_was_stopped_comes_back_for_an_hour(office: Office) -> None:
    file_id = office.sent("anl")
    write = office.store.db.write
    with pytest.raises(FileMissing):
        write(lambda tx: ending.stop_tx(tx, file_id), office.world.actor("anl"))
    write(lambda tx: ending.stop_tx(tx, file_id), office.me)
    with pytest.raises(Changed):
        write(lambda tx: ending.stop_tx(tx, file_id), office.me)
    with pytest.raises(FileMissing):
        office.store.db.read(lambda conn: reading.may_fetch(conn, office.world.actor("anl"), file_id, now()))
    ending.end_due(office.store, now() + timedelta(minutes=50))
    write(lambda tx: ending.reopen_tx(tx, file_id), office.me)
    assert office.store.db.read(lambda conn: reading.may_fetch(conn, office.world.actor("anl"), file_id, now()))
    write(lambda tx: ending.stop_tx(tx, file_id), office.me)
    ending.end_due(office.store, now() + timedelta(minutes=70))
    with pytest.raises(Changed):
        write(lambda tx: ending.reopen_tx(tx, file_id), office.me)
    assert office.one("SELECT why FROM sent_file") == "withdrawn"


def dies(place: str, work: Callable[[], object]) -> None:
    """Do it in a process that dies when it gets to `place`."""

    def die(*_args: object, **_options: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(place, die)
        with pytest.raises(Killed):
            work()


def test_a_process_that_dies_leaves_no_file_lost_and_no_octets_behind(office: Office) -> None:
    file = coming.begin(office.desk, office.me, Offer("a.bin", "", len(OCTETS), "mark"))
    dies(
        "mailserver.store.messages.hold_blob_tx", lambda: coming.add(office.desk, office.me, file.id, 0, OCTETS)
    )  # the piece is on the disk, nobody counts it
    assert (office.objects(), office.content(file.id)) == (1, b"")
    coming.add(office.desk, office.me, file.id, 0, OCTETS)
    wish = Wish((f"anl@{DOMAIN}",), 7)
    dies("mailserver.delivery.announcements.notify_tx", lambda: handing.hand(office.desk, office.me, file.id, wish))
    assert office.one("SELECT state FROM sent_file") == "coming"
    assert office.one("SELECT count(*) FROM sent_file_recipient") == 0
    handing.hand(office.desk, office.me, file.id, wish)
    assert len(office.world.uids("anl", "INBOX")) == 1
    late = now() + timedelta(days=8)
    dies("mailserver.store.messages.release_blob_tx", lambda: ending.end_due(office.store, late))
    assert office.content(file.id) == OCTETS
    ending.end_due(office.store, late)
    office.swept()
    assert office.objects() == 0


def test_a_piece_that_nobody_counted_is_collected(office: Office) -> None:
    file = coming.begin(office.desk, office.me, Offer("a.bin", "", len(OCTETS)))
    dies("mailserver.store.messages.hold_blob_tx", lambda: coming.add(office.desk, office.me, file.id, 0, OCTETS))
    office.swept()
    assert office.objects() == 0


def test_what_is_never_sent_goes_by_itself(office: Office) -> None:
    file_id = office.came()
    ending.end_due(office.store, now() + timedelta(hours=47))
    assert office.content(file_id) == OCTETS
    ending.end_due(office.store, now() + timedelta(hours=49))
    assert office.one("SELECT why FROM sent_file") == "abandoned"


def test_it_is_asked_again_before_it_goes(office: Office) -> None:
    """Its sender may have kept it longer after the list was made."""
    file_id = office.sent("anl")
    late = now() + timedelta(days=8)

    def extend_tx(tx: Tx) -> None:
        ending.extend_tx(tx, office.desk, file_id, 20)

    office.store.db.write(extend_tx, office.me)
    office.store.db.write(lambda tx: ending._end_tx(tx, file_id, "expired", late), office.me)
    assert office.content(file_id) == OCTETS
