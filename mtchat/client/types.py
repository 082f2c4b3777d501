"""What the service answers, as typed dictionaries. Fields it adds later are simply there as well."""

from typing import Any, Literal, NotRequired, TypedDict


class Attachment(TypedDict):
    """A file of a message."""

    id: str
    filename: str
    content_type: str
    size: int
    url: str
    width: NotRequired[int]
    height: NotRequired[int]
    thumbnail_url: NotRequired[str]


class Message(TypedDict):
    """A message; `sender_id` is None for system messages."""

    id: str
    dialog_id: str
    sender_id: str | None
    content: str
    sent_at: str
    last_edited_at: str | None
    reply_to_id: str | None
    message_type: Literal["user", "system"]
    attachments: NotRequired[list[Attachment]]


class MessagePage(TypedDict):
    """Messages in order of time; `seq` is the place in the dialog's log that the page was read at."""

    messages: list[Message]
    first_unread_message_id: NotRequired[str]
    has_more_before: bool
    has_more_after: bool
    seq: int


class Dialog(TypedDict):
    """A dialog as the caller may see it; own state only where he is a participant."""

    id: str
    object_id: str
    object_type: str
    title: str | None
    object_url: str | None
    created_by: str | None
    created_at: str
    meta: NotRequired[dict[str, Any]]
    i_am_participant: bool
    can_join: bool
    participants_count: NotRequired[int]
    unread_count: NotRequired[int]
    is_archived: NotRequired[bool]
    is_pinned: NotRequired[bool]
    notifications_enabled: NotRequired[bool]
    seq: NotRequired[int]
    last_message_at: NotRequired[str]
    last_message: NotRequired[dict[str, Any]]


class Participant(TypedDict):
    """Somebody in a dialog."""

    dialog_id: str
    user_id: str
    joined_at: str
    joined_as: str
    display_name: str | None
    company: str | None
    email: str | None
    phone: str | None
    is_online: NotRequired[bool]
    last_read_message_id: str | None
    unread_count: int


class Person(TypedDict):
    """Whom the host puts into a dialog."""

    user_id: str
    display_name: str
    company: NotRequired[str | None]
    email: NotRequired[str | None]
    phone: NotRequired[str | None]


class Scope(TypedDict, total=False):
    """Who else may see and join a dialog: one level of each list must be the caller's; an empty list matches all."""

    scope_level0: list[str]
    scope_level1: list[str]
    scope_level2: list[str]


class File(TypedDict):
    """An uploaded file to send, as `presign` was asked for it, with the key it answered."""

    s3_key: str
    filename: str
    content_type: str
    size: int
