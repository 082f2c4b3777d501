"""Messages of a dialog: pages, send, one message, edit, delete, and the read position."""

from typing import Any

from handlers.base import ApiHandler
from handlers.identity import user_required
from handlers.operation import Bare, Data, operation
from mtchat.core import messages, reads
from mtchat.core.errors import (
    BadRequest,
    DialogNotFound,
    Forbidden,
    InvalidInput,
    MessageNotFound,
    NotFound,
    NotMessageAuthor,
)
from mtchat.core.schemas.envelope import SuccessOut
from mtchat.core.schemas.messages import (
    EditMessageIn,
    MessageOut,
    MessagePageOut,
    MessagesQuery,
    ReadIn,
    SendMessageIn,
)

_TAGS = ("messages",)


class MessagesHandler(ApiHandler):
    """All messages of a dialog."""

    @user_required
    @operation(
        "List messages",
        description="Oldest first. Without a cursor, the newest page.",
        query=MessagesQuery,
        answer=Data(MessagePageOut),
        errors=(Forbidden,),
        tags=_TAGS,
    )
    async def get(self, dialog_id: str, query: dict[str, Any]) -> None:
        page, first_unread_id = await messages.list_messages(self.services, self.actor, dialog_id, **query)
        self.answer_raw(page.to_json(first_unread_id))

    @user_required
    @operation(
        "Send a message",
        description="A repeat with the same client_message_id (or Idempotency-Key) answers the first message again.",
        body=SendMessageIn,
        answer=Data(MessageOut),
        errors=(DialogNotFound, Forbidden, BadRequest, InvalidInput),
        headers={"Idempotency-Key": "The same as client_message_id, which wins when both are given"},
        body_example={"content": "<p>See you at gate 4</p>", "client_message_id": "6f1c0a52"},
        tags=_TAGS,
    )
    async def post(self, dialog_id: str, body: dict[str, Any]) -> None:
        key = body["client_message_id"]
        new = messages.NewMessage(
            content=body["content"],
            reply_to_id=body["reply_to"],
            attachments=body["attachments"],
            client_message_id=self.request.headers.get("Idempotency-Key") if key is None else key,
        )
        self.answer(await messages.send_message(self.services, self.actor, dialog_id, new))


class MessageHandler(ApiHandler):
    """One message."""

    @user_required
    @operation("Get a message", answer=Data(MessageOut), errors=(Forbidden, MessageNotFound), tags=_TAGS)
    async def get(self, dialog_id: str, message_id: str) -> None:
        self.answer_raw(await messages.get_message(self.services, self.actor, dialog_id, message_id))

    @user_required
    @operation(
        "Edit one's own message",
        body=EditMessageIn,
        answer=Data(MessageOut),
        errors=(Forbidden, MessageNotFound, NotMessageAuthor, InvalidInput),
        tags=_TAGS,
    )
    async def put(self, dialog_id: str, message_id: str, body: dict[str, Any]) -> None:
        edited = await messages.edit_message(self.services, self.actor, dialog_id, message_id, body["content"])
        self.answer(edited)

    @user_required
    @operation(
        "Delete one's own message", status=204, errors=(Forbidden, MessageNotFound, NotMessageAuthor), tags=_TAGS
    )
    async def delete(self, dialog_id: str, message_id: str) -> None:
        await messages.delete_message(self.services, self.actor, dialog_id, message_id)
        self.answer_empty(204)


class ReadHandler(ApiHandler):
    """The caller's read position."""

    @user_required
    @operation(
        "Move the read position forward",
        description="An earlier or equal message changes nothing and is no mistake.",
        body=ReadIn,
        answer=Bare(SuccessOut),
        errors=(NotFound, Forbidden, MessageNotFound),
        tags=_TAGS,
    )
    async def post(self, dialog_id: str, body: dict[str, Any]) -> None:
        await reads.mark_read(self.services, self.actor, dialog_id, body["last_read_message_id"])
        self.answer_bare({"success": True})


ROUTES = [
    ("/api/v1/dialogs/{dialog_id}/messages", MessagesHandler),
    ("/api/v1/dialogs/{dialog_id}/messages/{message_id}", MessageHandler),
    ("/api/v1/dialogs/{dialog_id}/read", ReadHandler),
]
