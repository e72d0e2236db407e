"""Short commands load little, and the processes of a server load nothing that their parent has not loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.product import Product

# What no short command needs: the web, the doors, PostgreSQL, what reads and writes papers and pictures, all the rooms.
HEAVY = {
    *("a2wsgi", "flask", "httptools", "jinja2", "uvicorn", "webmail", "wtforms"),
    *("aiosmtpd", "dns", "mailserver.imap", "mailserver.smtp", "psycopg", "webauthn"),
    *("bleach", "docx", "openpyxl", "pypdfium2", "reportlab", "segno"),
    *("deploy.build", "routing.behaviours"),
}
# Neither does help need these.
ANY = HEAVY | {"sqlalchemy", "pydantic", "asyncio", "cryptography", "structlog"}
# Runs a command and tells which of some modules it has loaded by its end.
RUN = """
import sys
from deploy.cli import main
try:
    main(sys.argv[2:])
finally:
    print("LOADED", *sorted(set(sys.argv[1].split()) & sys.modules.keys()))
"""
# Serves, and tells on standard error what is loaded in any process after the first fork.
SERVE = """
import os, sys
from deploy.cli import main
forked = []
os.register_at_fork(after_in_child=lambda: forked.append(True))
def told(event, arguments):
    if forked and event == "import" and arguments[0] not in sys.modules:
        os.write(2, f"LOADED {arguments[0]}\\n".encode())
sys.addaudithook(told)
main(sys.argv[sys.argv.index("--config"):])
"""
# What libraries load by its name when they first need it.
BY_NAME = {"_strptime", "jinja2.ext", "uvicorn.lifespan", "uvicorn.lifespan.on"}


def loaded(forbidden: set[str], *words: str) -> list[str]:
    """Which of the modules a command has loaded, after it came to a good end."""
    command = [sys.executable, "-c", RUN, " ".join(forbidden), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize("words", ["--help", "--version", "user --help", "serve --help", "policy --help"])
def test_help_loads_no_more_than_the_command_line(words: str) -> None:
    assert loaded(ANY, *words.split()) == []


@pytest.mark.parametrize(
    "words", ["init", "user add an@sxd.test --name An", "policy mode virus off", "queue list", "fsck"]
)
def test_a_short_command_loads_no_doors(product: Product, words: str) -> None:
    assert loaded(HEAVY, "--config", str(product.config), *words.split()) == []


def test_a_server_loads_everything_before_it_forks(product: Product) -> None:
    product.wrapper = [sys.executable, "-c", SERVE]
    product.start()
    product.stop()
    log = (product.top / "serve.log").read_text(encoding="utf-8")
    late = {line.split()[1] for line in log.splitlines() if line.startswith("LOADED")}
    assert late <= BY_NAME
