"""Coming into a dialog by a matching scope, and leaving it. Whom the host puts in or takes out is another matter."""

from mtchat.core import system_messages
from mtchat.core.access import Actor
from mtchat.core.errors import BadRequest, DialogNotFound, Forbidden, NotParticipant
from mtchat.core.fields import check_profile
from mtchat.core.schemas.inbox import JoinFields
from mtchat.core.services import Services
from mtchat.persistence import joining as rows
from mtchat.persistence.joining import Standing

_ALREADY_IN = "You are already a participant of this dialog"
_NOT_IN = "Only a participant can leave a dialog; you are not one"


async def join_dialog(services: Services, actor: Actor, dialog_id: str, profile: JoinFields) -> None:
    """Put the caller into a dialog; its whole history counts as unread. A system message and an event tell of it.

    Raises DialogNotFound, BadRequest (already in), Forbidden (no scope matches), InvalidInput, in this order.
    """
    standing = await _standing(services, actor, dialog_id)
    if standing.is_member:
        raise BadRequest(_ALREADY_IN)
    if actor.scopes is None or not standing.is_matched:
        raise Forbidden("Forbidden: none of this dialog's scopes matches yours")
    check_profile(profile)
    content = system_messages.participant_joined(profile["display_name"], profile["company"])
    announced = await rows.join_dialog(services.database, dialog_id, actor.user_id, dict(profile), content)
    if announced is None:
        raise BadRequest(_ALREADY_IN)
    services.publisher.publish(*announced)
    services.jobs.ring()


async def leave_dialog(services: Services, actor: Actor, dialog_id: str) -> None:
    """Take the caller out of a dialog. A system message and an event tell of it.

    Raises DialogNotFound, NotParticipant (also to the second of two racing calls).
    """
    standing = await _standing(services, actor, dialog_id)
    if not standing.is_member:
        raise NotParticipant(_NOT_IN)
    content = system_messages.participant_left(standing.display_name or actor.user_id)
    announced = await rows.leave_dialog(services.database, dialog_id, actor.user_id, content)
    if announced is None:
        raise NotParticipant(_NOT_IN)
    services.publisher.publish(*announced)
    services.jobs.ring()


async def _standing(services: Services, actor: Actor, dialog_id: str) -> Standing:
    levels = ([], [], []) if actor.scopes is None else actor.scopes.as_lists()
    standing = await rows.find_standing(services.database, dialog_id, actor.user_id, levels)
    if standing is None:
        raise DialogNotFound("There is no such dialog")
    return standing
