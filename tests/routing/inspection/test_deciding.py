"""Orders as a service: who gives, who confirms, what they reach, how they end, when the owner learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mailserver.actor import SYSTEM
from mailserver.directory import agencies as directory
from mailserver.directory import grants
from mailserver.directory.principals import set_setting_tx
from mailserver.store import audit, entries, raw
from mailserver.store.collect import collect_garbage
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing.errors import DocumentMissing, Incomplete, NoSuchMove, NotYourTurn, RoutingError
from routing.inspection import access, deciding, ending, orders, reading
from routing.inspection.access import Act
from routing.inspection.orders import Order, State, Wish
from routing.standing import standing_of
from tests.routing.world import World, build
from tests.support.mail import letter
from tests.webmail.queue.test_views import make_admin


@pytest.fixture
def world(store: Store) -> World:
    """The mailbox of "anl" holds three letters; truongpk leads, diemttn and vinhbt confirm, khoivd inspects."""
    made = build(store)
    for number, subject in enumerate(("Báo giá của nhà thầu", "Lịch họp tuần", "Thư riêng"), 1):
        deliver(made, "anl", subject, number)
    return made


def deliver(world: World, local: str, subject: str, number: int) -> None:
    from mailserver.delivery.mailboxes import deliver_tx
    from mailserver.store.ingest import prepare, store_message_tx

    prepared = prepare(letter(subject, number=number), world.store.blobs)
    world.store.db.write(lambda tx: deliver_tx(tx, store_message_tx(tx, prepared), [world.id(local)]), SYSTEM)


def wish(world: World, owner: str = "anl", inspectors: tuple[str, ...] = ("khoivd",)) -> Wish:
    now = datetime.now(UTC)
    day = timedelta(days=1)
    named = tuple(sorted(world.id(one) for one in inspectors))
    first, last = (now - 2 * day).date(), (now + 2 * day).date()
    return Wish(world.id(owner), "Có dấu hiệu lộ báo giá", "12/QĐ-SXD", first, last, (), "", named, now + 5 * day)


def give(world: World, by: str = "truongpk", wanted: Wish | None = None) -> Order:
    wanted = wanted or wish(world)
    return world.store.db.write(lambda tx: deciding.order_tx(tx, world.store.blobs, wanted), world.actor(by))


def confirm(world: World, made: Order, by: str = "diemttn") -> Order:
    return world.store.db.write(lambda tx: deciding.confirm_tx(tx, world.store.blobs, made.id), world.actor(by))


def in_force(world: World, wanted: Wish | None = None) -> Order:
    return confirm(world, give(world, wanted=wanted))


def end(world: World, made: Order, by: str = "truongpk") -> Order:
    return world.store.db.write(lambda tx: deciding.end_tx(tx, world.store.blobs, made.id), world.actor(by))


def later(world: World, days: int) -> int:
    """What the worker finds to do so many days on."""
    return ending.settle(world.store, datetime.now(UTC) + timedelta(days=days))


def subjects(world: World, made: Order, by: str = "khoivd", words: str = "") -> list[str]:
    return [line.subject for line in reading.look(world.store, world.actor(by), made.id, words).lines]


def state(world: World, made: Order) -> State:
    return world.store.db.read(lambda conn: orders.get(conn, made.id)).state


def told(world: World, owner: str = "anl") -> int:
    return len(world.store.db.read(lambda conn: orders.told(conn, [world.id(owner)])))


def choose(world: World, key: str, value: int | str | bool | None) -> None:
    world.store.db.write(lambda tx: set_setting_tx(tx, world.agency_id, key, value), SYSTEM)


@pytest.mark.parametrize("by", ["khoivd", "diemttn", "anhhtk", "anl"])
def test_only_who_the_regulation_names_orders(world: World, by: str) -> None:
    with pytest.raises(NotYourTurn):
        give(world, by)
    assert give(world).state is State.WAITING


def test_where_the_regulation_has_no_inspections_nobody_orders(world: World) -> None:
    choose(world, "mail.inspection", False)
    with pytest.raises(NotYourTurn):
        give(world)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"inspectors": ()}, "inspectors"),
        ({"inspectors": (4711,)}, "inspectors"),
        ({"owner_id": 4711}, "owner"),
        ({"last_day": date(2020, 1, 1)}, "last_day"),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "ends_on"),
    ],
)
def test_an_order_says_whose_mailbox_why_when_and_by_whom(world: World, changed: dict[str, object], field: str) -> None:
    with pytest.raises(Incomplete) as refused:
        give(world, wanted=replace(wish(world), **changed))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_nobody_inspects_what_is_theirs_and_no_administrator_inspects(world: World) -> None:
    make_admin(world, world.agency_id, "tuanht")
    for owner, inspector in (("anl", "anl"), ("anl", "tuanht"), ("qlxd", "lamhs"), ("truongpk", "khoivd")):
        with pytest.raises(Incomplete):
            give(world, wanted=wish(world, owner, (inspector,)))
    give(world, wanted=wish(world, "qlxd", ("khoivd",)))


def test_a_second_person_confirms_and_neither_the_first_nor_an_inspector_nor_the_owner(world: World) -> None:
    made = give(world, wanted=wish(world, inspectors=("khoivd", "vinhbt")))
    for by, refusal in (("truongpk", NoSuchMove), ("vinhbt", RoutingError), ("khoivd", DocumentMissing),
                        ("anl", DocumentMissing), ("lamhs", DocumentMissing)):  # fmt: skip
        with pytest.raises(refusal):
            confirm(world, made, by)
        assert state(world, made) is State.WAITING
    with pytest.raises(DocumentMissing):
        subjects(world, made)
    assert confirm(world, made).decided_by_id == world.id("diemttn")
    assert subjects(world, made) == ["Thư riêng", "Lịch họp tuần", "Báo giá của nhà thầu"]
    with pytest.raises(NoSuchMove):
        confirm(world, made, "diemttn")


def test_a_confirmer_who_is_inspected_neither_sees_nor_confirms(world: World) -> None:
    made = give(world, wanted=wish(world, "diemttn"))
    with pytest.raises(DocumentMissing):
        confirm(world, made, "diemttn")
    now = datetime.now(UTC)

    def seen(by: str) -> int:
        return len(
            world.store.db.read(lambda conn: access.listing(conn, standing_of(conn, world.actor(by), now), now, 10))
        )

    assert [seen(by) for by in ("diemttn", "vinhbt", "truongpk", "khoivd")] == [0, 1, 1, 0]
    letters = {by: len(world.uids(by, "INBOX")) for by in ("diemttn", "vinhbt")}
    assert letters == {"diemttn": 0, "vinhbt": 1}


def test_it_is_taken_back_before_anybody_confirmed_and_then_holds_nothing(world: World) -> None:
    made = give(world)
    assert pins(world) == 3
    world.store.db.write(lambda tx: deciding.withdraw_tx(tx, made.id), world.actor("truongpk"))
    assert pins(world) == 0
    with pytest.raises(NoSuchMove):
        confirm(world, made)


def test_what_is_refused_opens_nothing(world: World) -> None:
    made = give(world)
    world.store.db.write(lambda tx: deciding.refuse_tx(tx, world.store.blobs, made.id), world.actor("vinhbt"))
    assert (state(world, made), pins(world)) == (State.REFUSED, 0)
    with pytest.raises(DocumentMissing):
        subjects(world, made)


def test_what_the_owner_deletes_meanwhile_is_still_there(world: World) -> None:
    made = give(world)
    for uid in world.uids("anl", "INBOX"):
        world.expunge("anl", "INBOX", uid, "anl")
    confirm(world, made)
    assert len(subjects(world, made)) == 3
    assert "Kính gửi" in reading.open_message(world.store, world.actor("khoivd"), made.id, 1).text
    end(world, made)
    assert pins(world) == 1, "what was opened is held until the order is closed"
    world.store.db.write(lambda tx: deciding.close_tx(tx, made.id), world.actor("truongpk"))
    assert pins(world) == 0


def test_it_reaches_only_its_days_folders_and_words(world: World) -> None:
    assert subjects(world, in_force(world, replace(wish(world), words="nhà thầu"))) == ["Báo giá của nhà thầu"]
    assert subjects(world, in_force(world, replace(wish(world), folders=("Sent",)))) == []
    past = date(2020, 1, 1)
    assert subjects(world, in_force(world, replace(wish(world), first_day=past, last_day=past))) == []
    whole = in_force(world)
    deliver(world, "anl", "Đến sau", 9)
    assert "Đến sau" not in subjects(world, whole)
    assert subjects(world, whole, words="nha thau") == ["Báo giá của nhà thầu"]
    assert reading.look(world.store, world.actor("khoivd"), whole.id, "không đâu có").total == 0


def test_reading_changes_nothing_in_the_mailbox(world: World) -> None:
    before = mailbox(world)
    made = in_force(world)
    for number in (1, 2, 3):
        reading.open_message(world.store, world.actor("khoivd"), made.id, number)
        reading.download(world.store, world.actor("khoivd"), made.id, number)
    assert mailbox(world) == before


def test_it_ends_by_itself_and_early_and_then_opens_nothing(world: World) -> None:
    made, other = in_force(world), in_force(world)
    end(world, other, "diemttn")
    assert later(world, 4) == 0
    assert later(world, 6) == 1
    for one in (made, other):
        assert state(world, one) is State.ENDED
        with pytest.raises(DocumentMissing):
            reading.open_message(world.store, world.actor("khoivd"), one.id, 1)
        with pytest.raises(DocumentMissing):
            subjects(world, one)


def test_one_agencys_mistake_in_its_profile_stops_no_other_agencys_ending(world: World) -> None:
    def broken_tx(tx: Tx) -> int:
        return directory.create_agency_tx(tx, "SYT", "Sở Y tế", "syt.test", "hungbinh")

    first, second = in_force(world), in_force(world)
    other = world.store.db.write(broken_tx, SYSTEM)
    change = "UPDATE inspection_order SET agency_id = ? WHERE id = ?"
    world.store.db.write(lambda tx: raw.run(tx.conn, change, (other, second.id)), SYSTEM)
    world.store.db.write(lambda tx: set_setting_tx(tx, other, "no.such.key", 1), SYSTEM)
    assert later(world, 6) == 1
    assert (state(world, first), state(world, second)) == (State.ENDED, State.CONFIRMED)
    world.store.db.write(lambda tx: set_setting_tx(tx, other, "no.such.key", None), SYSTEM)
    assert later(world, 6) == 1
    assert state(world, second) is State.ENDED


def test_past_its_day_nothing_opens_even_before_the_worker_looks(world: World) -> None:
    made = in_force(world)
    past = round((datetime.now(UTC) - timedelta(seconds=1)).timestamp() * 1000)
    world.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE inspection_order SET ends_at = ?", (past,)), SYSTEM)
    with pytest.raises(DocumentMissing):
        subjects(world, made)
    waiting = give(world)
    world.store.db.write(lambda tx: raw.run(tx.conn, "UPDATE inspection_order SET ends_at = ?", (past,)), SYSTEM)
    with pytest.raises(NoSuchMove):
        confirm(world, waiting)


@pytest.mark.parametrize("by", ["anl", "diemttn", "truongpk", "anhhtk", "lamhs"])
def test_only_the_inspectors_read(world: World, by: str) -> None:
    made = in_force(world)
    for look in (
        lambda: subjects(world, made, by),
        lambda: reading.open_message(world.store, world.actor(by), made.id, 1),
        lambda: reading.download(world.store, world.actor(by), made.id, 1),
        lambda: reading.open_file(world.store, world.actor(by), made.id, 1, "1"),
    ):
        with pytest.raises(DocumentMissing):
            look()
    with pytest.raises(DocumentMissing):
        reading.open_message(world.store, world.actor("khoivd"), made.id, 4)


def test_who_has_got_into_the_mailbox_meanwhile_inspects_no_more(world: World) -> None:
    made = in_force(world)
    world.store.db.write(
        lambda tx: grants.grant_tx(tx, world.id("anl"), world.id("khoivd"), ["read"], tx.now - timedelta(hours=1)),
        SYSTEM,
    )
    with pytest.raises(DocumentMissing):
        subjects(world, made)


def test_the_owner_learns_of_it_when_it_has_ended(world: World) -> None:
    made = in_force(world)
    assert (told(world), len(world.uids("anl", "INBOX"))) == (0, 3)
    end(world, made)
    assert (told(world), len(world.uids("anl", "INBOX"))) == (1, 3), "on the page, without a letter"


def test_the_owner_learns_of_it_at_once_where_the_profile_says_so(world: World) -> None:
    choose(world, "inspection.tell_owner", "at_once")
    in_force(world)
    assert told(world) == 1
    assert "kiểm tra theo lệnh số" in letter_text(world, "anl")


def test_the_owner_learns_of_it_after_days(world: World) -> None:
    choose(world, "inspection.tell_owner", "after_days")
    choose(world, "inspection.tell_after_days", 3)
    made = in_force(world)
    assert (later(world, 2), told(world)) == (0, 0)
    assert (later(world, 4), told(world)) == (1, 1)
    assert len(world.uids("anl", "INBOX")) == 4
    assert later(world, 4) == 0
    end(world, made)
    assert len(world.uids("anl", "INBOX")) == 4


def test_every_step_is_in_the_audit_and_the_chain_is_whole(world: World) -> None:
    made = in_force(world)
    subjects(world, made)
    subjects(world, made, words="thầu")
    reading.open_message(world.store, world.actor("khoivd"), made.id, 2)
    end(world, made)
    query = "SELECT action, detail FROM audit WHERE action LIKE 'inspection.%' ORDER BY id"
    found = world.store.db.read(lambda conn: raw.rows(conn, query))
    assert [action.removeprefix("inspection.") for action, _detail in found] == [
        "ordered", "confirmed", "listed", "searched", "opened", "ended", "told",
    ]  # fmt: skip
    details = [raw.from_json(detail) for _action, detail in found]
    assert {one["order"] for one in details} == {made.id}
    assert (details[2]["items"], details[3]["words"], details[4]["item"]) == ("1-3", "thầu", 2)
    assert world.store.db.read(audit.verify) is None


def test_garbage_leaves_what_an_order_holds(world: World) -> None:
    made = in_force(world)
    folder_id = world.folder("anl", "INBOX")
    world.store.db.write(lambda tx: entries.expunge_tx(tx, folder_id, world.uids("anl", "INBOX")), SYSTEM)
    collect_garbage(world.store.db, world.store.blobs)
    assert len(subjects(world, made)) == 3


def test_the_table_of_rights(world: World) -> None:
    made = in_force(world)
    now = datetime.now(UTC)

    def acts(by: str, at: datetime = now) -> set[Act]:
        found = world.store.db.read(lambda conn: orders.get(conn, made.id))
        return set(world.store.db.read(lambda conn: access.acts_of(standing_of(conn, world.actor(by), now), found, at)))

    assert acts("truongpk") == {Act.SEE, Act.END, Act.MINUTES}
    assert acts("diemttn") == {Act.SEE, Act.END}
    assert acts("khoivd") == {Act.SEE, Act.READ, Act.MINUTES}
    assert acts("anl") == acts("lamhs") == acts("anhhtk") == set()
    after = now + timedelta(days=6)
    assert acts("truongpk", after) == {Act.SEE, Act.MINUTES, Act.CLOSE}
    assert acts("khoivd", after) == {Act.SEE, Act.MINUTES}


def pins(world: World) -> int:
    (count,) = world.store.db.read(lambda conn: raw.row(conn, "SELECT coalesce(sum(pins), 0) FROM message")) or (0,)
    return int(count)


def mailbox(world: World) -> list[object]:
    """Every value of the owner's folders and entries."""

    def read(conn: object) -> list[object]:
        queries = (
            "SELECT * FROM folder WHERE owner_id = ? ORDER BY id",
            "SELECT e.* FROM entry e JOIN folder f ON f.id = e.folder_id WHERE f.owner_id = ? ORDER BY 1, 2",
            "SELECT p.* FROM personal_flag p JOIN folder f ON f.id = p.folder_id WHERE f.owner_id = ? ORDER BY 1, 2, 3",
        )
        return [raw.rows(conn, query, (world.id("anl"),)) for query in queries]  # type: ignore[arg-type]

    return world.store.db.read(read)


def letter_text(world: World, who: str) -> str:
    from mailserver.mime.body import text_of
    from mailserver.mime.scan import scan

    octets = world.octets(who, "INBOX")
    part = scan(octets).structure.root
    return text_of(octets[slice(*part.body)], part)
