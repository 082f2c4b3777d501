"""What a participant keeps for himself: archived, pinned, muted.

State, not history: it has no place in the event log, and only his own sockets hear of it, when something changed.
"""

from mtchat.core import events
from mtchat.core.access import Actor
from mtchat.core.errors import NotParticipant
from mtchat.core.services import Services
from mtchat.persistence import own_state as rows
from mtchat.persistence.own_state import OwnState


async def set_archived(services: Services, actor: Actor, dialog_id: str, archived: bool) -> None:
    """Put a dialog into the caller's archive, or take it out. Raises NotParticipant."""
    state = await rows.set_own_state(services.database, dialog_id, actor.user_id, is_archived=archived)
    if _require(state).changed:
        kind = events.DIALOG_ARCHIVED if archived else events.DIALOG_UNARCHIVED
        services.publisher.publish_to_user(actor.user_id, {"type": kind, "dialog_id": dialog_id})


async def set_pinned(services: Services, actor: Actor, dialog_id: str, pinned: bool) -> None:
    """Pin a dialog to the top of the caller's lists, or let it go. Raises NotParticipant."""
    state = await rows.set_own_state(services.database, dialog_id, actor.user_id, is_pinned=pinned)
    _tell_update(services, actor, dialog_id, _require(state))


async def set_notifications(services: Services, actor: Actor, dialog_id: str, enabled: bool) -> None:
    """Let the host notify the caller of new messages, or not. Raises NotParticipant."""
    state = await rows.set_own_state(services.database, dialog_id, actor.user_id, notifications_enabled=enabled)
    _tell_update(services, actor, dialog_id, _require(state))


def _require(state: OwnState | None) -> OwnState:
    if state is None:
        raise NotParticipant("Only participants of a dialog may do this; you are not one, or there is no such dialog")
    return state


def _tell_update(services: Services, actor: Actor, dialog_id: str, state: OwnState) -> None:
    if not state.changed:
        return
    frame = {
        "type": events.DIALOG_UPDATED,
        "dialog_id": dialog_id,
        "is_pinned": state.is_pinned,
        "notifications_enabled": state.notifications_enabled,
    }
    services.publisher.publish_to_user(actor.user_id, frame)
