"""From vanthu.toml to how mail is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.config import Settings, load
from deploy.config_errors import ConfigError
from deploy.processes import outbound
from mailserver.outbound.connecting import Tls
from mailserver.outbound.routes import Host, Way


def settings(folder: Path, text: str) -> Settings:
    path = folder / "vanthu.toml"
    path.write_text(f'data_dir = "data"\ndomain = "sxd.test"\n[outbound]\n{text}\n', encoding="utf-8")
    return load(path)


def test_nothing_is_sent_unless_it_is_switched_on(tmp_path: Path) -> None:
    assert outbound.plans(settings(tmp_path, "")) == []
    (plan,) = outbound.plans(settings(tmp_path, "enabled = true"))
    assert plan.name == "outbound"


@pytest.mark.parametrize(
    ("text", "tls"),
    [
        ('smarthost = "relay.test:25"', Tls.OPPORTUNISTIC),
        ('smarthost = "relay.test:587"\nuser = "so"\npassword = "x"', Tls.REQUIRED),
        ('smarthost = "relay.test:465"\nuser = "so"\npassword = "x"', Tls.IMPLICIT),
        ('smarthost = "relay.test:465"', Tls.IMPLICIT),
    ],
)
async def test_a_password_never_travels_without_verified_tls(tmp_path: Path, text: str, tls: Tls) -> None:
    made = outbound.setup(settings(tmp_path, text), "owner")
    assert made.terms.tls is tls
    assert await made.route("far.test") == Way([Host("relay.test", ("relay.test",))])
    assert made.together.startswith("relay.test:")


def test_the_password_may_lie_in_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "relay.password").write_text("mật khẩu\nsecond line\n", encoding="utf-8")
    text = 'smarthost = "relay.test:587"\nuser = "so"\npassword_file = "relay.password"'
    login = outbound.setup(settings(tmp_path, text), "owner").terms.login
    assert login is not None
    assert (login.user, login.password) == ("so", "mật khẩu")


def test_the_password_in_the_settings_is_not_shown(tmp_path: Path) -> None:
    assert "bí mật" not in repr(settings(tmp_path, 'password = "bí mật"'))


def test_without_a_smarthost_mail_goes_to_each_domains_own_server(tmp_path: Path) -> None:
    made = outbound.setup(settings(tmp_path, "port = 2525"), "owner")
    assert (made.together, made.terms.port, made.terms.tls) == ("", 2525, Tls.OPPORTUNISTIC)


@pytest.mark.parametrize("wrong", ['smarthost = "relay.test"', 'smarthost = ":25"', "port = 0"])
def test_mistakes_are_told(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(ConfigError, match="outbound"):
        settings(tmp_path, wrong)
