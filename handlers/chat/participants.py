"""The participants of a dialog as the caller may see them."""

from handlers.base import ApiHandler
from handlers.identity import user_required
from handlers.operation import Data, operation
from mtchat.core import roster
from mtchat.core.errors import Forbidden
from mtchat.core.schemas.inbox import RosterEntryOut


class ParticipantsHandler(ApiHandler):
    """Everybody in a dialog."""

    @user_required(scopes="optional")
    @operation(
        "List participants",
        description="By arrival. Somebody who only matches a scope gets no contacts and no read positions.",
        answer=Data(RosterEntryOut, many=True),
        errors=(Forbidden,),
        tags=("participants",),
    )
    async def get(self, dialog_id: str) -> None:
        self.answer_raw(await roster.list_roster(self.services, self.actor, dialog_id))


ROUTES = [
    ("/api/v1/dialogs/{dialog_id}/participants", ParticipantsHandler),
]
