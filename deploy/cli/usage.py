"""Calls that click refuses, told in Vietnamese as all else is; in English its own words serve."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from deploy.cli.refusals import MISUSED, tell
from deploy.lang import LANG

# A date to show how dates are written.
_EXAMPLE = datetime(2026, 12, 31)
# How click's words about paths end, and what is the matter then.
_PATHS = {
    "does not exist.": "không có",
    "is a directory.": "là thư mục",
    "is a file.": "là tệp, không phải thư mục",
    "is not readable.": "không đọc được",
    "is not writable.": "không ghi được",
}
# Database keys: 64 bits with a sign.
NUMBER = click.IntRange(1, 2**63 - 1)


class WrongCall(click.UsageError):
    """One sentence, and where to read on; ends with MISUSED."""

    exit_code = MISUSED

    def show(self, file: Any = None) -> None:
        tell(self.message)
        if self.ctx is not None:
            click.echo(f"Xem: {self.ctx.command_path} --help", err=True)


def told(fault: click.UsageError) -> click.UsageError:
    """The same in the language of the command line. Help that is shown for want of a command stays."""
    if LANG == "en" or isinstance(fault, click.exceptions.NoArgsIsHelpError | WrongCall):
        return fault
    return WrongCall(_sentence(fault), fault.ctx)


def _sentence(fault: click.UsageError) -> str:
    if isinstance(fault, click.MissingParameter):
        return f"Thiếu {_name(fault)}."
    if isinstance(fault, click.BadParameter):
        return f"{_name(fault)} không hợp lệ: {_reason(fault)}."
    if isinstance(fault, click.NoSuchOption):
        return f"Không có tùy chọn {fault.option_name}{_near(fault.possibilities)}."
    if isinstance(fault, click.exceptions.NoSuchCommand):
        return f"Không có lệnh “{fault.command_name}”{_near(fault.possibilities)}."
    if isinstance(fault, click.BadOptionUsage) and "requires" in fault.message:
        return f"Tùy chọn {fault.option_name} cần một giá trị."
    if "unexpected extra" in fault.message:
        return f"Thừa đối số: {fault.message.partition('(')[2].rstrip(').')}."
    return fault.message


def _name(fault: click.BadParameter) -> str:
    if isinstance(fault.param, click.Argument) and isinstance(fault.param.type, click.Choice) and fault.param.name:
        return fault.param.name.upper()  # click names it by all its choices
    return _hint(fault)


def _hint(fault: click.BadParameter) -> str:
    hint = fault.param_hint or (fault.param.get_error_hint(fault.ctx) if fault.param is not None else "")
    return (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "") or "tham số"


def _reason(fault: click.BadParameter) -> str:
    kind, message = getattr(fault.param, "type", None), fault.message
    if isinstance(kind, click.Choice):
        return "chỉ nhận " + ", ".join(str(choice) for choice in kind.choices)
    if isinstance(kind, click.IntRange | click.types.IntParamType):
        return "cần một số nguyên" + (f" từ {kind.min}" if isinstance(kind, click.IntRange) else "")
    if isinstance(kind, click.DateTime):
        return "cần dạng " + ", ".join(_EXAMPLE.strftime(form) for form in kind.formats)
    for end, vietnamese in _PATHS.items():
        if isinstance(kind, click.Path) and message.endswith(end):
            return f"{message.split(chr(39))[1]} {vietnamese}"
    return message.rstrip(".")


def _near(possibilities: list[str] | None) -> str:
    return f" (có phải {', '.join(possibilities)}?)" if possibilities else ""
