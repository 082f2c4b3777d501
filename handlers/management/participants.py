"""The participant addresses of the Management API."""

from handlers.base import ApiHandler
from handlers.identity import admin_required
from handlers.operation import Data, operation
from mtchat.core import membership
from mtchat.core.errors import InvalidInput, NotFound
from mtchat.core.inputs import ParticipantFields
from mtchat.core.schemas.participants import ParticipantIn, ParticipantOut


class ParticipantsHandler(ApiHandler):
    """Everybody in a dialog."""

    @admin_required
    @operation(
        "Add a participant",
        body=ParticipantIn,
        answer=Data(ParticipantOut),
        status=201,
        errors=(InvalidInput, NotFound),
        tags=("management",),
        description="Whoever is in already stays as he is: the profile is not updated and nobody is told.",
        body_example={"user_id": "boris", "display_name": "Boris", "company": "South", "email": "boris@south.example"},
    )
    async def post(self, dialog_id: str, body: ParticipantFields) -> None:
        self.answer(await membership.add_participant(self.services, dialog_id, body), 201)


class ParticipantHandler(ApiHandler):
    """One person in a dialog."""

    @admin_required
    @operation(
        "Remove a participant",
        status=204,
        tags=("management",),
        description="Also answered when the person is not in the dialog, or there is no such dialog.",
    )
    async def delete(self, dialog_id: str, user_id: str) -> None:
        await membership.remove_participant(self.services, dialog_id, user_id)
        self.answer_empty(204)


ROUTES = [
    ("/api/v1/management/dialogs/{dialog_id}/participants", ParticipantsHandler),
    ("/api/v1/management/dialogs/{dialog_id}/participants/{user_id}", ParticipantHandler),
]
