"""The access scope address of the Management API."""

from handlers.base import ApiHandler
from handlers.identity import admin_required
from handlers.operation import Data, operation
from mtchat.core import access_scopes
from mtchat.core.errors import InvalidInput, NotFound
from mtchat.core.inputs import ReplaceAccessScopesFields
from mtchat.core.schemas.access_scopes import AccessScopeOut, ReplaceAccessScopesIn


class AccessScopesHandler(ApiHandler):
    """Who may find and join a dialog."""

    @admin_required
    @operation(
        "Replace the access scopes of a dialog",
        body=ReplaceAccessScopesIn,
        answer=Data(AccessScopeOut, many=True),
        errors=(InvalidInput, NotFound),
        tags=("management",),
        description="All at once, with new ids. Whoever is in the dialog stays in.",
        body_example={"access_scopes": [{"scope_level0": ["south"]}]},
    )
    async def put(self, dialog_id: str, body: ReplaceAccessScopesFields) -> None:
        stored = await access_scopes.replace_access_scopes(self.services, dialog_id, body["access_scopes"])
        self.answer_raw(stored)


ROUTES = [
    ("/api/v1/management/dialogs/{dialog_id}/access-scopes", AccessScopesHandler),
]
