"""The command line on an installation of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from tests.e2e.product import Product
from tests.support.dnsserver import DnsServer

PASSWORD = "mật khẩu của An 2026"


def run(config: Path, *words: str, stdin: str = "") -> Result:
    """`vanthu --config CONFIG WORDS` to its end, whatever its status."""
    return CliRunner().invoke(main, ["--config", str(config), *words], input=stdin, catch_exceptions=False)


def test_a_wrong_key_ends_with_status_two_and_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "vanthu.toml"
    config.write_text('data_dir = "data"\ndomain = "sxd.test"\n[smtp]\nmxs = []\n', encoding="utf-8")
    done = run(config, "init")
    assert done.exit_code == 2
    assert "smtp.mxs" in done.stderr
    assert str(config) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_a_command_before_init_says_what_to_do(tmp_path: Path) -> None:
    product = Product(tmp_path)
    done = run(product.config, "user", "lock", "an@bench.test")
    assert done.exit_code == 1
    assert "vanthu init" in done.stderr


def test_init_may_be_repeated_and_makes_private_keys(tmp_path: Path) -> None:
    product = Product(tmp_path, domain="sxd.test")
    first = run(
        product.config, "init", "--agency-code", "SXD", "--agency-name", "Sở Xây dựng", "--admin", "it@sxd.test"
    )
    assert first.exit_code == 0
    assert re.search(r"it@sxd\.test.*: \S{12,}", first.stdout)
    again = run(product.config, "init")
    assert again.exit_code == 0
    words = ("init", "--agency-code", "QLXD", "--admin", "it@sxd.test")
    whole = run(product.config, *words)
    assert (whole.exit_code, "giữ nguyên" in whole.stdout) == (0, True)
    assert "it@sxd.test đã có" in whole.stdout
    run(product.config, "user", "add", "an@sxd.test", "--name", "Lê Ân")
    assert run(product.config, "init", "--admin", "an@sxd.test").exit_code == 1
    for name in ("tls/key.pem", "web.key"):
        assert (product.data / name).stat().st_mode & 0o077 == 0
    assert run(product.config, "init", "--profile", "none").exit_code == 2


@pytest.mark.parametrize(
    ("words", "environ", "told"),
    [
        ((), {}, "Không có thư"),
        ((), {"LANG": "en_US.UTF-8"}, "Nothing is waiting"),
        (("--lang", "en"), {}, "Nothing is waiting"),
    ],
)
def test_the_program_speaks_the_language_asked_for(
    product: Product, words: tuple[str, ...], environ: dict[str, str], told: str
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VANTHU_", "LANG", "LC_"))}
    command = [*product.vanthu(), *words, "queue", "list"]
    assert told in subprocess.run(command, capture_output=True, text=True, check=True, env=clean | environ).stdout


def test_accounts_are_made_locked_and_opened(product: Product) -> None:
    config = product.config
    made = run(config, "user", "add", "an@sxd.test", "--name", "Lê Ân", "--password-stdin", stdin=PASSWORD + "\n")
    assert made.exit_code == 0
    twice = run(config, "user", "add", "an@sxd.test", "--name", "Lê Ân", "--password-stdin", stdin=PASSWORD)
    assert (twice.exit_code, "an@sxd.test" in twice.stderr) == (1, True)
    told = run(config, "user", "passwd", "an@sxd.test")
    assert re.search(r"\S{4}-\S{4}-\S{4}$", told.stdout.strip())
    assert run(config, "user", "lock", "an@sxd.test").exit_code == 0
    assert run(config, "user", "unlock", "an@sxd.test").exit_code == 0
    assert run(config, "user", "lock", "nobody@sxd.test").exit_code == 1
    assert run(config, "user", "add", "x@elsewhere.test", "--name", "X").exit_code == 1
    unknown = run(config, "user", "add", "z@sxd.test", "--name", "Z", "--role", "clark")
    assert (unknown.exit_code, "clark" in unknown.stderr, "registry" in unknown.stderr) == (1, True, True)
    assert run(config, "user", "add", "z@sxd.test", "--name", "Z", "--role", "registry").exit_code == 0
    assert run(config, "user", "add", "y@sxd.test", "--name", "Y", "--password-stdin").exit_code == 2


def test_who_leaves_is_noted_and_taken_back(product: Product) -> None:
    config = product.config
    for name in ("an", "binh"):
        run(config, "user", "add", f"{name}@sxd.test", "--name", "Lê Ân", "--password-stdin", stdin=PASSWORD)
    words = ("an@sxd.test", "--from", "01/12/2099", "--approved", "Quyết định 402/QĐ-SXD")
    assert run(config, "user", "retire", *words, "--successor", "nobody@sxd.test").exit_code == 1
    assert run(config, "user", "retire", *words, "--successor", "an@sxd.test").exit_code == 1
    noted = run(config, "user", "retire", *words, "--successor", "binh@sxd.test")
    assert (noted.exit_code, "2099" in noted.stdout) == (0, True)
    assert run(config, "user", "transfer", *words).exit_code == 1
    assert run(config, "user", "stay", "an@sxd.test").exit_code == 0
    assert run(config, "user", "stay", "an@sxd.test").exit_code == 1
    assert run(config, "user", "transfer", *words).exit_code == 0


def test_imap_capabilities_are_hidden_from_one_account(product: Product) -> None:
    run(product.config, "user", "add", "an@sxd.test", "--name", "Lê Ân", "--password-stdin", stdin=PASSWORD)
    words = ("user", "capabilities", "an@sxd.test")
    assert "QRESYNC, UTF8=ACCEPT" in run(product.config, *words, "--hide", "qresync,utf8=accept").stdout
    assert "QRESYNC" not in run(product.config, *words, "--show", "QRESYNC").stdout
    assert "UTF8=ACCEPT" in run(product.config, *words).stdout
    refused = run(product.config, *words, "--hide", "imap4rev1")
    assert (refused.exit_code, "IMAP4REV1" in refused.stderr) == (1, True)
    assert run(product.config, "user", "capabilities", "nobody@sxd.test").exit_code == 1


def test_a_list_of_people_is_shown_first_then_made_once(product: Product, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("Họ và tên;Tài khoản\nNguyễn Văn Minh;\nTrần Thị Mai;mai\nX;a b\n", encoding="utf-8")
    shown = run(product.config, "user", "import", str(table), "--dry-run")
    assert "minhnv@sxd.test" in shown.stdout
    done = run(product.config, "user", "import", str(table))
    assert done.exit_code == 1, "one row has no valid address"
    assert {"minhnv@sxd.test", "mai@sxd.test"} < set(done.stdout.split())
    again = run(product.config, "user", "import", str(table)).stdout
    assert again.count("đã có") == 3  # two rows and the sum


def test_rights_are_given_and_taken_back(staffed: Product) -> None:
    words = ("mailbox", "delegate", "an@sxd.test", "binh@sxd.test")
    assert run(staffed.config, *words, "--rights", "read,handle", "--until", "2099-01-31").exit_code == 0
    assert "1" in run(staffed.config, *words, "--revoke").stdout
    assert "0" in run(staffed.config, *words, "--revoke").stdout
    assert run(staffed.config, *words, "--rights", "everything").exit_code == 2
    assert run(staffed.config, "mailbox", "delegate", "an@sxd.test", "nobody@sxd.test").exit_code == 1


def test_flags_of_a_mailbox_are_shared_or_personal(staffed: Product) -> None:
    words = ("mailbox", "flags", "an@sxd.test")
    assert "seen chung, flagged chung" in run(staffed.config, *words).stdout
    assert "seen riêng từng người, flagged chung" in run(staffed.config, *words, "--seen", "personal").stdout
    assert "seen riêng từng người, flagged chung" in run(staffed.config, *words, "--flagged", "shared").stdout
    assert run(staffed.config, *words, "--seen", "nobody").exit_code == 2
    assert run(staffed.config, "mailbox", "flags", "nobody@sxd.test").exit_code == 1


def test_a_mailbox_may_hold_so_much(staffed: Product) -> None:
    words = ("mailbox", "quota", "an@sxd.test")
    assert "0 byte / không giới hạn; 0 thư / không giới hạn" in run(staffed.config, *words).stdout
    assert run(staffed.config, "mailbox", "quota", "sxd@sxd.test", "--members", "--storage", "2G").exit_code == 0
    assert f"0 byte / {2 * 1024**3}; 0 thư / 50." in run(staffed.config, *words, "--messages", "50").stdout
    assert "0 byte / không giới hạn; 0 thư / 50." in run(staffed.config, *words, "--storage", "none").stdout
    told = run(staffed.config, *words, "--storage", "default", "--messages", "default").stdout
    assert f"0 byte / {2 * 1024**3}; 0 thư / không giới hạn." in told
    assert run(staffed.config, *words, "--storage", "much").exit_code == 2


def test_dns_records_are_printed_without_any_dns(product: Product) -> None:
    told = run(product.config, "domain", "dns", "--no-check").stdout
    assert "sxd.test. IN MX 10 mail.sxd.test." in told
    assert 'sxd.test. IN TXT "v=spf1 mx -all"' in told
    assert f"_submission._tcp.sxd.test. IN SRV 10 1 {product.ports.submission} mail.sxd.test." in told
    assert "_imaps._tcp.sxd.test. IN SRV 0 0 0 ." in told
    assert re.search(r'^v\d{6}\._domainkey\.sxd\.test\. IN TXT "v=DKIM1; k=rsa; p=MII', told, re.MULTILINE)
    assert run(product.config, "domain", "dns", "--domain", "elsewhere.test").exit_code == 2


def test_a_key_is_changed_once_its_record_is_in_dns(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    config = product.config
    with DnsServer() as server:
        monkeypatch.setenv("VANTHU_DNS__SERVERS", f"127.0.0.1:{server.address.port}")
        assert run(config, "domain", "dns").exit_code == 0
        assert run(config, "domain", "dns", "--check").exit_code == 1
        made = run(config, "domain", "rotate-key").stdout
        name, selector = re.search(r"^((v\d{6}-2)\._domainkey\.sxd\.test)\.", made).groups()  # type: ignore[union-attr]
        early = run(config, "domain", "activate-key", selector)
        assert (early.exit_code, name in early.stderr) == (1, True)
        server.put(name, "TXT", "".join(re.findall(r'"([^"]*)"', made)))
        assert run(config, "domain", "activate-key", selector).exit_code == 0
        assert run(config, "domain", "activate-key", "v1").exit_code == 2
        for line in run(config, "domain", "dns", "--no-check").stdout.splitlines():
            owner, _, kind, value = line.split(" ", 3)
            server.put(owner, kind, "".join(re.findall(r'"([^"]*)"', value)) if kind == "TXT" else value)
        checked = run(config, "domain", "dns", "--check")
        assert (checked.exit_code, checked.stdout.count("_domainkey")) == (0, 2)


def test_the_rule_for_senders_is_set_and_tried(product: Product) -> None:
    assert run(product.config, "policy", "set-senders", "junk", "--agency", "SXD").exit_code == 0
    assert run(product.config, "policy", "set-senders", "default").exit_code == 0
    assert run(product.config, "policy", "set-senders", "everything").exit_code == 2
    tried = run(product.config, "policy", "dry-run", "--rule", "sender-authentication", "--mode", "reject")
    assert (tried.exit_code, "sender-authentication" in tried.stdout) == (0, True)
    tried = run(product.config, "policy", "dry-run", "--rule", "forward-consent", "--set", "border=unit")
    assert (tried.exit_code, "forward-consent" in tried.stdout) == (0, True)
    assert run(product.config, "policy", "dry-run", "--rule", "forward-consent", "--set", "border=x").exit_code != 0
    assert run(product.config, "policy", "dry-run", "--rule", "nonsense").exit_code != 0
    told = run(product.config, "policy", "history", "sender-authentication").stdout
    assert "mode: reject → junk" in told
    assert "mode: junk → reject" in told


def test_a_new_installation_has_no_faults(product: Product) -> None:
    assert "không có lỗi" in run(product.config, "fsck").stdout
    assert run(product.config, "reindex").exit_code == 0


@pytest.mark.parametrize("words", [("serve", "--nonsense"), ("nonsense",), ("user",)])
def test_a_wrong_call_is_a_wrong_call(product: Product, words: tuple[str, ...]) -> None:
    assert run(product.config, *words).exit_code == 2


def test_serving_nothing_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "vanthu.toml"
    config.write_text('data_dir = "data"\ndomain = "sxd.test"\n', encoding="utf-8")
    done = run(config, "serve")
    assert done.exit_code == 2
    assert "smtp.mx" in done.stderr


def test_lists_are_made_filled_and_shown(tmp_path: Path) -> None:
    product = Product(tmp_path, domain="sxd.test")
    assert run(product.config, "init", "--admin", "it@sxd.test").exit_code == 0
    people, address = tmp_path / "nguoi.csv", "thongbao@sxd.test"
    people.write_text("it@sxd.test\nkhong@sxd.test\nba@far.test\n", encoding="utf-8")

    def list_(*words: str) -> Result:
        return run(product.config, "list", *words)

    assert list_("add", address, "--title", "Thông báo", "--posting", "posters", "--size", "5").exit_code == 0
    assert list_("add", address, "--title", "Thông báo").exit_code == 1
    looked = list_("import", address, str(people), "--dry-run")
    said = [line.split()[1] for line in looked.stdout.splitlines()]
    assert looked.exit_code == 1 and said == ["new", "unknown", "not-taken"]
    assert "member:" not in list_("show", address).stdout
    assert list_("set", address, "--outside", "--moderated", "--leave").exit_code == 0
    assert list_("import", address, str(people)).exit_code == 1
    assert list_("owner", address, "it@sxd.test").exit_code == list_("poster", address, "it@sxd.test").exit_code == 0
    told = list_("show", address).stdout
    assert "posting=posters moderated=yes size=5 reply-to=author" in told and "leave=yes outside=yes" in told
    assert "owner: it@sxd.test" in told and "poster: it@sxd.test" in told
    assert "member: it@sxd.test" in told and "member: ba@far.test" in told
    assert list_("member", address, "ba@far.test", "--remove").exit_code == 0
    assert list_("close", address, "--reason", "thôi").exit_code == 0
    assert "(locked)" in list_("show", address).stdout and address in list_("show").stdout
    assert list_("member", address, address).exit_code == 1
