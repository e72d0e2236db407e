"""What the directory finds wrong. Each door has one table from these to its own answers."""

from __future__ import annotations

from dataclasses import dataclass


class DirectoryError(Exception):
    """Base of all: nothing has changed when one of these is raised."""


class AddressInvalid(DirectoryError):
    """Not an address by RFC 5321 §4.1.2 and RFC 6531; `address` is what was given."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class AddressTaken(DirectoryError):
    """Somebody has, or had, this address: an address is never given to somebody else."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class NotElsewhere(DirectoryError):
    """An address in a domain of ours, where one of another server is meant."""


class DomainTaken(DirectoryError):
    """The domain belongs to another agency of this installation."""


class NoSuchPrincipal(DirectoryError):
    """No principal with this id, or not of the kind that the act needs."""


class NoSuchAgency(DirectoryError):
    """No agency with this id, code or domain."""


class AgencyCodeTaken(DirectoryError):
    """Another agency of this installation has the abbreviation."""


class StaffCodeTaken(DirectoryError):
    """One person, one account (123/QĐ-SCT, Điều 4 khoản 1): this staff code has one already."""


class TenureOverlap(DirectoryError):
    """A post has one holder a day."""


class NoSuchRequest(DirectoryError):
    """No request for a new password with this id waits in this agency."""


class NoSuchList(DirectoryError):
    """No list of staff with this id in this agency."""


class NoSuchAbsence(DirectoryError):
    """This person has no such absence that is not over."""


class AbsenceInvalid(DirectoryError):
    """An absence that cannot be; `field`: starts_on, ends_on, over, text, deputy, deputy_away, deputy_unit, back_on."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class NoSuchDeparture(DirectoryError):
    """This person does not leave, or has left already."""


class DepartureInvalid(DirectoryError):
    """A departure that cannot be; `field`: person (gone, or scheduled already), successor, approval."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class MembershipCycle(DirectoryError):
    """A group may not, through other groups, be a member of itself."""


class NoSuchGrant(DirectoryError):
    """No grant with this id that is still in force."""


class GrantInvalid(DirectoryError):
    """Unknown right, an end before the start, or an owner granting to itself."""


class NotAllowed(DirectoryError):
    """The actor may not do this to that mailbox or account."""


class CapabilityInvalid(DirectoryError):
    """Not the name of a capability, or one that cannot be hidden."""


class NameUnusable(DirectoryError):
    """The naming rule gives no account name for this person: one has to be typed."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for the user in both languages of the product."""

    vi: str
    en: str

    def in_(self, locale: str) -> str:
        return self.en if locale.startswith("en") else self.vi

    @property
    def both(self) -> str:
        """For doors that do not know the reader's language."""
        return f"{self.vi} / {self.en}"


class WeakPassword(DirectoryError):
    """The password breaks a rule; `sentence` says which."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class LoginRefused(DirectoryError):
    """Base of all reasons not to let somebody in; `sentence` is for the user."""

    sentence = Sentence("Đăng nhập không thành công.", "Sign-in failed.")


class BadCredentials(LoginRefused):
    """Unknown user or wrong password: nobody is told which."""

    sentence = Sentence("Tài khoản hoặc mật khẩu không đúng.", "Wrong account or password.")


class BadPasskey(BadCredentials):
    """The passkey is unknown, blocked, of somebody else, or has not proved itself: nobody is told which."""

    sentence = Sentence(
        "Khóa truy cập không được chấp nhận. Hãy thử lại, hoặc đăng nhập cách khác.",
        "The passkey was not accepted. Try again, or sign in another way.",
    )


class AccountLocked(LoginRefused):
    """The password was right, but the account is locked or its person has left."""

    sentence = Sentence(
        "Tài khoản đã bị khóa. Hãy liên hệ quản trị hệ thống.",
        "This account is locked. Please ask your administrator.",
    )


class MustChangePassword(LoginRefused):
    """The password was right, but is a first one: mail doors stay shut until it is changed on the web."""

    sentence = Sentence(
        "Hãy đăng nhập trang web và đổi mật khẩu lần đầu trước khi dùng chương trình thư.",
        "Sign in on the web page and change your first password before using a mail client.",
    )


class NeedsAppPassword(LoginRefused):
    """The password was right, but is only half of a sign-in: its person has a second factor."""

    sentence = Sentence(
        "Tài khoản này dùng xác thực hai bước: hãy tạo mật khẩu ứng dụng trên trang web cho chương trình thư.",
        "This account uses two steps to sign in: make an app password on the web page for your mail client.",
    )


class NotForThisDoor(LoginRefused):
    """The app password was right, but is meant for another protocol."""

    sentence = Sentence(
        "Mật khẩu ứng dụng này không dùng được cho giao thức này.",
        "This app password is not meant for this protocol.",
    )


class ChannelNotBound(LoginRefused):
    """The sign-in is not bound to this TLS connection: somebody may sit in between (RFC 5802 §6)."""

    sentence = Sentence(
        "Chương trình thư và máy chủ không cùng một kết nối TLS: có thể có kẻ đứng giữa.",
        "Mail client and server do not see the same TLS connection: somebody may sit in between.",
    )


class Throttled(LoginRefused):
    """Too many failures; the password was not looked at. `retry_after`: seconds."""

    sentence = Sentence(
        "Đăng nhập sai quá nhiều lần. Hãy thử lại sau ít giây.",
        "Too many failed sign-ins. Please try again in a few seconds.",
    )

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
