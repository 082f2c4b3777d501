"""Read positions: they only move forward, and tell who should know."""

from mtchat.core import events
from mtchat.core.access import Actor
from mtchat.core.services import Services
from mtchat.persistence.reads import ReadMark


async def mark_read(services: Services, actor: Actor, dialog_id: str, message_id: str) -> None:
    """Move the caller's read position of a dialog to a message; earlier or equal positions change nothing.

    Raises NotFound (dialog), Forbidden (not a participant), MessageNotFound.
    """
    result = await services.reads.submit(ReadMark(dialog_id, actor.user_id, message_id))
    if not result.moved:
        return
    frame = {
        "type": events.MESSAGE_READ,
        "dialog_id": dialog_id,
        "user_id": actor.user_id,
        "last_read_message_id": message_id,
    }
    if result.members <= events.READ_BROADCAST_MAX_MEMBERS:
        services.publisher.publish_to_dialog(dialog_id, frame)
    else:
        services.publisher.publish_to_user(actor.user_id, frame)
