"""What the kernel says about processes: memory, processor time, descriptors (proc(5))."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.e2e.product import Product

_KIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


def named(product: Product, name: str) -> list[int]:
    """The product's processes whose title begins with `vanthu: NAME`."""
    wanted = f"vanthu: {name}".encode()
    found = []
    for pid in product.children():
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(wanted):
                found.append(pid)
        except OSError:
            continue
    return found


def rss(pid: int) -> int:
    """Resident octets; 0 for a process that is gone."""
    return _status(pid, "VmRSS")


def peak_rss(pid: int) -> int:
    """The most that was ever resident since the last `forget_peak`, octets."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Let `peak_rss` begin anew (proc(5), clear_refs 5)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def cpu_seconds(pid: int) -> float:
    """Processor time used so far, user and system, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def descriptors(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _status(pid: int, name: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    match = re.search(rf"^{name}:\s+(\d+) kB", text, re.M)
    return int(match[1]) * _KIB if match else 0


def open_files(pid: int, folder: Path) -> list[str]:
    """Files in `folder` that a process has open, deleted ones too."""
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith(f"{folder}/"):
            found.append(target)
    return found


def private(pid: int) -> int:
    """Octets that a process shares with no other; 0 for one that is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    return sum(int(found) for found in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", text, re.M)) * _KIB
