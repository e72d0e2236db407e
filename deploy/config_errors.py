"""What is wrong with a configuration, in one sentence that names the key and where it stands."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.lang import t

if TYPE_CHECKING:
    from pydantic import ValidationError


class ConfigError(Exception):
    """The settings cannot be used; the text is for the administrator, in their language."""

    @classmethod
    def missing(cls, named: Path | None, searched: Sequence[Path]) -> ConfigError:
        if named is not None:
            return cls(t(f"Không có tệp cấu hình {named}.", f"There is no configuration file {named}."))
        places = ", ".join(map(str, searched))
        return cls(
            t(
                f"Không tìm thấy tệp cấu hình ({places}); hãy dùng --config TỆP.",
                f"No configuration file was found ({places}); give one with --config FILE.",
            )
        )

    @classmethod
    def unreadable(cls, path: Path, reason: str) -> ConfigError:
        return cls(t(f"Không đọc được {path}: {reason}.", f"{path} cannot be read: {reason}."))

    @classmethod
    def not_toml(cls, path: Path, reason: str) -> ConfigError:
        return cls(t(f"{path} không đúng cú pháp TOML: {reason}.", f"{path} is not valid TOML: {reason}."))

    @classmethod
    def unknown_variable(cls, name: str) -> ConfigError:
        return cls(
            t(
                f"Biến môi trường {name} không ứng với khóa cấu hình nào.",
                f"The environment variable {name} matches no configuration key.",
            )
        )

    @classmethod
    def not_a_table(cls, names: Sequence[str]) -> ConfigError:
        listed = ", ".join(names)
        return cls(
            t(
                f"Biến môi trường ({listed}) đặt cả một bảng thì phải là JSON; hãy đặt từng khóa: VANTHU_SMTP__MX=….",
                f"An environment variable for a whole table ({listed}) must be JSON; set keys: VANTHU_SMTP__MX=….",
            )
        )


def sentence(
    fault: ValidationError, path: Path, table: Mapping[str, Any], prefix: str, fields: Mapping[str, Any]
) -> str:
    """One sentence for the first mistake that pydantic found. fields: of the whole settings, by name."""
    error = fault.errors()[0]
    keys = [str(part) for part in error["loc"] if isinstance(part, str)]
    key = ".".join(keys)
    where = _place(keys, path, table, prefix)
    if error["type"] == "extra_forbidden":
        hint = _hint(keys, fields)
        return t(
            f"Khóa “{key}” trong {where} không có trong cấu hình Vanthu{hint}.",
            f"The key “{key}” in {where} is not a Vanthu setting{hint}.",
        )
    if error["type"] == "missing":
        return t(f"Thiếu khóa “{key}” trong {path}.", f"The key “{key}” is missing in {path}.")
    reason = _reason(error["type"], error["msg"], error.get("ctx", {}))
    return t(
        f"Giá trị của khóa “{key}” trong {where} không hợp lệ: {reason}.",
        f"The value of “{key}” in {where} is not valid: {reason}.",
    )


def _reason(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """pydantic's reason, in Vietnamese where a key can be wrong in that way."""
    vietnamese = {
        "int_parsing": "cần một số nguyên",
        "int_type": "cần một số nguyên",
        "int_from_float": "cần một số nguyên",
        "float_parsing": "cần một số",
        "float_type": "cần một số",
        "path_type": "cần một đường dẫn",
        "bool_parsing": "cần true hoặc false",
        "bool_type": "cần true hoặc false",
        "string_type": "cần một chuỗi",
        "tuple_type": "cần một danh sách",
        "model_type": "cần một bảng [ ]",
        "greater_than_equal": f"phải từ {context.get('ge')} trở lên",
        "less_than_equal": f"không được quá {context.get('le')}",
        "greater_than": f"phải lớn hơn {context.get('gt')}",
        "literal_error": f"chỉ nhận {str(context.get('expected')).replace(' or ', ' hoặc ')}",
        "string_pattern_mismatch": "sai dạng",
    }
    plain = message.removeprefix("Value error, ")
    return t(vietnamese.get(kind, plain), plain)


def _place(keys: Sequence[str], path: Path, table: Mapping[str, Any], prefix: str) -> str:
    """The environment variable that holds the key if there is one, else the file."""
    variable = (prefix + "__".join(keys)).upper()
    for name in os.environ:
        if name.upper() == variable:
            return t(f"biến môi trường {name}", f"the environment variable {name}")
    return str(path)


def _hint(keys: Sequence[str], fields: Mapping[str, Any]) -> str:
    for part in keys[:-1]:
        fields = getattr(fields[part].annotation, "model_fields", {})
    near = get_close_matches(keys[-1], list(fields), n=1)
    return t(f" (có phải “{near[0]}”?)", f" (did you mean “{near[0]}”?)") if near else ""
