"""The dialog addresses of the Management API."""

from typing import Any, Final

from handlers.base import ApiHandler
from handlers.identity import admin_required
from handlers.operation import Data, operation
from mtchat.core import dialogs
from mtchat.core.errors import InvalidInput, NotFound
from mtchat.core.inputs import DialogFields
from mtchat.core.schemas.dialogs import CreateDialogIn, DialogDetailsOut, DialogOut, FindDialogIn

_SCOPE: Final = {"scope_level0": ["north"], "scope_level1": [], "scope_level2": ["orders:write"]}
_DIALOG: Final = {
    "id": "019c1f3a-52e0-7c41-9d6b-3f0a7be4d210",
    "object_id": "order-4711",
    "object_type": "order",
    "title": "Order 4711",
    "object_url": "https://host.example/orders/4711",
    "created_by": "anna",
    "created_at": "2026-02-02T08:00:00.000001Z",
    "meta": {"priority": 2},
}
_NEW_DIALOG: Final = {
    "object_id": "order-4711",
    "object_type": "order",
    "title": "Order 4711",
    "object_url": "https://host.example/orders/4711",
    "participants": [{"user_id": "anna", "display_name": "Anna", "company": "North"}],
    "access_scopes": [_SCOPE],
    "meta": {"priority": 2},
}
_KEY: Final = (
    "1 to 255 characters, one per dialog to be made. A repeat answers the first dialog again and makes nothing; "
    "kept for at least 24 hours, while the dialog exists."
)


class DialogsHandler(ApiHandler):
    """All dialogs, as the host makes them."""

    @admin_required
    @operation(
        "Create a dialog",
        body=CreateDialogIn,
        answer=Data(DialogOut),
        errors=(InvalidInput,),
        tags=("management",),
        headers={"Idempotency-Key": _KEY},
        example=_DIALOG,
        body_example=_NEW_DIALOG,
    )
    async def post(self, body: DialogFields) -> None:
        key = self.request.headers.get("Idempotency-Key")
        self.answer_raw(await dialogs.create_dialog(self.services, body, key))


class DialogSearchHandler(ApiHandler):
    """The dialog of an object with an exact set of scopes."""

    @admin_required
    @operation(
        "Find the newest dialog of an object by its exact scopes",
        body=FindDialogIn,
        answer=Data(DialogOut, nullable=True),
        errors=(InvalidInput,),
        tags=("management",),
        description="Scopes are compared as sets: order and repetition do not count. None: a dialog without scopes.",
        example=_DIALOG,
        body_example={"object_id": "order-4711", "object_type": "order", "access_scopes": [_SCOPE]},
    )
    async def post(self, body: dict[str, Any]) -> None:
        self.answer_raw(await dialogs.find_dialog(self.services, **body) or b"null")


class DialogHandler(ApiHandler):
    """One dialog, as the host sees it."""

    @admin_required
    @operation(
        "Get a dialog with its participants and scopes",
        answer=Data(DialogDetailsOut),
        errors=(NotFound,),
        tags=("management",),
    )
    async def get(self, dialog_id: str) -> None:
        self.answer_raw(await dialogs.get_dialog_details(self.services, dialog_id))

    @admin_required
    @operation(
        "Delete a dialog with all that is in it",
        status=204,
        tags=("management",),
        description="Also answered for a dialog that does not exist. Each participant is told that he is out.",
    )
    async def delete(self, dialog_id: str) -> None:
        await dialogs.delete_dialog(self.services, dialog_id)
        self.answer_empty(204)


ROUTES = [
    ("/api/v1/management/dialogs", DialogsHandler),
    ("/api/v1/management/dialogs/search", DialogSearchHandler),
    ("/api/v1/management/dialogs/{dialog_id}", DialogHandler),
]
