"""What is chosen from a list: states, acts, roles. The values stand in columns, events and mail."""

from __future__ import annotations

from enum import Enum, IntEnum, unique


@unique
class State(Enum):
    """Where the main line of an incoming document stands (exactly one place at a time)."""

    NEW = "new"  # tiếp nhận: not in the register yet
    REGISTERED = "registered"  # đã vào sổ
    AWAITING = "awaiting_direction"  # chờ ý kiến chỉ đạo, at a stage of the agency's route
    WITH_UNIT = "with_unit"  # đã giao cho đơn vị
    WITH_HANDLER = "with_handler"  # người được giao đang xử lý
    FINISHED = "finished"  # kết thúc


@unique
class Action(Enum):
    """What somebody does to a document. The value stands in history, events and `Vanthu-Action`."""

    REGISTER = "register"  # vào sổ
    SUBMIT = "submit"  # trình
    DIRECT = "direct"  # cho ý kiến, chuyển bước sau của luồng
    ASSIGN = "assign"  # giao xử lý
    RETURN = "return"  # trả lại
    OPINE = "opinion"  # thêm ý kiến
    NOTIFY = "notify"  # thông báo cho người khác biết
    FILE = "file"  # đưa vào hồ sơ
    FINISH = "finish"  # kết thúc
    REOPEN = "reopen"  # mở lại văn bản đã kết thúc
    ASK_TIME = "ask_time"  # xin gia hạn
    GRANT_TIME = "grant_time"  # cho gia hạn
    REFUSE_TIME = "refuse_time"  # không cho gia hạn


@unique
class DueBy(Enum):
    """Where the deadline of a document comes from (04/2017/QĐ-UBND, Điều 11 khoản 6)."""

    NONE = ""
    DOCUMENT = "document"  # ghi trên văn bản
    PROCEDURE = "procedure"  # theo thủ tục
    LEADER = "leader"  # lãnh đạo giao
    EXTENSION = "extension"  # được gia hạn


@unique
class Role(Enum):
    """What an actor is to one document."""

    CLERK = "clerk"  # văn thư: may register for the agency
    DECIDER = "decider"  # acts for the stage of the route that has the document
    UNIT_HEAD = "unit_head"  # acts for the unit that has, or whose member has, the document
    HANDLER = "handler"  # the one main handler
    SUPERVISOR = "supervisor"  # acted on it earlier and passed it on
    OVERSEER = "overseer"  # gave it to whoever has, or had, it last; every LEADER but for tasks of their own
    LEADER = "leader"  # leads the agency, or decided on it as a stage of the route
    READER = "reader"  # in copy
    STRANGER = "stranger"


@unique
class StepRole(Enum):
    """Main handler, or in copy (1201/QĐ-SYT knows no other; 132/QĐ-STTTT, Điều 10 khoản 9)."""

    MAIN = "main"
    CC = "cc"


@unique
class StepState(Enum):
    PENDING = "pending"  # lies in Chờ xử lý (main) or Để biết (cc)
    DONE = "done"  # passed on, or finished
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"  # given to somebody else by the one who had assigned it
    READ = "read"  # cc only


@unique
class Urgency(IntEnum):
    """Độ khẩn (30/2020/NĐ-CP, Điều 4)."""

    NORMAL = 0
    URGENT = 1  # khẩn
    VERY_URGENT = 2  # thượng khẩn
    FLASH = 3  # hỏa tốc


@unique
class Secrecy(IntEnum):
    """Độ mật; anything above NORMAL is refused (1201/QĐ-SYT, Điều 3 khoản 5)."""

    NORMAL = 0
    SECRET = 1
    TOP_SECRET = 2
    MOST_SECRET = 3


@unique
class Treatment(Enum):
    """What is asked of the agency."""

    TASK = "task"  # xử lý
    COMMENT = "comment"  # góp ý (shown blue; 1201/QĐ-SYT, Điều 5 khoản 6)
    INFORMATION = "information"  # để biết


@unique
class FileRole(Enum):
    MAIN = "main"  # the document itself
    ANNEX = "annex"  # phụ lục, tài liệu kèm
    EDITABLE = "editable"  # bản Word
    OPINION = "opinion"  # came with an opinion
