"""The rules of messages: who may send, edit, delete and read them, and what of them is stored."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from mtchat.core import events
from mtchat.core.access import Actor
from mtchat.core.attachments import FILES, check_attachments, verify_uploads
from mtchat.core.content import check_message_content, has_visible_text
from mtchat.core.errors import (
    BadRequest,
    DialogNotFound,
    Forbidden,
    InvalidInput,
    MessageNotFound,
    NotMessageAuthor,
    Unavailable,
)
from mtchat.core.services import Services
from mtchat.core.uploads import last_arrival_secs
from mtchat.persistence import messages as rows
from mtchat.persistence.attachments import DraftFile, send_with_files
from mtchat.persistence.messages import Draft, FoundMessage, Message, Outcome, Page, Repeat

DEFAULT_PAGE: Final = 50
# Hosts fetch long pages for exports; a thousand messages are about half a megabyte.
MAX_PAGE: Final = 1_000
MAX_CLIENT_MESSAGE_ID_CHARS: Final = 255

_LAST_UUID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_NOT_WRITER: Final = "Forbidden: only participants may write here; join the dialog first"
_NOT_MEMBER: Final = "Forbidden: only participants may see the messages of a dialog"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a client asks to send; nothing of it is checked yet."""

    content: str
    reply_to_id: str | None
    attachments: list[dict[str, Any]]
    client_message_id: str | None


async def send_message(services: Services, actor: Actor, dialog_id: str, new: NewMessage) -> Message:
    """Store a message, announce it and return it; a repeated client_message_id returns the first message again.

    Raises DialogNotFound, Forbidden, BadRequest (attachments) or InvalidInput (attachments, text, client_message_id),
    in this order; Unavailable while the storage of its files is away.
    """
    key = new.client_message_id
    files: tuple[DraftFile, ...] = ()
    try:
        named = check_attachments(dialog_id, new.attachments)
        content = _content_to_send(new)
        if named:
            files = await verify_uploads(services, actor, dialog_id, key, named)
    except (InvalidInput, BadRequest):
        await _require_writer(services, actor, dialog_id)
        raise
    stored = await _store(services, Draft(dialog_id, actor.user_id, content, new.reply_to_id, key), files)
    if stored is None:
        await _require_writer(services, actor, dialog_id)
        raise Forbidden(_NOT_WRITER)  # he has come in since
    if isinstance(stored, Repeat):
        return await _first(services, actor, dialog_id, stored)
    for user_id in stored.unarchived:
        services.publisher.publish_to_user(user_id, {"type": events.DIALOG_UNARCHIVED, "dialog_id": dialog_id})
    services.publisher.publish(stored.event)
    services.jobs.ring()
    if any(file.has_work for file in files):
        services.jobs.ring(FILES)
    return stored.message


async def _store(services: Services, draft: Draft, files: tuple[DraftFile, ...]) -> Outcome:
    if not files:
        return await services.sends.submit(draft)
    late_secs = last_arrival_secs(services.settings.storage)
    return await send_with_files(services.database, services.links.attachments, late_secs, draft, files)


async def _first(services: Services, actor: Actor, dialog_id: str, repeat: Repeat) -> Message:
    try:
        message: Message = orjson.loads(await get_message(services, actor, dialog_id, repeat.message_id))
    except MessageNotFound:
        raise Unavailable("The message was deleted in this very moment; try again in a moment") from None
    return message


def _content_to_send(new: NewMessage) -> str:
    if new.client_message_id is not None:
        _check_client_message_id(new.client_message_id)
    return _content(new.content, has_files=bool(new.attachments))


def _check_client_message_id(value: str) -> None:
    if not value or len(value) > MAX_CLIENT_MESSAGE_ID_CHARS or "\x00" in value:
        raise InvalidInput(
            f"client_message_id must have 1 to {MAX_CLIENT_MESSAGE_ID_CHARS} characters, none of them NUL"
        )


def _content(text: str, *, has_files: bool) -> str:
    content = check_message_content(text)
    if not has_files and not has_visible_text(content):
        raise InvalidInput("content is empty; write something or attach a file")
    return content


async def _require_writer(services: Services, actor: Actor, dialog_id: str) -> None:
    """Who may not write here is told that, not which rule of a message he broke."""
    is_member = await rows.find_writer(services.database, dialog_id, actor.user_id)
    if is_member is None:
        raise DialogNotFound("There is no such dialog")
    if not is_member:
        raise Forbidden(_NOT_WRITER)


async def list_messages(
    services: Services,
    actor: Actor,
    dialog_id: str,
    *,
    before: str | None = None,
    after: str | None = None,
    around: str | None = None,
    limit: int = DEFAULT_PAGE,
) -> tuple[Page, str | None]:
    """Return a page and the id of its first unread message, if any; `around` wins over `after` over `before`.

    limit: messages in the page, taken as 0..1,000. Raises Forbidden for everybody but participants.
    """
    limit = min(max(limit, 0), MAX_PAGE)
    if around is not None:
        pivot, older, newer = around, limit // 2, limit // 2 + 1 if limit else 0
    elif after is not None:
        pivot, older, newer = _next_uuid(after), 0, limit
    else:
        pivot, older, newer = before or _LAST_UUID, limit, 0
    page = await rows.page_messages(
        services.database, services.links.attachments, dialog_id, actor.user_id, pivot=pivot, older=older, newer=newer
    )
    if page is None:
        raise Forbidden(_NOT_MEMBER)
    return page, None if around is not None else _first_unread(page)


def _first_unread(page: Page) -> str | None:
    """The first unread message shown; when all are older than the newest page, that page's first message."""
    if page.unread_ids:
        return page.unread_ids[0]
    newest = not page.has_more_after
    return page.ids[0] if page.unread and newest and page.ids else None


def _next_uuid(value: str) -> str:
    number = min(int(value.replace("-", ""), 16) + 1, (1 << 128) - 1)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


async def get_message(services: Services, actor: Actor, dialog_id: str, message_id: str) -> bytes:
    """Return one message as JSON text. Raises Forbidden for non-participants, MessageNotFound."""
    found = await _require_message(services, actor, dialog_id, message_id)
    assert found.json is not None
    return rows.with_attachments(services.links.attachments, found.json, found.files)


async def edit_message(services: Services, actor: Actor, dialog_id: str, message_id: str, text: str) -> Message:
    """Replace the text of one's own message and return the message.

    Raises Forbidden for non-participants, MessageNotFound, NotMessageAuthor, InvalidInput, in this order.
    """
    found = await _require_own_message(services, actor, dialog_id, message_id)
    content = _content(text, has_files=found.files is not None)
    edited = await rows.edit_message(
        services.database, services.links.attachments, dialog_id, message_id, actor.user_id, content
    )
    if edited is None:
        raise MessageNotFound("There is no such message in this dialog")
    message, event = edited
    services.publisher.publish(event)
    services.jobs.ring()
    return message


async def delete_message(services: Services, actor: Actor, dialog_id: str, message_id: str) -> None:
    """Delete one's own message. Raises Forbidden for non-participants, MessageNotFound, NotMessageAuthor."""
    await _require_own_message(services, actor, dialog_id, message_id)
    event = await rows.delete_message(services.database, dialog_id, message_id, actor.user_id)
    if event is None:
        raise MessageNotFound("There is no such message in this dialog")
    services.publisher.publish(event)
    services.jobs.ring()


async def _require_message(services: Services, actor: Actor, dialog_id: str, message_id: str) -> FoundMessage:
    found = await rows.find_message(services.database, dialog_id, message_id, actor.user_id)
    if found is None:
        raise Forbidden(_NOT_MEMBER)
    if found.json is None:
        raise MessageNotFound("There is no such message in this dialog")
    return found


async def _require_own_message(services: Services, actor: Actor, dialog_id: str, message_id: str) -> FoundMessage:
    found = await _require_message(services, actor, dialog_id, message_id)
    if found.sender_id != actor.user_id:
        raise NotMessageAuthor("Only the author may change or delete a message")
    return found
