"""Run the mail benchmark against Vanthu and against Postfix + Dovecot in one run, round by round.

    python -m tests.bench.beside_peer --bench DIR --rounds 5 --out results.jsonl [SUBCOMMAND …]

DIR holds mailbench.py and peer-postfix-dovecot.sh. Each subcommand starts with two empty stores; its rounds
alternate peer, Vanthu, peer, Vanthu … so that the machine's moods fall on both. Ends with a Markdown table of
medians and ratios (above 1: Vanthu is better, whichever way the figure counts). Needs root for the peer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.bench.figures import FIGURES
from tests.e2e.product import Product

PASSWORDS = {"peer": "secret", "vanthu": "mat-khau-do-toc-do"}
SUBCOMMANDS = ("deliver", "fanout", "fetch", "search", "flags", "idle", "idlers", "mixed")
USERS = 500
Result = dict[str, Any]


class Peer:
    """Postfix + Dovecot as the benchmark's own script sets them up."""

    label = "peer"

    def __init__(self, bench: Path, top: Path) -> None:
        self.script, self.top = str(bench / "peer-postfix-dovecot.sh"), str(top)
        self._call("install")

    def _call(self, verb: str) -> str:
        environment = os.environ | {"USERS": str(USERS)}
        # To a file: the daemons keep their output open, and a pipe would never come to its end.
        with tempfile.TemporaryFile("w+") as out:
            subprocess.run([self.script, verb, self.top], stdout=out, stderr=out, env=environment, check=True)
            out.seek(0)
            return out.read().strip()

    def fresh(self) -> None:
        self._call("stop")
        self._call("wipe")
        self._call("start")

    def options(self) -> list[str]:
        return ["--pid", self._call("pids"), "--imap", "127.0.0.1:3143", "--smtp", "127.0.0.1:3025"]

    def store(self) -> str:
        return self._call("store")

    def end(self) -> None:
        self._call("stop")


class Ours:
    """A new installation for every subcommand, SQLite unless told otherwise."""

    label = "vanthu"

    def __init__(self, top: Path, database: str) -> None:
        self.top, self.database, self.count = top, database, 0
        self.product: Product | None = None

    def fresh(self) -> None:
        self.end()
        self.count += 1
        folder = self.top / f"run{self.count}"
        folder.mkdir()
        self.product = Product(folder, database=self.database)
        self.product.init()
        self.product.add_users([f"user{k:04d}" for k in range(1, USERS + 1)], PASSWORDS[self.label])
        self.product.start()

    @property
    def running(self) -> Product:
        assert self.product is not None
        return self.product

    def options(self) -> list[str]:
        ports = self.running.ports
        return [
            "--pid", str(self.running.pid),
            "--imap", f"127.0.0.1:{ports.imap}", "--smtp", f"127.0.0.1:{ports.smtp}",
        ]  # fmt: skip

    def store(self) -> str:
        return str(self.running.data)

    def end(self) -> None:
        if self.product is not None:
            self.product.stop()
            self.product = None


def measure(bench: Path, subcommand: str, server: Peer | Ours, quiet_s: float, extra: list[str]) -> Result:
    """One run of one subcommand against one server; its JSON line, errors included."""
    words = [
        sys.executable,
        str(bench / "mailbench.py"),
        subcommand,
        *server.options(),
        "--label",
        server.label,
    ]
    words += ["--password", PASSWORDS[server.label], "--wait-quiet", str(quiet_s), *extra]
    if subcommand == "fanout":
        words += ["--store-dir", server.store()]
    done = subprocess.run(words, capture_output=True, text=True, timeout=1800, check=False)
    if not done.stdout.strip():
        return {
            "cmd": subcommand,
            "label": server.label,
            "errors": {"crash": 1},
            "error_samples": [done.stderr[-500:]],
        }
    result: Result = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def table(results: list[Result]) -> str:
    """Medians side by side for the figures that a reader of the benchmark compares."""
    grouped: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        grouped[result["cmd"], result["label"]].append(result)
    lines = ["| bench | figure | Postfix + Dovecot | Vanthu | ratio | errors |", "|---|---|---|---|---|---|"]
    for subcommand in dict.fromkeys(result["cmd"] for result in results):
        peer, ours = grouped[subcommand, "peer"], grouped[subcommand, "vanthu"]
        errors = sum(sum(run["errors"].values()) for run in ours)
        for figure, more_is_better in FIGURES.get(subcommand, ()):
            a, b = median(peer, figure), median(ours, figure)
            lines.append(
                f"| {subcommand} | {figure} | {shown(a)} | {shown(b)} | {ratio(a, b, more_is_better)} | {errors} |"
            )
    return "\n".join(lines)


def median(runs: list[Result], figure: str) -> float | None:
    values = [run[figure] for run in runs if isinstance(run.get(figure), int | float)]
    return statistics.median(values) if values else None


def shown(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def ratio(peer: float | None, ours: float | None, more_is_better: bool) -> str:
    if not peer or not ours:
        return "–"
    return f"{ours / peer if more_is_better else peer / ours:.2f}×"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bench", type=Path, required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--database", default="")
    options.add_argument("--wait-quiet", type=float, default=20.0)
    options.add_argument("--only", choices=("peer", "vanthu"), default=None)
    options.add_argument("subcommands", nargs="*", default=list(SUBCOMMANDS))
    chosen = options.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="vanthu-bench-") as name:
        top = Path(name)
        top.chmod(0o755)
        servers: list[Peer | Ours] = []
        if chosen.only != "vanthu":
            servers.append(Peer(chosen.bench, top / "peer"))
        if chosen.only != "peer":
            servers.append(Ours(top, chosen.database))
        try:
            for subcommand in chosen.subcommands:
                for server in servers:
                    server.fresh()
                for _ in range(chosen.rounds):
                    for server in servers:
                        result = measure(chosen.bench, subcommand, server, chosen.wait_quiet, [])
                        results.append(result)
                        with chosen.out.open("a", encoding="utf-8") as out:
                            out.write(json.dumps(result, ensure_ascii=False) + "\n")
                        print(subcommand, server.label, result.get("wall_s"), result["errors"], file=sys.stderr)
        finally:
            for server in servers:
                server.end()
    print(table(results))
    return 1 if any(result["errors"] for result in results if result["label"] == "vanthu") else 0


if __name__ == "__main__":
    sys.exit(main())
