"""The rules by which the host puts people into dialogs and takes them out.

Joining and leaving by oneself is another matter.
"""

from mtchat.core.errors import NotFound
from mtchat.core.fields import check_id, check_profile
from mtchat.core.inputs import ParticipantFields
from mtchat.core.services import Services
from mtchat.persistence import participants as rows
from mtchat.persistence.participants import Participant


async def add_participant(services: Services, dialog_id: str, person: ParticipantFields) -> Participant:
    """Put somebody into a dialog, positioned at its newest message, and return him; members are told.

    Whoever is in already is returned as he is and nobody is told. Raises InvalidInput, then NotFound.
    """
    check_id("user_id", person["user_id"])
    check_profile(person)
    added = await rows.add_participant(services.database, dialog_id, person)
    if added is None:
        raise NotFound("There is no such dialog")
    participant, event = added
    if event is not None:
        services.publisher.publish(event)
    return participant


async def remove_participant(services: Services, dialog_id: str, user_id: str) -> None:
    """Take somebody out of a dialog and tell him and the members; nothing happens when he is not in it."""
    event = await rows.remove_participant(services.database, dialog_id, user_id)
    if event is not None:
        services.publisher.publish(event)
