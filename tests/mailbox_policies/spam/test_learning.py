"""What the worker learns is counted once, whenever it is killed, and can be taken back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from mailbox_policies.spam import counts, learning, lessons, moves, pruning, senders
from mailbox_policies.spam.counts import Changes
from mailbox_policies.spam.model import Count
from mailbox_policies.spam.scopes import scopes_of
from mailbox_policies.spam.signals import Acquaintance
from mailserver.actor import SYSTEM, Actor
from mailserver.delivery.mailboxes import deliver_tx
from mailserver.delivery.outside import Parcel
from mailserver.directory import grants
from mailserver.outbound.parcels import enqueue_tx
from mailserver.store import acl, folders, ingest, raw
from mailserver.store.collect import collect_garbage
from mailserver.store.flagging import FlagChange, store_flags_tx
from mailserver.store.removal import expunge_tx
from mailserver.store.store import Store
from mailserver.store.transfers import move_tx
from mailserver.store.tx import Tx
from tests.support.filtering import learned, samples, work
from tests.support.office import Office, found_office


@pytest.fixture
def office(store: Store) -> Office:
    return found_office(store)


def put(office: Office, who: str, octets: bytes) -> int:
    """The message's number, in somebody's INBOX."""
    prepared = ingest.prepare(octets, office.store.blobs)

    def work(tx: Tx) -> int:
        message_pk = ingest.store_message_tx(tx, prepared)
        deliver_tx(tx, message_pk, [office.ids[who]])
        return message_pk

    return office.store.db.write(work, SYSTEM)


def move(office: Office, who: str, source: str, target: str, actor: Actor | None = None) -> None:
    """All that is in a folder; by its owner."""

    def work(tx: Tx) -> None:
        own = office.ids[who]
        there = folders.get(tx.conn, own, source)
        move_tx(tx, there.id, list(range(1, there.uidnext)), folders.get(tx.conn, own, target).id)

    office.store.db.write(work, actor or Actor(office.ids[who], office.agency_id, "imap"))


def features(store: Store) -> list[tuple[int, ...]]:
    query = "SELECT scope_id, feature, ham, spam FROM spam_feature ORDER BY scope_id, feature"
    return [tuple(row) for row in store.db.read(lambda conn: raw.rows(conn, query))]


def test_a_person_s_lessons_count_for_the_unit_and_the_agency_too(office: Office) -> None:
    unit, agency = office.ids["vanphong"], _agency(office)
    office.store.db.write(
        lambda tx: raw.run(tx.conn, "UPDATE person SET unit_id = ? WHERE principal_id = ?", (unit, office.ids["an"])),
        SYSTEM,
    )
    wanted = [office.ids[name] for name in ("an", "binh", "cvp", "vanphong")]
    found = office.store.db.read(lambda conn: scopes_of(conn, wanted))
    assert [found[one].all for one in wanted] == [
        tuple(sorted((wanted[0], unit, agency))),
        tuple(sorted((wanted[1], agency))),
        tuple(sorted((wanted[2], unit, agency))),
        tuple(sorted((unit, agency))),
    ]
    assert found[wanted[0]].used(own=False, unit=True, agency=False) == (unit,)
    _ham, [unwanted] = samples(1, 1, seed=1)
    put(office, "an", unwanted)
    move(office, "an", "INBOX", "Junk")
    work(office.store)
    assert [learned(office.store, one) for one in (wanted[0], unit, agency, wanted[1])] == [Count(0, 1)] * 3 + [Count()]


def _agency(office: Office) -> int:
    query = "SELECT id FROM principal WHERE kind = 'agency' AND agency_id = ?"
    row = office.store.db.read(lambda conn: raw.row(conn, query, (office.agency_id,)))
    assert row is not None
    return int(row[0])


def test_killed_between_any_two_steps_it_counts_each_message_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = office.store
    for octets in samples(0, 3, seed=1)[1]:
        put(office, "an", octets)
    move(office, "an", "INBOX", "Junk")

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # while it notes what was moved
        patch.setattr("mailserver.store.events.save_cursor_tx", dies)
        with pytest.raises(KeyboardInterrupt):
            moves.job()(store)
    assert store.db.read(lambda conn: lessons.waiting(conn, 9)) == []
    moves.job()(store)
    moves.job()(store)  # a new worker goes on from the kept place
    for broken in ("counts.Changes.apply_tx", "lessons.settle_tx"):  # while it learns
        with monkeypatch.context() as patch:
            patch.setattr(f"mailbox_policies.spam.{broken}", dies)
            with pytest.raises(KeyboardInterrupt):
                learning.learn(store)
        assert (learned(store, office.ids["an"]), features(store)) == (Count(), [])
    for _ in range(3):
        work(store)
        assert learned(store, office.ids["an"]) == Count(0, 3)
        assert max(row[3] for row in features(store)) == 3


def test_a_correction_leaves_the_counts_as_if_it_had_always_been_so(office: Office) -> None:
    store = office.store
    for octets in samples(2, 2, seed=1)[1]:
        put(office, "an", octets)
    move(office, "an", "INBOX", "Junk")
    work(store)
    as_spam = features(store)
    move(office, "an", "Junk", "Archive")
    work(store)
    assert learned(store, office.ids["an"]) == Count(2, 0)
    assert features(store) == [(scope, feature, spam, ham) for scope, feature, ham, spam in as_spam]
    move(office, "an", "Archive", "Junk")
    work(store)
    assert features(store) == as_spam


def test_saying_the_same_again_teaches_nothing_new(office: Office) -> None:
    put(office, "an", samples(0, 1, seed=1)[1][0])
    for _ in range(2):
        move(office, "an", "INBOX", "Junk")
        move(office, "an", "Junk", "Trash")
        move(office, "an", "Trash", "INBOX")
        work(office.store)
    assert learned(office.store, office.ids["an"]) == Count(0, 1)


def test_what_the_program_itself_moves_teaches_nothing(office: Office) -> None:
    put(office, "an", samples(0, 1, seed=1)[1][0])
    move(office, "an", "INBOX", "Junk", SYSTEM)
    move(office, "an", "Junk", "Archive", SYSTEM)
    work(office.store)
    assert learned(office.store, office.ids["an"]) == Count()


def test_mail_of_our_own_people_is_not_learned_from(office: Office) -> None:
    put(office, "an", b"From: binh@sct.test\r\nSubject: x\r\n\r\nlunch\r\n")
    move(office, "an", "INBOX", "Junk")
    work(office.store)
    assert (learned(office.store, office.ids["an"]), features(office.store)) == (Count(), [])
    assert office.store.db.read(lambda conn: lessons.waiting(conn, 9)) == []


def test_a_message_that_is_gone_before_it_is_learned_teaches_nothing(office: Office) -> None:
    store = office.store
    put(office, "an", samples(0, 1, seed=1)[1][0])
    move(office, "an", "INBOX", "Junk")
    moves.job()(store)
    store.db.write(lambda tx: expunge_tx(tx, folders.get(tx.conn, office.ids["an"], "Junk").id, [1]), SYSTEM)
    store.db.write(lambda tx: raw.run(tx.conn, "DELETE FROM removed_entry"), SYSTEM)  # its time in the vault is over
    collect_garbage(store.db, store.blobs, older_than=timedelta(seconds=-60))
    work(store)
    assert (learned(store, office.ids["an"]), store.db.read(lambda conn: lessons.waiting(conn, 9))) == (Count(), [])


def test_a_scope_keeps_so_many_features_and_the_rarest_go_first(office: Office) -> None:
    store = office.store
    changes = Changes()
    changes.learn([1], range(10), spam=True)
    changes.learn([1], range(6), spam=False)
    changes.learn([2], range(3), spam=True)
    store.db.write(lambda tx: changes.apply_tx(tx, tx.now.date()), SYSTEM)
    while pruning.prune(store, most=6, of_agency=6):
        pass
    assert [row[:2] for row in features(store)] == [*((1, one) for one in range(6)), *((2, one) for one in range(3))]
    taken = Changes()  # what was pruned meanwhile is not below nothing
    taken.unlearn([1], range(10), spam=True)
    store.db.write(lambda tx: taken.apply_tx(tx, tx.now.date()), SYSTEM)
    assert learned(store, 1) == Count(1, 0)
    assert features(store)[:6] == [(1, one, 1, 0) for one in range(6)]


def test_an_agency_keeps_more_of_them(office: Office) -> None:
    store = office.store
    agency = store.db.read(
        lambda conn: conn.exec_driver_sql("SELECT id FROM principal WHERE kind = 'agency'").scalar_one()
    )
    changes = Changes()
    changes.learn([agency, office.ids["an"]], range(10), spam=True)
    store.db.write(lambda tx: changes.apply_tx(tx, tx.now.date()), SYSTEM)
    while pruning.prune(store, most=6, of_agency=8):
        pass
    kept = Counter(row[0] for row in features(store))
    assert kept == {agency: 8, office.ids["an"]: 6}


def test_whom_our_people_write_to_is_known_and_reports_make_nobody_known(office: Office) -> None:
    store = office.store
    message_pk = put(office, "an", b"Subject: x\r\n\r\n")

    def send_tx(tx: Tx) -> None:
        tx.actor = Actor(office.ids["an"], office.agency_id, "smtp")
        enqueue_tx(tx, Parcel(message_pk, "an@sct.test", ("Ban@Friend.test",), "1", "1@x", 1))
        enqueue_tx(tx, Parcel(message_pk, "", ("other@friend.test",), "2", "2@x", 1))

    store.db.write(send_tx, SYSTEM)
    follow = senders.job()
    while follow(store):
        pass
    store.db.write(lambda tx: senders.met_tx(tx, office.agency_id, "ban@friend.test"), SYSTEM)
    store.db.write(lambda tx: senders.met_tx(tx, office.agency_id, "met@friend.test"), SYSTEM)

    def known(address: str) -> Acquaintance:
        found = store.db.read(lambda conn: senders.acquaintance(conn, [office.agency_id, -1], address))
        assert found[-1] is Acquaintance.NONE
        return found[office.agency_id]

    assert known("ban@friend.test") is Acquaintance.WRITTEN_TO
    assert known("met@friend.test") is Acquaintance.HEARD
    assert known("other@friend.test") is known("") is Acquaintance.NONE


def test_a_feature_has_the_same_number_everywhere_and_for_ever() -> None:
    assert counts.key("trúng thưởng") == 434673220680613329
    assert -(2**63) <= counts.key("\udcff") < 2**63


def test_keywords_teach_the_mailbox_they_are_set_in_by_whoever_may_move_its_mail(office: Office, store: Store) -> None:
    _ham, messages = samples(1, 3, seed=1)
    for who, octets in zip(("vanphong", "vanphong", "an"), messages, strict=True):
        put(office, who, octets)

    def share(tx: Tx) -> None:
        grants.grant_tx(tx, office.ids["vanphong"], office.ids["binh"], ["handle"], tx.now - timedelta(days=1))
        acl.put_tx(tx, folders.get(tx.conn, office.ids["an"], "INBOX").id, office.ids["chi"], frozenset("lrsw"))

    def mark(who: str | None, owner: str, uid: int, keyword: str) -> None:
        actor = SYSTEM if who is None else Actor(office.ids[who], office.agency_id, "imap")
        folder = store.db.read(lambda conn: folders.get(conn, office.ids[owner], "INBOX").id)
        store.db.write(lambda tx: store_flags_tx(tx, folder, [uid], FlagChange.ADD, 0, [keyword]), actor)
        work(store)

    store.db.write(share, SYSTEM)
    mark("binh", "vanphong", 1, "$Junk")
    assert learned(store, office.ids["vanphong"]) == Count(0, 1)
    mark("chi", "an", 1, "$Junk")  # may set flags, but not take mail away
    mark(None, "vanphong", 2, "$Junk")  # the program itself has no opinion
    assert (learned(store, office.ids["an"]), learned(store, office.ids["vanphong"])) == (Count(), Count(0, 1))
    mark("an", "an", 1, "$NotJunk")  # as Thunderbird does by itself
    mark("binh", "vanphong", 2, "Junk")
    mark("binh", "vanphong", 2, "$Label1")
    mark("binh", "vanphong", 1, "$NotJunk")
    assert learned(store, office.ids["vanphong"]) == Count(1, 1)
    assert learned(store, office.ids["binh"]) == learned(store, office.ids["an"]) == Count()
