"""vanthu.toml: what is read, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy import config
from deploy.config import Settings, find_file, load
from deploy.config_errors import ConfigError
from deploy.config_values import Address
from mailserver.directory.addresses import domain_name

MINIMAL = 'data_dir = "data"\ndomain = "SXD.example"\n'


@pytest.fixture(autouse=True)
def no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VANTHU_DOMAIN", "VANTHU_CONFIG", "VANTHU_SMTP__MX"):
        monkeypatch.delenv(name, raising=False)


def read(folder: Path, text: str) -> Settings:
    path = folder / "vanthu.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def told(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return str(caught.value)


def test_everything_left_out_has_a_value(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL)
    assert settings.data_dir == tmp_path / "data"
    assert (settings.domain, settings.host) == ("sxd.example", "mail.sxd.example")
    assert (settings.smtp.mx, settings.imap.tls, settings.web.listen) == ((), (), ())
    assert settings.smtp.message_size_limit == 10_485_760
    assert settings.smtp.message_size_counts == "decoded"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/vanthu.sqlite3"
    assert settings.blobs_url == f"file://{tmp_path}/data/blobs"


def test_listeners_are_lists_of_host_and_port(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL + '[smtp]\nmx = ["127.0.0.1:25", "[::1]:25", "*:2525"]\n')
    assert settings.smtp.mx == (Address("127.0.0.1", 25), Address("::1", 25), Address("", 2525))
    assert [str(one) for one in settings.smtp.mx] == ["127.0.0.1:25", "[::1]:25", ":2525"]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTHU_SMTP__MX", "127.0.0.1:1, 127.0.0.1:2")
    monkeypatch.setenv("VANTHU_DOMAIN", "other.example")
    settings = read(tmp_path, MINIMAL + '[smtp]\nmx = ["127.0.0.1:25"]\nlmtp = ["127.0.0.1:24"]\n')
    assert settings.smtp.mx == (Address("127.0.0.1", 1), Address("127.0.0.1", 2))
    assert settings.smtp.lmtp == (Address("127.0.0.1", 24),)
    assert settings.domain == "other.example"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[smtp]\nmxx = []\n", ["smtp.mxx", "vanthu.toml", "“mx”"]),
        ("[smpt]\nmx = []\n", ["smpt", "vanthu.toml", "“smtp”"]),
        ('[smtp]\nmx = "127.0.0.1"\n', ["smtp.mx", "vanthu.toml", "“127.0.0.1”"]),
        ('[smtp]\nmx = ["::1:25"]\n', ["smtp.mx", "[ ]"]),
        ('[smtp]\nmx = ["[::1:25"]\n', ["smtp.mx", "“[::1:25”"]),
        ('[smtp]\nmx = ["::1]:25"]\n', ["smtp.mx", "“::1]:25”"]),
        ('[smtp]\nmx = ["mail sxd:25"]\n', ["smtp.mx", "“mail sxd:25”"]),
        ("[smtp]\nmessage_size_limit = 99999999999\n", ["smtp.message_size_limit", "2147483647"]),
        ("[smtp]\nmessage_size_limit = 1.5\n", ["smtp.message_size_limit", "số nguyên"]),
        ('[smtp]\nmessage_size_limit = "big"\n', ["smtp.message_size_limit", "số nguyên"]),
        ("[smtp]\nmessage_size_limit = -1\n", ["smtp.message_size_limit", "từ 0"]),
        ('[smtp]\nmessage_size_counts = "octets"\n', ["smtp.message_size_counts", "hoặc 'wire'"]),
        ('[auth]\nallow_plaintext = "sometimes"\n', ["auth.allow_plaintext", "true"]),
        ('[auth]\ntrusted_networks = ["10.0.0.0/99"]\n', ["auth.trusted_networks", "10.0.0.0/99"]),
        ('[store]\ndatabase = "mysql://x"\n', ["store.database"]),
        ('[store]\ndatabase = "sqlite:///:memory:"\n', ["store.database", "một tệp"]),
        ('[store]\ndatabase = "postgresql+psycopg://u:p@h:port/x"\n', ["store.database", "cơ sở dữ liệu"]),
        ('[dns]\nservers = ["ns.example"]\n', ["dns.servers", "“ns.example”"]),
        ('[dns]\nservers = ["ns.example:53"]\n', ["dns.servers", "không phải địa chỉ IP"]),
        ('[tls]\ncert = "a.pem"\n', ["tls", "key"]),
        ("[tls]\ncert = 5\nkey = 6\n", ["tls.cert", "đường dẫn"]),
        ("[clamd]\ntimeout = 0\n", ["clamd.timeout", "lớn hơn 0"]),
        ('[web]\npublic_url = "mail.sxd.example"\n', ["web.public_url", "https://"]),
        ('[web]\npublic_url = "https://mail:99999"\n', ["web.public_url", "https://"]),
        ('[web]\npublic_url = "https://[::1"\n', ["web.public_url", "https://"]),
        ('[clients]\nlan_host = "thu noibo"\n', ["clients.lan_host", "“thu noibo”"]),
        ('[clients]\nlan_networks = ["trong"]\n', ["clients.lan_networks", "“trong”"]),
        ("[clients]\nimaps_port = 99999\n", ["clients.imaps_port", "65535"]),
        ('[clients]\nlanhost = ""\n', ["clients.lanhost", "“lan_host”"]),
        ('timezone = "Asia/Saigon City"\n', ["timezone"]),
        ("[smtp\n", ["TOML", "vanthu.toml"]),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_file(tmp_path: Path, text: str, words: list[str]) -> None:
    top_level_first = text + MINIMAL if "=" in text and not text.startswith("[") else MINIMAL + text
    sentence = told(tmp_path, top_level_first)
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


@pytest.mark.parametrize("domain", ["", "a..b", "-", "a b", "a@b", "10.0.0.1", "a_b.vn"])
def test_what_is_no_domain_is_refused(tmp_path: Path, domain: str) -> None:
    assert "“domain”" in told(tmp_path, f'data_dir = "data"\ndomain = "{domain}"\n')


def test_a_domain_with_diacritics_is_kept_as_the_directory_keeps_it(tmp_path: Path) -> None:
    assert read(tmp_path, 'data_dir = "data"\ndomain = "SởXâyDựng.test"\n').domain == domain_name("sởxâydựng.test")


@pytest.mark.parametrize("folder", ["", " ", "a\\u0000b"])
def test_the_data_never_lie_beside_the_file_by_mistake(tmp_path: Path, folder: str) -> None:
    assert "“data_dir”" in told(tmp_path, f'data_dir = "{folder}"\ndomain = "sxd.test"\n')


def test_a_file_of_an_editor_on_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "vanthu.toml").write_text(MINIMAL, encoding="utf-8-sig", newline="\r\n")
    assert config.load(tmp_path / "vanthu.toml").domain == "sxd.example"


def test_a_database_file_is_found_from_every_folder(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL + '[store]\ndatabase = "sqlite:///thu.sqlite3"\n')
    assert settings.database_url == f"sqlite:///{tmp_path}/thu.sqlite3"


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    assert "“domain”" in told(tmp_path, 'data_dir = "data"\n')


def test_a_wrong_value_in_the_environment_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTHU_SMTP__MX", "nowhere")
    assert "VANTHU_SMTP__MX" in told(tmp_path, MINIMAL)


def test_a_variable_that_would_be_a_whole_table_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTHU_SMTP", "127.0.0.1:25")
    assert "VANTHU_SMTP" in told(tmp_path, MINIMAL)


def test_every_list_may_be_written_with_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTHU_WEB__OTHER_URLS", "https://thu.noibo, https://thu.sxd.test/")
    assert read(tmp_path, MINIMAL).web.other_urls == ("https://thu.noibo", "https://thu.sxd.test")


def test_a_misspelt_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANTHU_SMPT__MX", "127.0.0.1:25")
    assert "VANTHU_SMPT__MX" in told(tmp_path, MINIMAL)


def test_name_servers_have_port_53_unless_it_is_given(tmp_path: Path) -> None:
    settings = read(tmp_path, f'{MINIMAL}[dns]\nservers = ["10.0.0.53", "127.0.0.1:5353", "[::1]:54", "::1"]\n')
    assert [str(one) for one in settings.dns.servers] == ["10.0.0.53:53", "127.0.0.1:5353", "[::1]:54", "[::1]:53"]


@pytest.mark.parametrize(
    ("auth", "loopback", "elsewhere"),
    [("", True, False), ("allow_plaintext = true", True, True), ("allow_plaintext = false", False, False)],
)
def test_passwords_go_without_tls_on_loopback_only(tmp_path: Path, auth: str, loopback: bool, elsewhere: bool) -> None:
    settings = read(tmp_path, f"{MINIMAL}[auth]\n{auth}\n")
    assert settings.plaintext_allowed(Address("127.0.0.1", 143)) is loopback
    assert settings.plaintext_allowed(Address("localhost", 143)) is loopback
    assert settings.plaintext_allowed(Address("10.1.2.3", 143)) is elsewhere
    assert settings.plaintext_allowed(Address("", 143)) is elsewhere


def test_the_web_needs_tls_outside_of_loopback(tmp_path: Path) -> None:
    settings = read(tmp_path, MINIMAL)
    assert not settings.web_uses_tls(Address("127.0.0.1", 8080))
    assert settings.web_uses_tls(Address("", 443))


def test_the_file_is_looked_for_where_it_belongs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "SEARCHED", (Path("vanthu.toml"), tmp_path / "etc.toml"))
    with pytest.raises(ConfigError, match=r"vanthu\.toml"):
        find_file(None)
    (tmp_path / "etc.toml").touch()
    assert find_file(None) == tmp_path / "etc.toml"
    (tmp_path / "vanthu.toml").touch()
    assert find_file(None) == Path("vanthu.toml")
    monkeypatch.setenv("VANTHU_CONFIG", str(tmp_path / "etc.toml"))
    assert find_file(None) == tmp_path / "etc.toml"
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        find_file(tmp_path / "absent.toml")


def test_the_example_is_what_the_settings_say(tmp_path: Path) -> None:
    """Every key of the example exists, and every key that exists is in the example."""
    example = Path(config.__file__).parent / "examples" / "vanthu.toml"
    text = example.read_text(encoding="utf-8")
    read(tmp_path, text)
    for name, field in Settings.model_fields.items():
        keys = getattr(field.annotation, "model_fields", {name: None})
        for key in keys:
            assert f"\n{key} = " in text or f"\n# {key} = " in text, key
