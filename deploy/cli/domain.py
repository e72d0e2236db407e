"""`vanthu domain dns`: the records to publish, compared with what is there."""

from __future__ import annotations

import click

from deploy.cli.base import Cli, say
from deploy.lang import t


@click.group(help=t("Tên miền của cơ quan.", "The agency's domain."))
def domain() -> None: ...


@domain.command(help=t("In các bản ghi DNS cần có và kiểm tra chúng.", "Print the DNS records needed and check them."))
@click.option("--no-check", is_flag=True, help=t("Chỉ in, không hỏi DNS.", "Print only, ask no DNS server."))
@click.pass_obj
def dns(cli: Cli, no_check: bool) -> None:
    from deploy import dnsrecords

    wanted = dnsrecords.records(cli.settings)
    unchecked = [dnsrecords.Finding.UNKNOWN] * len(wanted)
    findings = unchecked if no_check else dnsrecords.check(wanted, dnsrecords.ask_dns)
    for record, finding in zip(wanted, findings, strict=True):
        value = f'"{record.value}"' if record.type == "TXT" else record.value
        mark = "" if no_check else f"  ; {_said(finding)}"
        click.echo(f"{record.name}. IN {record.type} {value}{mark}")
    say(
        "Bản ghi DKIM có khóa sau khi bật gửi thư ra ngoài.",
        "The DKIM record gets its key once sending to the outside is enabled.",
    )


def _said(finding: object) -> str:
    from deploy.dnsrecords import Finding

    return {
        Finding.PRESENT: t("đã có", "present"),
        Finding.DIFFERENT: t("có nhưng khác", "present, but different"),
        Finding.ABSENT: t("chưa có", "absent"),
        Finding.UNKNOWN: t("không hỏi được DNS", "no answer from DNS"),
    }[Finding(finding)]
