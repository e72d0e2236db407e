"""The demo's directory: agency, units, posts, people, groups and shared folders."""

from __future__ import annotations

from collections.abc import Callable

from deploy import agencies
from deploy.demo.passwords import Passwords
from deploy.demo.tables import DemoAgency, DemoPerson
from deploy.lang import t
from deploy.stores import ADMIN
from mailserver.boards.kinds import BoardKind
from mailserver.directory import credentials, principals
from mailserver.store import folders
from mailserver.store.database import Tx
from mailserver.store.store import Store
from routing import boards, setup

Step = Callable[[], None]


class NotTheDemo(Exception):
    """The demo's domain belongs to an agency with people of its own; the text is for the administrator."""


def make(store: Store, demo: DemoAgency, passwords: Passwords, step: Step) -> None:
    """Make whatever of the agency is missing. `step` is called after every account. Raises NotTheDemo."""
    agency_id = store.db.write(lambda tx: _agency_tx(tx, demo), ADMIN)
    store.db.write(lambda tx: _units_tx(tx, agency_id, demo), ADMIN)
    for person in demo.people:
        _make_person(store, agency_id, demo, person, passwords)
        step()
    store.db.write(lambda tx: _posts_tx(tx, agency_id, demo), ADMIN)
    store.db.write(lambda tx: _groups_tx(tx, agency_id, demo), ADMIN)
    store.db.write(lambda tx: _shared_tx(tx, agency_id, demo), ADMIN)
    store.db.write(lambda tx: setup.prepare_agency_tx(tx, agency_id), ADMIN)


def _agency_tx(tx: Tx, demo: DemoAgency) -> int:
    found = principals.agency_of_domain(tx.conn, demo.domain)
    if found is None:
        return agencies.create_tx(tx, code=demo.code, name=demo.name, domain=demo.domain, profile=demo.profile)
    there = principals.agency_by_id(tx.conn, found)
    if (there.code, there.name, there.profile) == (demo.code, demo.name, demo.profile):
        return found
    if principals.people(tx.conn, found, with_left=True) or principals.units(tx.conn, found):
        raise NotTheDemo(
            t(
                f"Tên miền {demo.domain} đã là của “{there.name}”, đã có cán bộ; hãy tạo cơ quan mẫu ở thư mục dữ liệu"
                " khác (data_dir).",
                f"The domain {demo.domain} belongs to “{there.name}”, which has people already; make the demo agency"
                " in another data folder (data_dir).",
            )
        )
    # `vanthu init` made it, with a name and a profile of its own, and nobody has used it yet.
    principals.reorganise_tx(tx, found, code=demo.code, name=demo.name, profile=demo.profile)
    return found


def _units_tx(tx: Tx, agency_id: int, demo: DemoAgency) -> None:
    for position, unit in enumerate(demo.units):
        if _id_of(tx, demo, unit.local) is None:
            principals.create_unit_tx(tx, agency_id, unit.code, unit.name, unit.local, position=position)


def _make_person(store: Store, agency_id: int, demo: DemoAgency, person: DemoPerson, passwords: Passwords) -> None:
    """The password is on disk before the account is, so that no account is ever without."""
    address = f"{person.account}@{demo.domain}"
    password = passwords.of(address)

    def work(tx: Tx) -> None:
        if _id_of(tx, demo, person.account) is not None:
            return
        unit_id = _id_of(tx, demo, next(unit.local for unit in demo.units if unit.code == person.unit))
        data = principals.PersonData(
            person.family, person.middle, person.given, person.account, unit_id, roles=person.roles
        )
        person_id = principals.create_person_tx(tx, agency_id, data)
        credentials.set_password_tx(tx, person_id, password, must_change=True)

    store.db.write(work, ADMIN)


def _posts_tx(tx: Tx, agency_id: int, demo: DemoAgency) -> None:
    locals_ = {unit.code: unit.local for unit in demo.units}
    for post in demo.posts:
        unit_id, holder = _id_of(tx, demo, locals_[post.unit]), _id_of(tx, demo, post.holder)
        if _id_of(tx, demo, post.local) is None and unit_id is not None and holder is not None:
            post_id = principals.create_post_tx(tx, agency_id, unit_id, post.title, post.role, post.local)
            principals.appoint_tx(tx, post_id, holder, demo.since)


def _groups_tx(tx: Tx, agency_id: int, demo: DemoAgency) -> None:
    for group in demo.groups:
        if _id_of(tx, demo, group.local) is not None:
            continue
        group_id = principals.create_group_tx(tx, agency_id, group.name, group.local)
        for member in group.members:
            member_id = _id_of(tx, demo, member)
            assert member_id is not None
            principals.add_member_tx(tx, group_id, member_id)


def _shared_tx(tx: Tx, agency_id: int, demo: DemoAgency) -> None:
    owner = principals.agency_mailbox(tx.conn, agency_id).id
    for name, kind in demo.shared_folders:
        found = folders.find(tx.conn, owner, name)
        if found is None or found.behaviour is None:
            boards.create_tx(tx, agency_id, name, BoardKind(kind))


def _id_of(tx: Tx, demo: DemoAgency, local: str) -> int | None:
    found = principals.by_address(tx.conn, f"{local}@{demo.domain}")
    return None if found is None else found.id
