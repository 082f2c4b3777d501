"""Dialogs as the caller sees them: lists, one by id or by object; joining, leaving, and what he keeps for himself."""

from typing import Any, Final

from handlers.base import ApiHandler
from handlers.identity import user_required
from handlers.operation import Bare, Data, operation
from mtchat.core import inbox, joining, own_state
from mtchat.core.errors import (
    BadRequest,
    DialogNotFound,
    Forbidden,
    InvalidInput,
    NotParticipant,
    ScopeMismatch,
)
from mtchat.core.inbox import ListRequest
from mtchat.core.schemas.inbox import (
    DialogItemOut,
    DialogsQuery,
    JoinedOut,
    JoinFields,
    JoinIn,
    NotificationsIn,
    ObjectDialogsQuery,
    StatusOut,
)

_TAGS: Final = ("dialogs",)
_BY_OBJECT: Final = "/api/v1/dialogs/by-object/{object_type}/{object_id}"


class DialogsHandler(ApiHandler):
    """Many dialogs."""

    @user_required(scopes="optional")
    @operation(
        "List dialogs",
        description="Pinned first, then newest activity. X-Scope-Config hides own dialogs whose scopes do not match.",
        query=DialogsQuery,
        answer=Data(DialogItemOut, many=True),
        errors=(BadRequest, InvalidInput),
        tags=_TAGS,
    )
    async def get(self, query: dict[str, Any]) -> None:
        self.answer_raw(await inbox.list_dialogs(self.services, self.actor, ListRequest(**query)))


class DialogHandler(ApiHandler):
    """One dialog."""

    @user_required(scopes="optional")
    @operation("Get a dialog", answer=Data(DialogItemOut), errors=(DialogNotFound, ScopeMismatch), tags=_TAGS)
    async def get(self, dialog_id: str) -> None:
        self.answer_raw(await inbox.get_dialog(self.services, self.actor, dialog_id))


class ObjectDialogHandler(ApiHandler):
    """The dialog of an object."""

    @user_required(scopes="optional")
    @operation(
        "Get the latest dialog of an object",
        description="The latest made one that the caller is in or could join; null when there is none.",
        answer=Data(DialogItemOut, nullable=True),
        errors=(InvalidInput,),
        tags=_TAGS,
    )
    async def get(self, object_type: str, object_id: str) -> None:
        found = await inbox.find_object_dialog(self.services, self.actor, object_type, object_id)
        self.answer_raw(b"null" if found is None else found)


class ObjectDialogsHandler(ApiHandler):
    """All dialogs of an object."""

    @user_required(scopes="optional")
    @operation(
        "List the dialogs of an object",
        description="Those the caller is in and, with X-Scope-Config, those he could join; ordered as all lists.",
        query=ObjectDialogsQuery,
        answer=Data(DialogItemOut, many=True),
        errors=(InvalidInput,),
        tags=_TAGS,
    )
    async def get(self, object_type: str, object_id: str, query: dict[str, Any]) -> None:
        asked = ListRequest(**query)
        self.answer_raw(await inbox.list_object_dialogs(self.services, self.actor, object_type, object_id, asked))


class DialogJoinHandler(ApiHandler):
    """Coming in."""

    @user_required(scopes="required")
    @operation(
        "Join a dialog",
        description="Needs a matching scope. The whole history counts as unread.",
        body=JoinIn,
        answer=Bare(JoinedOut),
        errors=(DialogNotFound, BadRequest, Forbidden, InvalidInput),
        body_example={"display_name": "Vera", "company": "North"},
        tags=_TAGS,
    )
    async def post(self, dialog_id: str, body: JoinFields) -> None:
        await joining.join_dialog(self.services, self.actor, dialog_id, body)
        self.answer_bare({"status": "joined", "dialog_id": dialog_id})


class DialogLeaveHandler(ApiHandler):
    """Going."""

    @user_required
    @operation("Leave a dialog", answer=Bare(StatusOut), errors=(DialogNotFound, NotParticipant), tags=_TAGS)
    async def post(self, dialog_id: str) -> None:
        await joining.leave_dialog(self.services, self.actor, dialog_id)
        self.answer_bare({"status": "left"})


class DialogArchiveHandler(ApiHandler):
    """Into the caller's archive."""

    @user_required
    @operation("Archive a dialog for oneself", answer=Bare(StatusOut), errors=(NotParticipant,), tags=_TAGS)
    async def post(self, dialog_id: str) -> None:
        await own_state.set_archived(self.services, self.actor, dialog_id, True)
        self.answer_bare({"status": "archived"})


class DialogUnarchiveHandler(ApiHandler):
    """Out of the caller's archive."""

    @user_required
    @operation("Take a dialog out of one's archive", answer=Bare(StatusOut), errors=(NotParticipant,), tags=_TAGS)
    async def post(self, dialog_id: str) -> None:
        await own_state.set_archived(self.services, self.actor, dialog_id, False)
        self.answer_bare({"status": "unarchived"})


class DialogPinHandler(ApiHandler):
    """To the top of the caller's lists."""

    @user_required
    @operation("Pin a dialog for oneself", answer=Bare(StatusOut), errors=(NotParticipant,), tags=_TAGS)
    async def post(self, dialog_id: str) -> None:
        await own_state.set_pinned(self.services, self.actor, dialog_id, True)
        self.answer_bare({"status": "pinned"})


class DialogUnpinHandler(ApiHandler):
    """Back to its place by activity."""

    @user_required
    @operation("Unpin a dialog for oneself", answer=Bare(StatusOut), errors=(NotParticipant,), tags=_TAGS)
    async def post(self, dialog_id: str) -> None:
        await own_state.set_pinned(self.services, self.actor, dialog_id, False)
        self.answer_bare({"status": "unpinned"})


class DialogNotificationsHandler(ApiHandler):
    """Whether the host may notify the caller."""

    @user_required
    @operation(
        "Switch one's notifications of a dialog",
        body=NotificationsIn,
        answer=Bare(StatusOut),
        errors=(NotParticipant,),
        body_example={"enabled": False},
        tags=_TAGS,
    )
    async def post(self, dialog_id: str, body: dict[str, Any]) -> None:
        await own_state.set_notifications(self.services, self.actor, dialog_id, body["enabled"])
        self.answer_bare({"status": "enabled" if body["enabled"] else "disabled"})


ROUTES = [
    ("/api/v1/dialogs", DialogsHandler),
    ("/api/v1/dialogs/{dialog_id}", DialogHandler),
    (_BY_OBJECT, ObjectDialogHandler),
    (f"{_BY_OBJECT}/list", ObjectDialogsHandler),
    ("/api/v1/dialogs/{dialog_id}/join", DialogJoinHandler),
    ("/api/v1/dialogs/{dialog_id}/leave", DialogLeaveHandler),
    ("/api/v1/dialogs/{dialog_id}/archive", DialogArchiveHandler),
    ("/api/v1/dialogs/{dialog_id}/unarchive", DialogUnarchiveHandler),
    ("/api/v1/dialogs/{dialog_id}/pin", DialogPinHandler),
    ("/api/v1/dialogs/{dialog_id}/unpin", DialogUnpinHandler),
    ("/api/v1/dialogs/{dialog_id}/notifications", DialogNotificationsHandler),
]
