"""Which figures of each benchmark subcommand are compared, and whether more of them is better."""

from __future__ import annotations

MORE, LESS = True, False
FIGURES: dict[str, tuple[tuple[str, bool], ...]] = {
    "deliver": (("rate", MORE), ("visible_rate", MORE), ("p50_ms", LESS), ("p95_ms", LESS), ("server_cpu_s", LESS)),
    "fanout": (("accepted_s", LESS), ("wall_s", LESS), ("store_copies", LESS)),
    "fetch": tuple(
        (f"{temp}_{key}", way)
        for temp in ("cold", "warm")
        for key, way in (
            ("select_ms", LESS), ("flags_rate", MORE), ("list_ms", LESS), ("headers_rate", MORE), ("bodies_rate", MORE),
        )
    ),
    "search": tuple(
        (f"{temp}_{where}_{word}_{style}_ms", LESS)
        for temp in ("cold", "warm")
        for where in ("text", "body", "subject")
        for word in ("rare", "common")
        for style in ("accents", "plain")
    ),
    "flags": (
        ("store_all_ms", LESS), ("store_one_rate", MORE), ("store_one_p95_ms", LESS),
        ("store_deleted_rate", MORE), ("expunge_ms", LESS),
    ),
    "idle": (("after_250_p50_ms", LESS), ("after_250_p95_ms", LESS), ("after_data_p50_ms", LESS)),
    "idlers": (
        ("rate", MORE), ("p95_ms", LESS), ("pss_per_conn_kib", LESS), ("pss_after_by_conn_kib", LESS),
        ("rss_per_conn_kib", LESS),
    ),
    "mixed": (
        ("rate", MORE), ("login_p95_ms", LESS), ("select_p95_ms", LESS), ("list_p95_ms", LESS),
        ("read_p95_ms", LESS), ("flag_p95_ms", LESS), ("append_p95_ms", LESS), ("arrival_p95_ms", LESS),
    ),
}  # fmt: skip
