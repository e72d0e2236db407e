"""The scanners that vanthu.toml names."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.config import Settings, load
from deploy.config_errors import ConfigError
from deploy.scanning import scanners
from tests.deploy.test_cli import run
from tests.support.daemons import Daemon

MINIMAL = 'data_dir = "data"\ndomain = "sxd.test"\n'


def configured(folder: Path, text: str) -> Path:
    path = folder / "vanthu.toml"
    path.write_text(MINIMAL + text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Settings:
    return load(configured(folder, text))


def test_none_are_asked_unless_they_are_named(tmp_path: Path) -> None:
    assert not scanners(read(tmp_path, "")).any
    assert scanners(read(tmp_path, '[clamd]\naddress = "127.0.0.1:3310"\nconnections = 3\n')).places == 3


@pytest.mark.parametrize("text", ['[clamd]\naddress = "clamd"\n', "[rspamd]\ntimeout = 0\n", "[clamd]\nport = 1\n"])
def test_a_mistake_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, text)


def test_the_password_of_rspamd_is_shown_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("bi mat 2026\n")
    found = scanners(read(tmp_path, '[rspamd]\naddress = "127.0.0.1:11333"\npassword_file = "secret"\n'))
    assert "bi mat 2026" not in repr(found.rspamd)
    assert found.rspamd is not None and found.rspamd.password == "bi mat 2026"


def test_the_command_says_which_answer(tmp_path: Path, clamd: Daemon, rspamd: Daemon) -> None:
    both = f'[clamd]\naddress = "{clamd.at}"\n[rspamd]\naddress = "{rspamd.at}"\n'
    done = run(configured(tmp_path, both), "scanners")
    assert done.exit_code == 0
    assert [line[:3] for line in done.stdout.splitlines()] == ["✓ c", "✓ r"]
    assert "ClamAV " in done.stdout
    gone = both.replace(str(clamd.at), str(tmp_path / "nobody.sock"))
    done = run(configured(tmp_path, gone), "scanners")
    assert done.exit_code == 1
    assert [line[:3] for line in done.stdout.splitlines()] == ["✗ c", "✓ r"]
    done = run(configured(tmp_path, ""), "scanners")
    assert (done.exit_code, "[clamd]" in done.stdout) == (0, True)
