"""The two APIs over HTTP: ChatApi speaks as a person, ManagementApi as the host's backend.

Every call raises RefusedError or UnreachableError. Requests that can be repeated are repeated by themselves; sending
and creating carry a key, so that a repeat makes no second message and no second dialog.
"""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import quote

from mtchat.client.calling import Caller, Token, scope_header
from mtchat.client.types import Dialog, File, Message, MessagePage, Participant, Person, Scope

PAGE: Final = 100
_BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"


class ChatApi(Caller):
    """What a person of the chat may do."""

    def __init__(
        self,
        base_url: str,
        *,
        user_id: str | None = None,
        scopes: Mapping[str, list[str]] | None = None,
        token: Token | None = None,
        **options: Any,
    ) -> None:
        """user_id: for services without tokens. scopes: level -> values, for dialogs the person is not in."""
        super().__init__(base_url, token=token, **options)
        self.user_id = user_id
        self._scopes = scopes

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """As Caller.call, with the person's id and scopes."""
        if self.user_id is not None:
            options["query"] = {"user_id": self.user_id, **(options.get("query") or {})}
        if self._scopes is not None:
            options["headers"] = {"X-Scope-Config": scope_header(self._scopes), **(options.get("headers") or {})}
        return await super().call(method, path, **options)

    async def dialogs(
        self,
        *,
        kind: str | None = None,
        archived: bool | None = None,
        search: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[Dialog]:
        """List dialogs. kind: as the query parameter `type`."""
        query = {"type": kind, "archived": archived, "search": search, "limit": limit, "offset": offset}
        return cast(list[Dialog], await self.call("GET", "/dialogs", query=query))

    async def all_dialogs(self, **filters: Any) -> AsyncIterator[Dialog]:
        """Yield every dialog of the list, page by page."""
        offset = 0
        while page := await self.dialogs(limit=PAGE, offset=offset, **filters):
            for dialog in page:
                yield dialog
            if len(page) < PAGE:
                return
            offset += PAGE

    async def dialog(self, dialog_id: str) -> Dialog:
        """Return one dialog."""
        return cast(Dialog, await self.call("GET", f"/dialogs/{dialog_id}"))

    async def dialog_of_object(self, object_type: str, object_id: str) -> Dialog | None:
        """Return the dialog about an object, None when there is none that the person may see."""
        path = f"/dialogs/by-object/{quote(object_type, safe='')}/{quote(object_id, safe='')}"
        return cast(Dialog | None, await self.call("GET", path))

    async def join(self, dialog_id: str, display_name: str, company: str, **contacts: str) -> None:
        """Join a dialog that the person's scopes match."""
        body = {"display_name": display_name, "company": company, **contacts}
        await self.call("POST", f"/dialogs/{dialog_id}/join", body=body, repeatable=False)

    async def leave(self, dialog_id: str) -> None:
        """Leave a dialog."""
        await self.call("POST", f"/dialogs/{dialog_id}/leave", repeatable=False)

    async def archive(self, dialog_id: str, archived: bool = True) -> None:
        """Archive a dialog for oneself, or take it out again."""
        await self.call("POST", f"/dialogs/{dialog_id}/{'archive' if archived else 'unarchive'}")

    async def pin(self, dialog_id: str, pinned: bool = True) -> None:
        """Pin a dialog for oneself, or take the pin away."""
        await self.call("POST", f"/dialogs/{dialog_id}/{'pin' if pinned else 'unpin'}")

    async def notifications(self, dialog_id: str, enabled: bool) -> None:
        """Switch the notifications of a dialog."""
        await self.call("POST", f"/dialogs/{dialog_id}/notifications", body={"enabled": enabled})

    async def read(self, dialog_id: str, message_id: str) -> None:
        """Move the read position forward to a message."""
        await self.call("POST", f"/dialogs/{dialog_id}/read", body={"last_read_message_id": message_id})

    async def participants(self, dialog_id: str) -> list[Participant]:
        """List who is in a dialog, and who of them is online."""
        return cast(list[Participant], await self.call("GET", f"/dialogs/{dialog_id}/participants"))

    async def messages(
        self,
        dialog_id: str,
        *,
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
        limit: int | None = None,
    ) -> MessagePage:
        """Return a page of messages; without a place the newest."""
        query = {"before": before, "after": after, "around": around, "limit": limit}
        return cast(MessagePage, await self.call("GET", f"/dialogs/{dialog_id}/messages", query=query))

    async def all_messages(self, dialog_id: str) -> AsyncIterator[Message]:
        """Yield every message of a dialog, the oldest first, page by page."""
        last, more = _BEFORE_ALL, True
        while more:
            page = await self.messages(dialog_id, after=last, limit=PAGE)
            for message in page["messages"]:
                yield message
                last = message["id"]
            more = page["has_more_after"]

    async def message(self, dialog_id: str, message_id: str) -> Message:
        """Return one message."""
        return cast(Message, await self.call("GET", f"/dialogs/{dialog_id}/messages/{message_id}"))

    async def send(
        self,
        dialog_id: str,
        content: str,
        *,
        reply_to: str | None = None,
        files: Sequence[File] = (),
        client_message_id: str | None = None,
    ) -> Message:
        """Send a message (HTML) and return it. client_message_id: a key of one's own; made here otherwise."""
        body: dict[str, Any] = {"content": content, "client_message_id": client_message_id or str(uuid.uuid4())}
        if reply_to is not None:
            body["reply_to"] = reply_to
        if files:
            body["attachments"] = list(files)
        return cast(Message, await self.call("POST", f"/dialogs/{dialog_id}/messages", body=body))

    async def edit(self, dialog_id: str, message_id: str, content: str) -> Message:
        """Change the text of one's own message."""
        path = f"/dialogs/{dialog_id}/messages/{message_id}"
        return cast(Message, await self.call("PUT", path, body={"content": content}))

    async def delete(self, dialog_id: str, message_id: str) -> None:
        """Delete one's own message."""
        await self.call("DELETE", f"/dialogs/{dialog_id}/messages/{message_id}", repeatable=False)

    async def presign(self, dialog_id: str, filename: str, content_type: str, size: int) -> dict[str, Any]:
        """Ask where to upload a file of so many bytes: `upload_url`, `s3_key`, `expires_in` (seconds)."""
        body = {"dialog_id": dialog_id, "filename": filename, "content_type": content_type, "size": size}
        return cast(dict[str, Any], await self.call("POST", "/upload/presign", body=body))

    async def attachment_url(self, attachment_id: str) -> dict[str, Any]:
        """Return a fresh address of a file: `url`, `thumbnail_url`, `expires_in` (seconds)."""
        return cast(dict[str, Any], await self.call("GET", f"/attachments/{attachment_id}/url"))


class ManagementApi(Caller):
    """What the host's backend may do; `token` is an admin token."""

    root = "/api/v1/management"

    async def create_dialog(
        self,
        object_type: str,
        object_id: str,
        people: Sequence[Person] = (),
        *,
        scopes: Sequence[Scope] = (),
        title: str | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Create a dialog about an object and return it. idempotency_key: one of one's own; made here otherwise."""
        body = {
            "object_type": object_type,
            "object_id": object_id,
            "participants": list(people),
            "access_scopes": list(scopes),
            "title": title,
            **fields,
        }
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return cast(dict[str, Any], await self.call("POST", "/dialogs", body=body, headers=headers))

    async def find_dialog(
        self, object_type: str, object_id: str, scopes: Sequence[Scope] = ()
    ) -> dict[str, Any] | None:
        """Return the dialog of an object with exactly these scopes, None when there is none."""
        body = {"object_type": object_type, "object_id": object_id, "access_scopes": list(scopes)}
        return cast(dict[str, Any] | None, await self.call("POST", "/dialogs/search", body=body))

    async def dialog(self, dialog_id: str) -> dict[str, Any]:
        """Return a dialog with its participants and scopes."""
        return cast(dict[str, Any], await self.call("GET", f"/dialogs/{dialog_id}"))

    async def delete_dialog(self, dialog_id: str) -> None:
        """Delete a dialog and everything in it."""
        await self.call("DELETE", f"/dialogs/{dialog_id}", repeatable=False)

    async def add_participant(self, dialog_id: str, person: Person) -> dict[str, Any]:
        """Put a person into a dialog; somebody who is in it already stays as he is."""
        return cast(dict[str, Any], await self.call("POST", f"/dialogs/{dialog_id}/participants", body=person))

    async def remove_participant(self, dialog_id: str, user_id: str) -> None:
        """Take a person out of a dialog; fine when he is not in it."""
        await self.call("DELETE", f"/dialogs/{dialog_id}/participants/{quote(user_id, safe='')}")

    async def replace_scopes(self, dialog_id: str, scopes: Sequence[Scope]) -> list[dict[str, Any]]:
        """Say anew who else may see and join a dialog."""
        path, body = f"/dialogs/{dialog_id}/access-scopes", {"access_scopes": list(scopes)}
        return cast(list[dict[str, Any]], await self.call("PUT", path, body=body))
