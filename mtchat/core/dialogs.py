"""The rules of dialogs as the host makes, finds, reads and deletes them."""

from typing import Final

from mtchat.core import system_messages
from mtchat.core.access_scopes import check_access_scopes
from mtchat.core.errors import InvalidInput, NotFound, Unavailable
from mtchat.core.fields import (
    MAX_OBJECT_TYPE_CHARS,
    MAX_TITLE_CHARS,
    check_id,
    check_object_url,
    check_profile,
    check_text,
    meta_json,
)
from mtchat.core.inputs import AccessScopeFields, DialogFields, ParticipantFields
from mtchat.core.services import Services
from mtchat.persistence import dialogs as rows
from mtchat.persistence.dialogs import NewDialog

# A key is found taken and then free only when its dialog is deleted meanwhile; twice in one call is a curiosity.
_ATTEMPTS: Final = 3

# Rows that one statement deletes far within the statement timeout: 25 ms of work, a multiple of it on a slow disk.
_MESSAGES_PER_STATEMENT: Final = 10_000


async def create_dialog(services: Services, fields: DialogFields, idempotency_key: str | None = None) -> bytes:
    """Make a dialog, tell its people and return it as JSON; a repeated key returns the first dialog and tells nobody.

    Raises InvalidInput for a field that breaks a rule, or a key that was used for another object.
    """
    new = _checked(fields)
    if idempotency_key is not None:
        check_id("Idempotency-Key", idempotency_key)
    for _ in range(_ATTEMPTS):
        dialog = await _create(services, new, idempotency_key)
        if dialog is None and idempotency_key is not None:
            dialog = await _repeated(services, new, idempotency_key)
        if dialog is not None:
            return dialog
    raise Unavailable("Dialogs of this Idempotency-Key are being deleted; try again in a moment")


async def _create(services: Services, new: NewDialog, idempotency_key: str | None) -> bytes | None:
    created = await rows.create_dialog(services.database, new, idempotency_key)
    if created is None:
        return None
    user_ids = [person["user_id"] for person in new.participants]
    services.publisher.dialog_created(created.id, created.last_seq, user_ids)
    services.jobs.ring()
    return created.json


async def _repeated(services: Services, new: NewDialog, idempotency_key: str) -> bytes | None:
    """What the key has made; None when it is free, which it also becomes when its dialog is gone."""
    earlier = await rows.find_dialog_by_key(services.database, idempotency_key)
    if earlier is None:
        return None
    if earlier.json is None:
        await rows.release_idempotency_key(services.database, idempotency_key, earlier.id)
        return None
    if (earlier.object_id, earlier.object_type) != (new.object_id, new.object_type):
        raise InvalidInput("This Idempotency-Key has made a dialog of another object; use a new key for each dialog")
    return earlier.json


async def find_dialog(
    services: Services, object_id: str, object_type: str, access_scopes: list[AccessScopeFields]
) -> bytes | None:
    """Return the newest dialog of an object whose scopes are exactly these, as JSON, or None. Raises InvalidInput."""
    _check_object(object_id, object_type)
    check_access_scopes(access_scopes)
    return await rows.find_dialog(services.database, object_id, object_type, access_scopes)


async def get_dialog_details(services: Services, dialog_id: str) -> bytes:
    """Return a dialog with its participants and scopes as JSON. Raises NotFound."""
    details = await rows.find_dialog_details(services.database, dialog_id)
    if details is None:
        raise NotFound("There is no such dialog")
    return details


async def delete_dialog(services: Services, dialog_id: str) -> None:
    """Delete a dialog with all that is in it and tell its people; one that does not exist is deleted already.

    A long one loses its people and scopes first, then its messages piece by piece: no statement runs long, nobody sees
    it half empty, and a repeat of a call that was cut off goes on where that one stopped.
    """
    while True:
        members, is_gone = await rows.empty_dialog(services.database, dialog_id, _MESSAGES_PER_STATEMENT)
        if members:
            services.publisher.dialog_deleted(dialog_id, members)
        if is_gone:
            services.jobs.ring()
            return
        while await rows.delete_some_messages(services.database, dialog_id, _MESSAGES_PER_STATEMENT):
            pass


def _checked(fields: DialogFields) -> NewDialog:
    _check_object(fields["object_id"], fields["object_type"])
    check_text("title", fields["title"], MAX_TITLE_CHARS)
    check_object_url(fields["object_url"])
    _check_people(fields["participants"])
    check_access_scopes(fields["access_scopes"])
    return NewDialog(
        object_id=fields["object_id"],
        object_type=fields["object_type"],
        title=fields["title"],
        object_url=fields["object_url"],
        meta=meta_json(fields["meta"]),
        participants=fields["participants"],
        access_scopes=fields["access_scopes"],
        opening=system_messages.chat_created(fields["participants"]),
    )


def _check_object(object_id: str, object_type: str) -> None:
    check_id("object_id", object_id)
    check_id("object_type", object_type, MAX_OBJECT_TYPE_CHARS)


def _check_people(people: list[ParticipantFields]) -> None:
    seen: set[str] = set()
    for index, person in enumerate(people):
        prefix = f"participants[{index}]."
        check_id(f"{prefix}user_id", person["user_id"])
        check_profile(person, prefix)
        if person["user_id"] in seen:
            raise InvalidInput(f"participants names {person['user_id']!r} more than once; name each person once")
        seen.add(person["user_id"])
