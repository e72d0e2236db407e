"""Why a letter was not sent, beside the field it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from mailserver.delivery import errors
from mailserver.delivery.keeping import Notice
from mailserver.policy import Cause, Verdict
from mailserver.store.errors import OverQuota
from webmail.formats import full_when, size
from webmail.i18n import _
from webmail.mail.advice import Advice
from webmail.mail.forms import LetterForm


def show_refusal(form: LetterForm, refusal: Exception) -> bool:
    """Write the reason to the form; False for what is not the writer's to mend."""
    if isinstance(refusal, errors.RecipientRefused):
        form[_field_of(form, refusal.addresses)].errors = [recipient_words(refusal)]
    elif isinstance(refusal, errors.ListTooLarge):
        most = size(refusal.limit)
        form.files.errors = [_("Danh sách %(who)s nhận thư lớn nhất %(most)s.", who=refusal.address, most=most)]
    elif isinstance(refusal, OverQuota):
        form.files.errors = [_("Hộp thư của bạn đã đầy, không lưu được bản gửi. Hãy xóa bớt thư.")]
    elif isinstance(refusal, errors.SenderNotAllowed):
        form.identity.errors = [_("Bạn không được gửi bằng địa chỉ này.")]
    elif isinstance(refusal, errors.PolicyRefused):
        form[place_of(refusal)].errors = [policy_words(refusal)]
    else:
        return False
    return True


def kept_words(kept: Sequence[Notice]) -> str:
    """What is said of a letter that was taken, but waits."""
    whom = ", ".join(dict.fromkeys(one.waits_for for one in kept if one.waits_for))
    to = ", ".join(dict.fromkeys(address for one in kept for address in one.addresses))
    if whom:
        return str(_("Đã gửi; thư tới %(to)s đang chờ %(whom)s đồng ý.", to=to, whom=whom))
    return str(_("Đã gửi; thư tới %(to)s đang chờ người có trách nhiệm xem xét.", to=to))


def recipient_words(refusal: errors.RecipientRefused) -> str:
    """Who cannot be written to, and why."""
    who = ", ".join(refusal.addresses)
    if isinstance(refusal, errors.RecipientFormer):
        return str(_("Người dùng địa chỉ này đã nghỉ: %(who)s", who=who))
    if isinstance(refusal, errors.RecipientLocked):
        return str(_("Hộp thư này tạm thời không nhận thư: %(who)s", who=who))
    if isinstance(refusal, errors.RecipientFull):
        return str(_("Hộp thư này đã đầy: %(who)s", who=who))
    if isinstance(refusal, errors.PostingRefused):
        return str(_("Bạn không có quyền gửi thư tới danh sách này: %(who)s", who=who))
    if isinstance(refusal, errors.ExternalRecipientRefused):
        return str(_("Chưa gửi được ra ngoài cơ quan: %(who)s", who=who))
    return str(_("Không có địa chỉ này trong cơ quan: %(who)s", who=who))


def place_of(refusal: errors.PolicyRefused) -> str:
    """The field that a refusal is about: "to", "subject", "text" or "files"."""
    if refusal.verdict.cause in (Cause.TOO_FAST, Cause.TOO_MANY, Cause.UNUSUAL_SENDING):
        return "to"
    return {"subject": "subject", "body": "text"}.get(str(refusal.verdict.facts.get("place", "")), "files")


def _forbidden(refusal: errors.PolicyRefused) -> str:
    """What it was taken for, by which words, in which file: the writer can mend it, or take the paper way."""
    facts = refusal.verdict.facts
    kinds = {
        "secret": _("văn bản MẬT"),
        "top-secret": _("văn bản TỐI MẬT"),
        "most-secret": _("văn bản TUYỆT MẬT"),
        "complaint": _("đơn thư khiếu nại, tố cáo"),
        "settlement": _("văn bản giải quyết đơn thư"),
        "personal": _("thư gửi đích danh"),
    }
    kind, words, file = kinds[str(facts["kind"])], facts.get("excerpt", ""), facts.get("file", "")
    article = refusal.verdict.article or "–"
    if file:
        text = _(
            "Tệp %(file)s có dấu hiệu %(kind)s (“%(words)s”): không gửi qua hệ thống, xử lý theo quy trình riêng"
            " (%(article)s).",
            file=file, kind=kind, words=words, article=article,
        )  # fmt: skip
    else:
        text = _(
            "Thư có dấu hiệu %(kind)s (“%(words)s”): không gửi qua hệ thống, xử lý theo quy trình riêng (%(article)s).",
            kind=kind, words=words, article=article,
        )  # fmt: skip
    return str(text)


def _too_fast(refusal: errors.PolicyRefused) -> str:
    """How many may be written to, and when it goes on."""
    facts = refusal.verdict.facts
    windows = {
        "hour": _("%(limit)s người trong một giờ", limit=facts["limit"]),
        "day": _("%(limit)s người trong một ngày", limit=facts["limit"]),
        "new-hour": _("%(limit)s người mới ở ngoài trong một giờ", limit=facts["limit"]),
        "new-day": _("%(limit)s người mới ở ngoài trong một ngày", limit=facts["limit"]),
    }
    most, article = windows[str(facts["window"])], refusal.verdict.article or "–"
    if not facts["until"]:
        return str(_("Thư có nhiều người nhận hơn mức %(most)s (%(article)s).", most=most, article=article))
    # Not before the minute that is named.
    when = full_when(datetime.fromtimestamp(int(facts["until"]) + 59, UTC))
    return str(
        _(
            "Bạn đã gửi tới mức %(most)s; gửi tiếp được từ %(when)s (%(article)s).",
            most=most,
            when=when,
            article=article,
        )
    )


def _too_many(refusal: errors.PolicyRefused) -> str:
    """What to write to instead."""
    facts, article = refusal.verdict.facts, refusal.verdict.article or "–"
    said = _("Một thư gửi nhiều nhất %(limit)s người (%(article)s).", limit=facts["limit"], article=article)
    if not facts["lists"]:
        return str(said)
    instead = _("Hãy gửi qua danh sách: %(lists)s.", lists=facts["lists"])
    return f"{said} {instead}"


def advice_of(refusal: errors.PolicyRefused) -> Advice:
    """What a rule warns of, as the writer is shown it."""
    why = _("Đây là lời nhắc theo quy định của cơ quan; thư vẫn gửi được.")
    return Advice(refusal.verdict.rule, policy_words(refusal), why)


def policy_words(refusal: errors.PolicyRefused) -> str:
    """Why a rule refuses, for the writer."""
    if refusal.verdict.cause is Cause.TOO_LARGE:
        limit, whose = size(int(refusal.verdict.facts["limit"])), refusal.verdict.facts.get("agency")
        if whose:
            return str(_("Thư và tệp vượt quá mức %(limit)s của %(whose)s.", limit=limit, whose=whose))
        return str(_("Thư và tệp vượt quá %(limit)s.", limit=limit))
    if refusal.verdict.cause is Cause.FORBIDDEN_CLASS:
        return _forbidden(refusal)
    if refusal.verdict.cause is Cause.TOO_FAST:
        return _too_fast(refusal)
    if refusal.verdict.cause is Cause.TOO_MANY:
        return _too_many(refusal)
    if refusal.verdict.cause is Cause.UNUSUAL_SENDING:
        facts = refusal.verdict.facts
        count, minutes = facts["count"], facts["minutes"]
        return str(_("Bạn gửi tới %(count)s người lạ ở ngoài trong %(minutes)s phút.", count=count, minutes=minutes))
    if refusal.verdict.cause is Cause.DANGEROUS_FILE:
        name, article = refusal.verdict.facts["file"], refusal.verdict.article
        return str(
            _(
                "Tệp %(name)s có thể gây hại khi mở (chương trình, tập lệnh, lối tắt hoặc macro), không được gửi qua"
                " thư (%(article)s). Hãy bỏ tệp này rồi gửi lại.",
                name=name,
                article=article,
            )
        )
    if refusal.verdict.cause in (Cause.VIRUS, Cause.NOT_SCANNED):
        return scan_words(refusal.verdict)
    return str(_("Quy định của cơ quan không cho gửi thư này (%(article)s).", article=refusal.verdict.article or "–"))


def scan_words(verdict: Verdict) -> str:
    """What is said of a letter or a file with a virus, or that could not be looked at."""
    if verdict.cause is Cause.NOT_SCANNED:
        return str(_("Máy quét vi-rút chưa trả lời nên chưa gửi được. Hãy thử lại sau ít phút."))
    name, article = verdict.facts["virus"], verdict.article or "–"
    return str(
        _("Có vi-rút trong tệp (%(name)s) nên không gửi được (%(article)s). Hãy bỏ tệp ấy.", name=name, article=article)
    )


def _field_of(form: LetterForm, addresses: tuple[str, ...]) -> str:
    for name in ("cc", "bcc"):
        typed = (form[name].data or "").casefold()
        if any(address.casefold() in typed for address in addresses):
            return name
    return "to"
