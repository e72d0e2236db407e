"""What travels between routing and its callers: enumerations and frozen values, no behaviour.

Identifiers are database keys. Dates without a time are days of the agency's calendar; times are
aware UTC.
"""

from routing.types.given import (
    Candidate,
    Cc,
    Fields,
    MessageRef,
    QueueItem,
    Registered,
    SourceFile,
    Suggestion,
    Upload,
)
from routing.types.shown import (
    Assignees,
    CaseView,
    DocumentSummary,
    DocumentView,
    Figures,
    FileView,
    HistoryLine,
    OpenedFile,
    OpinionView,
    Page,
    Party,
    StepView,
    Work,
    WorkItem,
)
from routing.types.states import (
    Action,
    FileRole,
    Role,
    Secrecy,
    State,
    StepRole,
    StepState,
    Treatment,
    Urgency,
)

__all__ = [
    "Action",
    "Assignees",
    "Candidate",
    "CaseView",
    "Cc",
    "DocumentSummary",
    "DocumentView",
    "Fields",
    "Figures",
    "FileRole",
    "FileView",
    "HistoryLine",
    "MessageRef",
    "OpenedFile",
    "OpinionView",
    "Page",
    "Party",
    "QueueItem",
    "Registered",
    "Role",
    "Secrecy",
    "SourceFile",
    "State",
    "StepRole",
    "StepState",
    "StepView",
    "Suggestion",
    "Treatment",
    "Upload",
    "Urgency",
    "Work",
    "WorkItem",
]
