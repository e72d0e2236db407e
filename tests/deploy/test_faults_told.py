"""What an administrator does wrong, or finds broken: one sentence, the right status, never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.beginning import CannotBegin, check
from deploy.cli import main
from deploy.config import load
from tests.e2e.product import Product
from tests.support.ports import free_port

# Root may read and write everything, but for this.
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def told(product: Product, *words: str) -> tuple[int, str]:
    """Status and standard error of `vanthu WORDS`; what is told by no sentence is raised."""
    arguments = ["--config", str(product.config), *words]
    done = CliRunner().invoke(main, arguments, prog_name="vanthu", catch_exceptions=False)
    return done.exit_code, done.stderr


def served(product: Product, *words: str, prefix: Sequence[str] = ()) -> tuple[int, str]:
    """The same in a process of its own."""
    command = [*prefix, *product.vanthu(), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def extended(product: Product, section: str) -> None:
    with product.config.open("a", encoding="utf-8") as file:
        file.write(section)


@pytest.mark.parametrize("command", ["init", "serve", "demo", "fsck"])
def test_a_folder_that_may_not_be_written(tmp_path: Path, command: str) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    product = Product(tmp_path)
    product.config.write_text(
        product.config.read_text().replace(str(product.data), f"{tmp_path}/closed/data"), encoding="utf-8"
    )
    status, said = served(product, command, prefix=WITHOUT_RIGHTS)
    assert status == 1
    assert len(said.strip().splitlines()) == 1
    assert command == "fsck" or ("closed/data" in said and "không có quyền" in said)


@pytest.mark.parametrize("command", ["init", "serve"])
def test_a_database_that_may_not_be_written(product: Product, command: str) -> None:
    file = product.data / "vanthu.sqlite3"
    file.chmod(0o444)
    product.data.chmod(0o555)
    try:
        status, said = served(product, command, prefix=WITHOUT_RIGHTS)
    finally:
        product.data.chmod(0o755)
    assert (status, "database" in said) == (1, True)


@pytest.mark.parametrize("command", ["init", "serve", "fsck"])
def test_a_database_server_that_is_not_there(tmp_path: Path, command: str) -> None:
    product = Product(tmp_path, database=f"postgresql+psycopg://van:bi-mat@127.0.0.1:{free_port()}/thu")
    status, said = served(product, command) if command == "serve" else told(product, command)
    assert status == 1
    assert "127.0.0.1" in said and "bi-mat" not in said


@pytest.mark.parametrize("command", ["init", "serve", "fsck", "queue list", "backup elsewhere"])
def test_a_database_file_that_is_none(product: Product, command: str) -> None:
    (product.data / "vanthu.sqlite3").write_bytes(b"no database at all" * 300)
    status, said = served(product, command) if command == "serve" else told(product, *command.split())
    assert (status, "not a database" in said) == (1, True)


@pytest.mark.parametrize("command", ["fsck", "reindex"])
def test_a_database_with_damaged_pages(product: Product, command: str) -> None:
    file = product.data / "vanthu.sqlite3"
    octets = bytearray(file.read_bytes())
    octets[4096 * 20 :] = b"\xa5" * (len(octets) - 4096 * 20)
    file.write_bytes(octets)
    assert told(product, command)[0] == 1


def no_certificate(product: Product) -> str:
    extended(product, '[tls]\ncert = "absent.pem"\nkey = "absent.key"\n')
    return "absent.pem"


def broken_certificate(product: Product) -> str:
    (product.top / "broken.pem").write_text("-----BEGIN NONSENSE-----\n")
    extended(product, '[tls]\ncert = "broken.pem"\nkey = "broken.pem"\n')
    return "broken.pem"


def key_with_a_passphrase(product: Product) -> str:
    folder = load(product.config).data_dir / "tls"
    command = ["openssl", "pkey", "-aes128", "-passout", "pass:bi-mat", "-in", "key.pem", "-out", "locked.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    extended(product, f'[tls]\ncert = "{folder}/cert.pem"\nkey = "{folder}/locked.pem"\n')
    return "tls.key"


def no_password_file(product: Product) -> str:
    extended(product, '[outbound]\nenabled = true\nuser = "sxd"\npassword_file = "absent.password"\n')
    return "absent.password"


def cut_key(product: Product) -> str:
    file = product.data / "accounts.key"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:20])
    return "accounts.key"


def blobs_on_a_file(product: Product) -> str:
    (product.top / "file").touch()
    extended(product, f'[store]\nblobs = "file://{product.top}/file/blobs"\n')
    return "disk"


@pytest.mark.parametrize(
    "broken", [no_certificate, broken_certificate, key_with_a_passphrase, no_password_file, cut_key]
)
def test_what_no_process_could_begin_with_is_named(product: Product, broken: Callable[[Product], str]) -> None:
    word = broken(product)
    with pytest.raises(CannotBegin, match=re.escape(word)):
        check(load(product.config))


@pytest.mark.parametrize("broken", [no_certificate, blobs_on_a_file])
def test_a_server_that_cannot_begin_says_so_once(product: Product, broken: Callable[[Product], str]) -> None:
    word = broken(product)
    status, said = served(product, "serve")
    assert status == 1
    assert len(said.strip().splitlines()) == 1
    assert word in said


@pytest.mark.parametrize(
    "words",
    [
        ("queue", "delete", "99999999999999999999999"),
        ("queue", "show", "0"),
        ("queue", "retry"),
        ("queue", "retry", "x"),
        ("collector", "check", "99999999999999999999999"),
        ("redirect", "end", "99999999999999999999999"),
    ],
)
def test_numbers_that_no_message_has(product: Product, words: tuple[str, ...]) -> None:
    assert told(product, *words)[0] == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("user", "add"), "Thiếu ADDRESS."),
        (("user", "add", "a@sxd.test"), "Thiếu --name."),
        (("user", "add", "a@sxd.test", "--name"), "Tùy chọn --name cần một giá trị."),
        (("user", "lock", "a@sxd.test", "b"), "Thừa đối số: b."),
        (("user", "lokc"), "Không có lệnh “lokc” (có phải lock, unlock?)."),
        (("queue", "list", "--al"), "Không có tùy chọn --al (có phải --help?)."),
        (("queue", "show", "x"), "NUMBER không hợp lệ: cần một số nguyên từ 1."),
        (("policy", "mode", "spam", "x"), "MODE không hợp lệ: chỉ nhận off, trial, warn, enforce, default."),
        (("restore", "/absent"), "SOURCE không hợp lệ: /absent không có."),
        (("audit", "export", "x", "--since", "hôm qua"), "--since không hợp lệ: cần dạng 2026-12-31."),
        (("audit", "export", "x", "--format", "xml"), "--format không hợp lệ: chỉ nhận jsonl, csv."),
    ],
)
def test_a_wrong_call_is_told_in_the_language_of_the_program(
    product: Product, words: tuple[str, ...], sentence: str
) -> None:
    status, said = told(product, *words)
    first, *more = said.splitlines()
    assert (status, first) == (2, f"vanthu: {sentence}")
    for where in more:
        assert where.startswith("Xem: vanthu ") and where.endswith(" --help")


@pytest.mark.parametrize(
    "words", [("backup", "/proc/nowhere"), ("audit", "export", "/proc/nowhere/x"), ("audit", "export", "vanthu.toml")]
)
def test_what_the_system_refuses_is_told_in_the_language_of_the_program(
    product: Product, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(product.top)
    status, said = told(product, *words)
    assert status == 1
    assert "không có tệp" in said or "đã có rồi" in said


def test_the_audit_is_taken_out_to_the_last_day_that_there_is(product: Product) -> None:
    assert told(product, "audit", "export", f"{product.top}/out.jsonl", "--until", "9999-12-31")[0] == 0
