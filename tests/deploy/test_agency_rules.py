"""The settings of each agency's rules: profile, own settings, vanthu.toml."""

from __future__ import annotations

import asyncio
import smtplib

import pytest
from click.testing import CliRunner, Result

from deploy.agency_rules import AgencyRules
from deploy.cli import main
from mailbox_policies.rules import forbidden_classes
from mailbox_policies.rules.forbidden_classes import Class
from mailbox_policies.rules.message_size import RULE as SIZE
from mailbox_policies.rules.message_size import Counts, Settings, announced_size
from mailbox_policies.rules.sender_authentication import RULE as SENDERS
from mailbox_policies.rules.sender_authentication import Mode
from mailbox_policies.rules.sender_authentication import Settings as SenderSettings
from mailserver.actor import SYSTEM
from mailserver.directory import principals
from mailserver.store.store import Store
from tests.deploy.waiting import eventually
from tests.e2e.product import Product

KEY = "mail.message_size_limit"
DEFAULT = Settings(5_000_000, Counts.WIRE)


def make(store: Store, code: str, profile: str) -> int:
    domain = f"{code.lower()}.test"
    return store.db.write(lambda tx: principals.create_agency_tx(tx, code, f"Sở {code}", domain, profile), SYSTEM)


def put(store: Store, agency_id: int, value: int | str | None, key: str = KEY) -> None:
    store.db.write(lambda tx: principals.set_setting_tx(tx, agency_id, key, value), SYSTEM)


def test_the_agency_wins_over_its_profile_and_the_profile_over_the_installation(store: Store) -> None:
    by_profile, by_default, own = make(store, "A", "hungbinh"), make(store, "B", "qn"), make(store, "C", "hungbinh")
    put(store, own, 1_000)
    rules = AgencyRules(store.db, DEFAULT)
    assert rules.message_size(by_profile) == Settings(10_485_760, Counts.DECODED, whose="Sở A")
    assert rules.message_size(by_default) == Settings(5_000_000, Counts.WIRE, whose="Sở B")
    assert rules.message_size(own) == Settings(1_000, Counts.DECODED, whose="Sở C")
    assert rules.of(own).get(SIZE) == rules.message_size(own)
    assert rules.announced_size() == announced_size(rules.message_size(by_profile))
    put(store, own, 0)
    assert AgencyRules(store.db, DEFAULT).announced_size() == 0
    put(store, own, None)
    assert AgencyRules(store.db, DEFAULT).message_size(own).limit == 10_485_760


def test_each_agency_goes_its_own_way_with_senders(store: Store) -> None:
    own, other = make(store, "A", "qn"), make(store, "B", "qn")
    put(store, own, "junk", "mail.sender_authentication")
    rules = AgencyRules(store.db, DEFAULT, SenderSettings(Mode.ANNOTATE))
    modes = [rules.of(one).get(SENDERS).mode for one in (own, other, None)]
    assert modes == [Mode.JUNK, Mode.ANNOTATE, Mode.ANNOTATE]
    put(store, own, "hang them", "mail.sender_authentication")
    assert AgencyRules(store.db, DEFAULT).of(own).get(SENDERS).mode is Mode.REJECT


def test_the_profile_says_which_classes_are_kept_out_and_the_agency_may_choose_otherwise(store: Store) -> None:
    city, province = make(store, "A", "kt"), make(store, "B", "db")
    rules = AgencyRules(store.db, DEFAULT)
    kept_out = [rules.of(one).get(forbidden_classes.RULE).classes for one in (city, province, None)]
    assert kept_out == [frozenset(Class), {Class.SECRET}, {Class.SECRET}]


def test_without_an_agency_the_installation_has_the_word(store: Store) -> None:
    assert AgencyRules(store.db, DEFAULT).announced_size() == 5_000_000


@pytest.mark.parametrize(("key", "value"), [(KEY, "big"), (KEY, -1), ("mail.nonsense", 1)])
def test_a_wrong_setting_leaves_the_installations_limit(store: Store, key: str, value: int | str) -> None:
    wrong, sound = make(store, "A", "hungbinh"), make(store, "B", "hungbinh")
    put(store, wrong, value, key)
    rules = AgencyRules(store.db, DEFAULT)
    assert (rules.message_size(wrong).limit, rules.message_size(sound).limit) == (5_000_000, 10_485_760)


async def test_changes_and_new_agencies_are_followed(store: Store) -> None:
    first = make(store, "A", "hungbinh")
    rules = AgencyRules(store.db, DEFAULT)
    changed = asyncio.Event()
    await store.feed.start()
    rules.follow(store.feed, changed.set)
    await asyncio.to_thread(put, store, first, 7_000)
    async with asyncio.timeout(60):
        await changed.wait()
    assert rules.message_size(None).limit == 7_000
    changed.clear()
    second = await asyncio.to_thread(make, store, "B", "qn")
    async with asyncio.timeout(60):
        await changed.wait()
    assert rules.message_size(None) == rules.message_size(second)
    await store.feed.stop()


def test_the_command_changes_what_the_running_doors_announce(product: Product) -> None:
    product.start()
    assert announced(product) == announced_size(Settings(10_485_760))
    for words, limit in ((("300000", "--agency", "SXD"), 300_000), (("default",), 10_485_760)):
        done = run(product, *words)
        assert done.exit_code == 0, done.output
        wanted = announced_size(Settings(limit))
        eventually(lambda wanted=wanted: announced(product) == wanted)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("words", "told"),
    [(("10MB",), "không phải số byte"), (("-1",), ""), (("5", "--agency", "X"), "Không có cơ quan X")],
)
def test_the_command_refuses_what_makes_no_sense(product: Product, words: tuple[str, ...], told: str) -> None:
    done = run(product, *words)
    assert done.exit_code != 0
    assert told in done.stderr


def run(product: Product, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(product.config), "policy", "set", *words], catch_exceptions=False)


def announced(product: Product) -> int:
    with smtplib.SMTP("127.0.0.1", product.ports.smtp, timeout=60) as client:
        client.ehlo()
        return int(client.esmtp_features["size"])


def test_the_command_changes_how_far_a_rule_goes(product: Product) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(main, ["--config", str(product.config), "policy", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    run(product, "300000", "--agency", "SXD")
    said("mode", "message-size", "trial", "--agency", "SXD")
    assert "message-size             trial    limit=300000" in said("list", "--agency", "SXD")
    said("mode", "message-size", "default", "--agency", "SXD")
    assert "message-size             enforce  limit=300000" in said("list", "--agency", "SXD")
    wrong = CliRunner().invoke(main, ["--config", str(product.config), "policy", "mode", "nonsense", "off"])
    assert wrong.exit_code != 0
    assert "message-size" in wrong.stderr
