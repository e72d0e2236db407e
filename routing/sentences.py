"""The words of routing's refusals and mails, Vietnamese and English, in one table."""

from __future__ import annotations

_VI, _EN = 0, 1

_TABLE: dict[str, tuple[str, str]] = {
    "refused": ("Không thực hiện được.", "This cannot be done."),
    "no-such-move": (
        "Văn bản đang ở bước không cho phép thao tác này.",
        "The document is at a step that does not allow this.",
    ),
    "step-closed": (
        "{who} đã xử lý bước này lúc {at}.",
        "{who} has already dealt with this step at {at}.",
    ),
    "not-your-turn": (
        "Văn bản đang do {holder} xử lý; bạn không có quyền thực hiện thao tác này.",
        "The document is with {holder}; you may not do this.",
    ),
    "delegate-not-head": (
        "Chỉ trưởng đơn vị hoặc người giữ chức vụ được ủy quyền hộp thư này; người được ủy quyền không ủy quyền tiếp.",
        "Only the head of the unit or the holder of the post delegates this mailbox; a delegate does not pass it on.",
    ),
    "delegate-not-leader": (
        "Chỉ lãnh đạo cơ quan duyệt ủy quyền, và không duyệt ủy quyền cho chính mình.",
        "Only leaders of the agency approve delegations, and none to themselves.",
    ),
    "delegate-rights": ("Hãy chọn ít nhất một việc được làm.", "Choose at least one thing that may be done."),
    "delegate-period": (
        "Ngày kết thúc phải sau ngày bắt đầu và chưa qua.",
        "The last day must come after the first, and not be over.",
    ),
    "delegate-outside": (
        "Chỉ ủy quyền cho người trong đơn vị.",
        "Delegate to people of the unit only.",
    ),
    "delegate-folders": (
        "Chỉ trừ được thư mục do đơn vị tự lập, không trừ hộp thư đến và thư mục của hệ thống.",
        "Only folders that the unit has made can be left out, not the inbox and those of the system.",
    ),
    "delegate-twice": (
        "Người này đã được ủy quyền như vậy rồi.",
        "This person may do all of that already.",
    ),
    "delegate-other-folders": (
        "Người này đang có ủy quyền khác trên hộp thư này với thư mục được trừ khác. "
        "Hãy đổi thư mục được trừ ở đó trước.",
        "This person has another delegation of this mailbox that leaves out other folders. Change those there first.",
    ),
    "delegate-decided": ("Đề nghị này đã được quyết định.", "This request has been decided."),
    "delegate-over": ("Ủy quyền này đã kết thúc.", "This delegation is over."),
    "envelope-sender": ("Chưa ghi nơi gửi.", "The sender is missing."),
    "envelope-addressee": (
        "Hãy chọn người nhận; thư gửi đích danh chỉ trao cho một người.",
        "Choose who gets it; a letter to a person alone goes to one person.",
    ),
    "envelope-received": ("Bì này đã được nhận.", "This letter has been received."),
    "range-numbers": (
        "Dải số không hợp lệ: số đầu từ 1, số cuối không nhỏ hơn, nhiều nhất 10.000 số.",
        "Not a range: from 1, the last not before the first, at most 10,000 numbers.",
    ),
    "range-given": (
        "Hệ thống đã cấp đến trước số {number}; hãy chọn các số sau đó.",
        "The system has given the numbers before {number}; choose later ones.",
    ),
    "range-taken": ("Đã có dải số khác chứa số này.", "Another range has one of these numbers."),
    "inspect-not-leader": (
        "Chỉ lãnh đạo được quy chế cho phép ra lệnh kiểm tra hộp thư.",
        "Only leaders whom the regulation allows to may order an inspection.",
    ),
    "inspect-owner": (
        "Hãy chọn một hộp thư của cơ quan mà chính bạn không mở được.",
        "Choose a mailbox of the agency that you cannot open yourself.",
    ),
    "inspect-inspectors": (
        "Hãy chọn người kiểm tra trong cơ quan; quản trị hệ thống không kiểm tra.",
        "Choose inspectors of the agency; administrators of the system do not inspect.",
    ),
    "inspect-own": (
        "Không ai kiểm tra hộp thư của mình hoặc hộp thư mình đang mở được.",
        "Nobody inspects their own mailbox, or one that they can open anyway.",
    ),
    "inspect-reason": ("Chưa ghi căn cứ kiểm tra.", "The grounds of the inspection are missing."),
    "inspect-days": ("Ngày cuối phải từ ngày đầu trở đi.", "The last day must not come before the first."),
    "inspect-ends": ("Lệnh phải hết hạn sau hôm nay.", "The order must end after today."),
    "inspect-late": (
        "Lệnh đã quá hạn nên không xác nhận được nữa.",
        "The order is past its end, so it cannot be confirmed.",
    ),
    "inspect-not-now": (
        "Lệnh đang ở trạng thái không làm được việc này.",
        "The order is in a state that forbids this.",
    ),
    "comments-subject": ("Hãy ghi nội dung cần lấy ý kiến.", "Say what comments are wanted on."),
    "comments-question": ("Hãy ghi câu hỏi, hoặc đính kèm tệp.", "Write a question, or attach a file."),
    "comments-due": (
        "Hạn trả lời phải sau lúc này, nhiều nhất một năm.",
        "The due moment must lie ahead, at most a year.",
    ),
    "comments-people": (
        "Hãy chọn người, chức vụ hoặc đơn vị của cơ quan mà bạn chưa hỏi.",
        "Choose people, posts or units of the agency that you have not asked yet.",
    ),
    "comments-everybody": (
        "Chỉ người soạn thảo được lãnh đạo giao mới lấy ý kiến toàn cơ quan, trong thư mục Lấy ý kiến; hãy chọn một số"
        " người.",
        "Only the drafter whom leaders have assigned asks the whole agency, in its folder for comments; choose some"
        " people.",
    ),
    "comments-not-asker": (
        "Chỉ người hỏi, hoặc người được ủy quyền, làm được việc này.",
        "Only who asked, or who acts for them, may do this.",
    ),
    "comments-over": (
        "Việc lấy ý kiến đã kết thúc hoặc đã rút nên không làm được việc này.",
        "The request for comments is over or withdrawn, so this cannot be done.",
    ),
    "comments-late": (
        "Đã hết hạn nên không sửa được ý kiến đã gửi; hãy đề nghị người hỏi đổi hạn.",
        "The due moment is over, so what was said cannot be changed; ask for another one.",
    ),
    "comments-reason": (
        "Không có ý kiến thì phải nêu lý do; câu trả lời chưa được ghi.",
        "Whoever has no comments must say why; no answer has been recorded.",
    ),
    "not-a-clerk": (
        "Chỉ văn thư của cơ quan được vào sổ và trình văn bản đến.",
        "Only the agency's registry clerks register and submit incoming documents.",
    ),
    "incomplete-summary": ("Chưa nhập trích yếu.", "The summary is missing."),
    "summary-generic": (
        "Trích yếu quá chung; hãy ghi rõ ai, việc gì, khi nào.",
        "The summary is too general; say who, what and when.",
    ),
    "incomplete-issuer": ("Chưa nhập cơ quan ban hành.", "The issuing agency is missing."),
    "incomplete-number": ("Số văn bản không hợp lệ.", "The number is not valid."),
    "incomplete-secrecy": (
        "Văn bản mật không được đưa lên hệ thống; xử lý theo quy trình riêng.",
        "Secret documents may not enter the system; use their own procedure.",
    ),
    "too-long": ("Nội dung quá dài, tối đa {limit} ký tự.", "Too long: at most {limit} characters."),
    "not-yours-to-correct": (
        "Chỉ văn thư của cơ quan được đính chính sổ đăng ký.",
        "Only the agency's registry clerks correct the register.",
    ),
    "incomplete-files": ("Văn bản chưa có tệp nào.", "The document has no file."),
    "incomplete-reason": ("Phải ghi lý do.", "A reason is required."),
    "incomplete-post-reason": (
        "Hãy ghi lý do, tối đa {limit} ký tự.",
        "Write a reason of at most {limit} characters.",
    ),
    "post-decided": (
        "Bài này không còn ở đó, hoặc đã có người quyết định trước.",
        "The post is gone, or somebody has decided on it before.",
    ),
    "post-not-yours": (
        "Theo quy chế của cơ quan, việc này do người khác quyết định.",
        "By the agency's regulation somebody else decides this.",
    ),
    "incomplete-text": ("Chưa nhập nội dung.", "The text is missing."),
    "incomplete-instruction": ("Chưa nhập ý kiến chỉ đạo.", "The instruction is missing."),
    "incomplete-cc": (
        "Người nhận đồng gửi phải kèm nội dung thông báo.",
        "Everybody in copy needs words of their own.",
    ),
    "cc-twice": (
        "Một người không thể vừa xử lý chính vừa nhận đồng gửi, hoặc nhận hai lần.",
        "Nobody can be both main handler and in copy, or in copy twice.",
    ),
    "incomplete-main": (
        "Phải chọn đúng một đơn vị hoặc một người xử lý chính.",
        "Choose exactly one unit or person as main handler.",
    ),
    "main-outside-unit": (
        "Người xử lý phải thuộc đơn vị đang giữ văn bản.",
        "The handler must belong to the unit that has the document.",
    ),
    "main-not-allowed": (
        "Quy chế của cơ quan không cho phép giao trực tiếp ở bước này; hãy chuyển bước sau.",
        "The agency's regulation does not let this step assign directly; pass it on.",
    ),
    "route-ends": (
        "Luồng văn bản không còn bước sau; hãy giao xử lý.",
        "The route has no further step; assign the document.",
    ),
    "incomplete-due_on": ("Chưa chọn hạn xử lý.", "The deadline is missing."),
    "due-past": ("Hạn xử lý đã qua.", "The deadline lies in the past."),
    "due-not-later": ("Hạn đang là {due}; hãy chọn ngày sau đó.", "It is due on {due}; choose a later day."),
    "time-asked": (
        "Đã có đề nghị gia hạn chờ quyết định.",
        "More time has been asked for already; that request is not decided yet.",
    ),
    "time-not-asked": (
        "Không có đề nghị gia hạn nào chờ quyết định.",
        "No request for more time waits for a decision.",
    ),
    "time-own": (
        "Không ai quyết định đề nghị gia hạn của chính mình.",
        "Nobody decides on their own request for more time.",
    ),
    "incomplete-procedure": (
        "Thủ tục không có trong quy chế của cơ quan.",
        "The agency's regulation knows no such procedure.",
    ),
    "due-leaders": (
        "Hạn của văn bản là {limit}; chỉ lãnh đạo được cho hạn sau ngày đó.",
        "The document is due by {limit}; only leaders set a later date.",
    ),
    "incomplete-subject_field": ("Chưa chọn lĩnh vực.", "The field is missing."),
    "incomplete-type_name": ("Chưa chọn loại văn bản.", "The type is missing."),
    "incomplete-case": (
        "Văn bản số đến {number} chưa được đưa vào hồ sơ công việc nên chưa thể kết thúc.",
        "Document no. {number} is not in a case file yet, so it cannot be finished.",
    ),
    "incomplete-result": (
        "Chưa ghi kết quả giải quyết nên chưa thể kết thúc.",
        "The result is missing, so the document cannot be finished.",
    ),
    "not-for-information": (
        "Văn bản cần giao xử lý, không phải văn bản để biết; chưa thể kết thúc ở bước này.",
        "The document must be assigned first; only one for information ends at this step.",
    ),
    "document-missing": (
        "Không tìm thấy văn bản, hoặc bạn không có quyền xem.",
        "There is no such document, or you may not see it.",
    ),
    "duplicate": (
        "Trùng số, ký hiệu, cơ quan và ngày với văn bản số đến {number}/{year}.",
        "Number, sign, issuer and date equal those of document {number}/{year}.",
    ),
    "source-taken": (
        "Thư này đã được vào sổ hoặc chuyển đi nơi khác.",
        "This message has been registered or moved by somebody else.",
    ),
    "nobody-in-role": (
        "Chưa có ai giữ chức danh {role} để nhận văn bản.",
        "Nobody holds the role {role} to receive the document.",
    ),
    "case-closed": ("Hồ sơ đã đóng.", "The case file is closed."),
    "case-exists": ("Đã có hồ sơ mang ký hiệu này.", "A case file with this notation exists."),
    "incomplete-title": ("Chưa nhập tên hồ sơ.", "The title of the case file is missing."),
    "pending-elsewhere": (
        "Văn bản chờ xử lý chỉ có thể chuyển vào “Văn bản đến/Kết thúc” của cùng hộp thư khi đã giải quyết xong.",
        "A pending document can only be moved to “Văn bản đến/Kết thúc” of the same mailbox, once settled.",
    ),
    "pending-expunge": (
        "Văn bản chưa xử lý xong nên không thể xóa.",
        "The document is not settled yet and cannot be deleted.",
    ),
    "pending-foreign": (
        "Thư mục này chỉ nhận văn bản do hệ thống chuyển đến.",
        "This folder takes only documents that the system puts there.",
    ),
    "registered-stays": (
        "Thư đã vào sổ là bản gốc của văn bản đến, không thể xóa hay chuyển đi.",
        "A registered message is the original of a document; it can be neither deleted nor moved.",
    ),
    "reply-bad-token": (
        "Địa chỉ trả lời không còn hiệu lực hoặc không dành cho bạn; ý kiến chưa được ghi vào văn bản.",
        "The reply address is not valid or not yours; no opinion has been recorded.",
    ),
    "reply-empty": (
        "Thư trả lời không có nội dung mới nên chưa có ý kiến nào được ghi.",
        "The reply has no new text, so no opinion has been recorded.",
    ),
    "reply-unverified": (
        "Thư trả lời mang tên bạn đến từ bên ngoài và không xác thực được người gửi nên chưa ghi ý kiến nào. Hãy trả"
        " lời từ hộp thư cơ quan; nếu bạn không gửi thư này, hãy báo quản trị.",
        "A reply in your name came from outside and its sender could not be verified, so no opinion has been recorded."
        " Answer from your office mailbox; if this was not you, tell the administrator.",
    ),
    "reply-closed": (
        "Văn bản đã kết thúc nên không ghi thêm ý kiến.",
        "The document is finished; no further opinion has been recorded.",
    ),
}


def sentence(key: str, locale: str = "vi", **facts: object) -> str:
    """The sentence `key` in `locale` ("vi…" or else English). Raises KeyError for an unknown key."""
    text = _TABLE[key][_VI if locale.startswith("vi") else _EN]
    return text.format_map(_Facts(facts))


class _Facts(dict[str, object]):
    """A missing fact must not turn a refusal into a fault."""

    def __missing__(self, key: str) -> str:
        return "…"


def keys() -> frozenset[str]:
    """All keys, for the tests."""
    return frozenset(_TABLE)
