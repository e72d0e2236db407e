from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import webmail

VENDOR = Path(webmail.__file__).parent / "static" / "vendor"
TABLE = tomllib.loads((VENDOR / "vendor.toml").read_text(encoding="utf-8"))


def test_every_vendored_file_is_the_one_that_was_taken() -> None:
    listed = {name: digest for package in TABLE["package"] for name, digest in package["files"].items()}
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {"vendor.toml"}
    assert found == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_every_package_names_its_version_and_has_its_licence() -> None:
    for package in TABLE["package"]:
        assert package["version"] and package["licence"]
        assert any(name.endswith("LICENSE") for name in package["files"])


def test_the_icon_sprite_has_every_icon_that_templates_use() -> None:
    import re

    static = VENDOR.parent
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (static / "icons.svg").read_text(encoding="utf-8")))
    used = set()
    for path in (static.parent / "templates").rglob("*.html"):
        used |= set(re.findall(r'icon\("([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert used <= sprite
