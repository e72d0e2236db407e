"""Step messages: one step of a document's journey as ordinary mail.

Readable in any client and on paper; machine-readable through `Vanthu-*` fields and one small JSON
part. Pure: values in, octets out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailserver.mime.address import Address
from mailserver.mime.compose import Attachment, Draft, compose
from routing.types import Action, Fields, FileRole, Party, StepRole, Treatment, Urgency

STEP_MEDIA_TYPE = "application/vnd.vanthu.step+json"
REPLY_LOCAL_PART = "vb"
MAX_SUBJECT = 180  # characters of trích yếu in a subject; lists cut it anyway

_VERBS = {
    Action.SUBMIT: "trình xin ý kiến chỉ đạo",
    Action.DIRECT: "chuyển bước sau",
    Action.ASSIGN: "giao xử lý",
    Action.RETURN: "trả lại",
    Action.OPINE: "ý kiến",
    Action.REOPEN: "mở lại để xử lý tiếp",
    Action.ASK_TIME: "xin gia hạn",
    Action.GRANT_TIME: "cho gia hạn",
    Action.REFUSE_TIME: "không cho gia hạn",
}
_TITLES = {
    Action.SUBMIT: "TRÌNH XIN Ý KIẾN CHỈ ĐẠO",
    Action.DIRECT: "Ý KIẾN CHỈ ĐẠO, CHUYỂN BƯỚC SAU",
    Action.ASSIGN: "GIAO XỬ LÝ",
    Action.RETURN: "TRẢ LẠI VĂN BẢN",
    Action.OPINE: "Ý KIẾN XỬ LÝ",
    Action.REOPEN: "MỞ LẠI VĂN BẢN ĐÃ KẾT THÚC",
    Action.ASK_TIME: "ĐỀ NGHỊ GIA HẠN",
    Action.GRANT_TIME: "CHO GIA HẠN",
    Action.REFUSE_TIME: "KHÔNG CHO GIA HẠN",
}
_WORDS_OF = {
    Action.SUBMIT: "Nội dung trình",
    Action.DIRECT: "Ý kiến chỉ đạo",
    Action.ASSIGN: "Ý kiến chỉ đạo",
    Action.RETURN: "Lý do trả lại",
    Action.OPINE: "Ý kiến",
    Action.REOPEN: "Lý do mở lại",
    Action.ASK_TIME: "Lý do",
    Action.GRANT_TIME: "Ý kiến",
    Action.REFUSE_TIME: "Lý do",
}
# Messages that carry no step: only to be read, and answered.
_TELLING = (Action.OPINE, Action.ASK_TIME, Action.GRANT_TIME, Action.REFUSE_TIME)
URGENCY_NAMES = {
    Urgency.NORMAL: "",
    Urgency.URGENT: "KHẨN",
    Urgency.VERY_URGENT: "THƯỢNG KHẨN",
    Urgency.FLASH: "HỎA TỐC",
}
_HOW_TO_MAIN = (
    "Làm ngay trong chương trình thư, không cần mở trình duyệt:",
    "- Trả lời thư này: nội dung trả lời được ghi thành ý kiến xử lý của văn bản.",
    "- Chuyển thư vào thư mục “Văn bản đến/Kết thúc” khi đã giải quyết xong.",
)
_HOW_TO_CASE = "- Văn bản phải được đưa vào hồ sơ công việc trước khi kết thúc."
_HOW_TO_DECIDE = "Mở văn bản trên trang web để cho hoặc không cho gia hạn."
_HOW_TO_OPINION = ("Trả lời thư này để ghi ý kiến của mình vào văn bản.",)
_HOW_TO_CC = ("Thư này để biết. Trả lời thư để góp ý kiến vào văn bản; chuyển thư vào mục lưu trữ khi đã đọc.",)


@dataclass(frozen=True, slots=True)
class MailFile:
    role: FileRole
    filename: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class StepMail:
    """Everything a step message says.

    key: unguessable name of the message, in its Message-ID and `Vanthu-Step`. token: local detail of
    the Reply-To, "" for none. sender: the person acting; sender_for: the post or unit that person acts for.
    thread: Message-IDs without <> that all messages of the document refer to.
    """

    agency_code: str
    document_id: int
    number: int
    year: int
    fields: Fields
    action: Action
    role: StepRole
    key: str
    token: str
    domain: str
    sender: Party
    sender_for: Party | None
    to: tuple[Party, ...]
    main: Party | None
    cc: tuple[Party, ...]
    text: str
    due_on: date | None
    at: datetime
    thread: tuple[str, ...]
    needs_case_file: bool
    files: tuple[MailFile, ...] = ()


def compose_step(mail: StepMail) -> bytes:
    """The message of one step, CRLF line ends, ready for the store."""
    return compose(
        Draft(
            from_=_from(mail),
            sender=_address(mail.sender) if mail.sender_for else None,
            to=tuple(_address(party) for party in mail.to),
            reply_to=_reply_to(mail),
            cc=(),
            bcc=(),
            subject=subject_of(mail),
            text=body_of(mail),
            attachments=(*(_attachment(file) for file in mail.files), _machine_part(mail)),
            in_reply_to=mail.thread[-1] if mail.thread else None,
            references=mail.thread,
            date=mail.at,
            message_id=f"step.{mail.key}@{mail.domain}",
            extra_headers=(
                ("Vanthu-Document", f"{mail.agency_code}/{mail.year}/{mail.number}; id={mail.document_id}"),
                ("Vanthu-Step", mail.key),
                ("Vanthu-Action", _action_word(mail)),
            ),
        )
    )


def _reply_to(mail: StepMail) -> Address | None:
    if not mail.token:
        return None
    return Address("Ý kiến xử lý văn bản", f"{REPLY_LOCAL_PART}+{mail.token}", mail.domain)


def subject_of(mail: StepMail) -> str:
    """As in "[Đến số 12] V/v … — giao xử lý, hạn 18/11/2026"."""
    urgency = URGENCY_NAMES[mail.fields.urgency]
    head = f"[{urgency}] " if urgency else ""
    summary = _one_line(mail.fields.summary)
    if len(summary) > MAX_SUBJECT:
        summary = summary[: MAX_SUBJECT - 1].rstrip() + "…"
    verb = "đồng gửi để biết" if mail.role is StepRole.CC else _VERBS[mail.action]
    to = "đến" if mail.action is Action.ASK_TIME else "hạn"
    due = f", {to} {vi_date(mail.due_on)}" if mail.due_on else ""
    return f"{head}[Đến số {mail.number}] {summary} — {verb}{due}"


def body_of(mail: StepMail) -> str:
    """The readable text, Vietnamese."""
    blocks = [_title(mail), _table(mail), _words(mail), _file_list(mail.files), _how_to(mail)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def vi_date(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _title(mail: StepMail) -> str:
    title = "ĐỒNG GỬI ĐỂ BIẾT" if mail.role is StepRole.CC else _TITLES[mail.action]
    return f"{title} — Văn bản đến số {mail.number}/{mail.year}"


def _table(mail: StepMail) -> str:
    fields = mail.fields
    issued = f" ngày {vi_date(fields.issued_on)}" if fields.issued_on else ""
    rows = (
        ("Số, ký hiệu", f"{fields.code or 'không số'}{issued}"),
        ("Cơ quan ban hành", fields.issuer),
        ("Loại văn bản", fields.type_name),
        ("Trích yếu", fields.summary),
        ("Độ khẩn", URGENCY_NAMES[fields.urgency].capitalize()),
        ("Yêu cầu", "Góp ý" if fields.treatment is Treatment.COMMENT else ""),
        ("Người chuyển", _who(mail.sender, mail.sender_for)),
        ("Xử lý chính", _name(mail.main) if mail.main else ""),
        ("Đồng gửi", "; ".join(_name(party) for party in mail.cc)),
        ("Hạn đề nghị" if mail.action is Action.ASK_TIME else "Hạn xử lý", vi_date(mail.due_on)),
    )
    return "\n".join(f"{label + ':':<18}{_one_line(value)}" for label, value in rows if value)


def _words(mail: StepMail) -> str:
    if not mail.text.strip():
        return ""
    label = "Nội dung" if mail.role is StepRole.CC else _WORDS_OF[mail.action]
    lines = "\n".join(f"  {line}".rstrip() for line in mail.text.strip().splitlines())
    return f"{label}:\n{lines}"


def _file_list(files: Sequence[MailFile]) -> str:
    if not files:
        return ""
    return "Tệp kèm theo:\n" + "\n".join(f"  {n}. {file.filename}" for n, file in enumerate(files, 1))


def _how_to(mail: StepMail) -> str:
    if mail.action in _TELLING:
        decide = (_HOW_TO_DECIDE,) if mail.action is Action.ASK_TIME else ()
        return "\n".join((*decide, *(_HOW_TO_OPINION if mail.token else ())))
    if mail.role is StepRole.CC:
        return "\n".join(_HOW_TO_CC)
    return "\n".join((*_HOW_TO_MAIN, *((_HOW_TO_CASE,) if mail.needs_case_file else ())))


def _machine_part(mail: StepMail) -> Attachment:
    fields = mail.fields
    facts = {
        "version": 1,
        "document": {
            "id": mail.document_id,
            "agency": mail.agency_code,
            "number": mail.number,
            "year": mail.year,
            "code": fields.code,
            "issuer": fields.issuer,
            "issued_on": fields.issued_on.isoformat() if fields.issued_on else None,
            "type": fields.type_name,
            "summary": fields.summary,
            "urgency": int(fields.urgency),
        },
        "step": {
            "key": mail.key,
            "action": _action_word(mail),
            "role": mail.role.value,
            "from": (mail.sender_for or mail.sender).address,
            "by": mail.sender.address,
            "to": [party.address for party in mail.to],
            "due_on": mail.due_on.isoformat() if mail.due_on else None,
            "text": mail.text,
        },
    }
    return Attachment("vanthu.json", STEP_MEDIA_TYPE, json.dumps(facts, ensure_ascii=False, indent=1).encode())


def _action_word(mail: StepMail) -> str:
    return Action.NOTIFY.value if mail.role is StepRole.CC else mail.action.value


def _attachment(file: MailFile) -> Attachment:
    return Attachment(file.filename, file.media_type, file.data)


def _from(mail: StepMail) -> Address:
    if mail.sender_for is None:
        return _address(mail.sender)
    local, _, domain = mail.sender_for.address.rpartition("@")
    return Address(_one_line(f"{mail.sender.name} ({mail.sender_for.name})"), local, domain)


def _address(party: Party) -> Address:
    local, _, domain = party.address.rpartition("@")
    return Address(_one_line(party.name), local, domain)


def _who(person: Party, acting_for: Party | None) -> str:
    return f"{person.name} ({acting_for.name})" if acting_for else person.name


def _name(party: Party) -> str:
    return f"{party.name} ({party.holder})" if party.holder else party.name


def _one_line(text: str) -> str:
    return " ".join(text.split())
