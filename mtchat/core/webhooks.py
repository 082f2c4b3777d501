"""The rules of webhooks as the host manages them: endpoints, their secrets, what was delivered, and doing it again."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from mtchat.core.addresses import is_address, is_public
from mtchat.core.errors import BadRequest, InvalidInput, NotFound
from mtchat.core.fields import MAX_ID_CHARS, check_id, check_text
from mtchat.core.schemas.webhooks import (
    EVENTS,
    MAX_DESCRIPTION_CHARS,
    MAX_OVERLAP_SECS,
    MAX_PAGE,
    MAX_URL_CHARS,
)
from mtchat.core.services import Services
from mtchat.core.signatures import new_secret
from mtchat.persistence import deliveries as delivery_rows
from mtchat.persistence import webhooks as rows
from mtchat.persistence.deliveries import FIRST_ID, LAST_ID, Filter
from mtchat.persistence.pool import Row
from mtchat.persistence.webhooks import BUILTIN_ID, Endpoint, EndpointChange

# Each event is matched against each endpoint by the statement that sends it.
MAX_ENDPOINTS: Final = 100
MAX_REPLAYED: Final = 10_000
_REPLAYED_PER_STATEMENT: Final = 1_000
# A look at deliveries shows so many thousands that no worker has seen yet; more wait only while none runs.
SEEN_AT_ONCE: Final = 5
_UNKNOWN: Final = "There is no such webhook"
_NO_DIALOG: Final = "00000000-0000-0000-0000-000000000000"


async def create_webhook(
    services: Services, *, url: str, events: list[str], tenants: list[str], description: str | None
) -> dict[str, Any]:
    """Make an endpoint and return it with its secret. Raises InvalidInput, or BadRequest when there are too many."""
    _check_url(services, url)
    _check_events(events)
    _check_tenants(tenants)
    check_text("description", description, MAX_DESCRIPTION_CHARS)
    secret = new_secret()
    endpoint_id = await rows.insert_endpoint(
        services.database,
        url=url,
        secret=secret,
        description=description,
        events=events,
        tenants=tenants,
        most=MAX_ENDPOINTS,
    )
    if endpoint_id is None:
        raise BadRequest(f"There are {MAX_ENDPOINTS} webhooks already; delete one that is no longer needed")
    await services.jobs.endpoints_changed()
    return {**(await get_webhook(services, endpoint_id)), "secret": secret}


async def list_webhooks(services: Services) -> list[dict[str, Any]]:
    """Return all endpoints, the built-in one among them."""
    return [_shown(services, endpoint) for endpoint in await rows.list_endpoints(services.database)]


async def get_webhook(services: Services, webhook_id: str) -> dict[str, Any]:
    """Return an endpoint. Raises NotFound."""
    return _shown(services, await _require(services, webhook_id))


async def change_webhook(services: Services, webhook_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Change the given fields of an endpoint and return it. Raises NotFound, BadRequest or InvalidInput."""
    endpoint = await _require(services, webhook_id)
    if "url" in given:
        _refuse_builtin(webhook_id, "The url of the built-in webhook comes from WEBHOOK_URL; change that")
        _check_url(services, given["url"])
    if "events" in given:
        _check_events(given["events"])
    _check_tenants(given.get("tenants", []))
    check_text("description", given.get("description"), MAX_DESCRIPTION_CHARS)
    if given.get("enabled") and endpoint.disabled_by == "settings":
        raise BadRequest("The built-in webhook is switched on by WEBHOOK_URL and WEBHOOK_SECRET; set both")
    change = EndpointChange(**given, has_description="description" in given)
    if not await rows.update_endpoint(services.database, webhook_id, change):
        raise NotFound(_UNKNOWN)
    await services.jobs.endpoints_changed()
    services.jobs.ring()
    return await get_webhook(services, webhook_id)


async def rotate_secret(services: Services, webhook_id: str, overlap_secs: int) -> dict[str, str]:
    """Give an endpoint a new secret and return it. Raises NotFound, BadRequest or InvalidInput."""
    await _require(services, webhook_id)
    _refuse_builtin(webhook_id, "The secret of the built-in webhook comes from WEBHOOK_SECRET; change that")
    if not 0 <= overlap_secs <= MAX_OVERLAP_SECS:
        raise InvalidInput(f"overlap_secs must be 0 to {MAX_OVERLAP_SECS:,}")
    secret = new_secret()
    until = await rows.rotate_secret(services.database, webhook_id, secret, overlap_secs)
    if until is None:
        raise NotFound(_UNKNOWN)
    return {"secret": secret, "previous_secret_until": until}


async def delete_webhook(services: Services, webhook_id: str) -> None:
    """Delete an endpoint with what waits for it; one that does not exist is deleted already. Raises BadRequest."""
    _refuse_builtin(webhook_id, "The built-in webhook cannot be deleted; empty WEBHOOK_URL, or change enabled to false")
    await rows.delete_endpoint(services.database, webhook_id)
    await services.jobs.endpoints_changed()


async def send_test_event(services: Services, webhook_id: str) -> dict[str, Any]:
    """Queue a `webhook.test` for an endpoint and return the delivery. Raises NotFound, BadRequest while it is off."""
    endpoint = await _require(services, webhook_id)
    if endpoint.disabled_by is not None:
        raise BadRequest("This webhook is disabled; enable it before testing it")
    await delivery_rows.insert_test_delivery(services.database, webhook_id)
    await services.jobs.endpoints_changed()
    services.jobs.ring()
    wanted = Filter(dialog_ids=[_NO_DIALOG], limit=1)
    return _delivery((await delivery_rows.list_deliveries(services.database, webhook_id, wanted))[0])


async def list_deliveries(services: Services, webhook_id: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a page of an endpoint's deliveries, newest first. Raises NotFound, InvalidInput."""
    await _require(services, webhook_id)
    dialog_ids = None if query["dialog_id"] is None else [query["dialog_id"]]
    if query["object_id"] is not None:
        check_id("object_id", query["object_id"])
        check_id("object_type", query["object_type"])
        of_object = await delivery_rows.list_dialogs_of_object(
            services.database, query["object_type"], query["object_id"]
        )
        dialog_ids = of_object if dialog_ids is None else [one for one in of_object if one in dialog_ids]
    wanted = Filter(
        before=min(query["before"] or LAST_ID, first_id_of(query["until"]) if query["until"] else LAST_ID),
        since=first_id_of(query["since"]) if query["since"] else FIRST_ID,
        event=query["event"],
        state=query["state"],
        dialog_ids=dialog_ids,
        limit=min(max(query["limit"], 1), MAX_PAGE),
    )
    await delivery_rows.enqueue(services.database, SEEN_AT_ONCE)
    return [_delivery(row) for row in await delivery_rows.list_deliveries(services.database, webhook_id, wanted)]


async def get_delivery(services: Services, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """Return a delivery with its body. Raises NotFound."""
    row = await delivery_rows.find_delivery(services.database, webhook_id, delivery_id)
    if row is None:
        raise NotFound("There is no such delivery of this webhook")
    return {**_delivery(row), "body": row["body"]}


async def replay_delivery(services: Services, webhook_id: str, delivery_id: str) -> dict[str, Any]:
    """Make a delivery again, with the same id. Raises NotFound, BadRequest when its body is erased.

    One that still waits is left as it is.
    """
    found = await get_delivery(services, webhook_id, delivery_id)
    if found["body"] is None:
        raise BadRequest("The message of this delivery was deleted, and its text with it; it cannot be sent again")
    await delivery_rows.replay(services.database, [delivery_id])
    services.jobs.ring()
    return _delivery(await _require_delivery(services, webhook_id, delivery_id))


async def replay_deliveries(services: Services, webhook_id: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Make all deliveries of a time again, oldest first, at most 10,000; tells where to go on. Raises NotFound."""
    await _require(services, webhook_id)
    # One before the first id of that time: the query begins after it.
    after = str(uuid.UUID(int=max(uuid.UUID(first_id_of(wanted["since"])).int - 1, 0)))
    until = first_id_of(wanted["until"] or datetime.now(UTC) + timedelta(seconds=1))
    count = 0
    while count < MAX_REPLAYED:
        ids = await delivery_rows.list_replayable(
            services.database,
            webhook_id,
            after=after,
            until=until,
            states=wanted["states"],
            event=wanted["event"],
            dialog_id=wanted["dialog_id"],
            limit=_REPLAYED_PER_STATEMENT,
        )
        if not ids:
            services.jobs.ring()
            return {"replayed": count, "next_since": None}
        count += await delivery_rows.replay(services.database, ids)
        after = ids[-1]
    services.jobs.ring()
    return {"replayed": count, "next_since": _wire_time(time_of(after) + timedelta(milliseconds=1))}


def first_id_of(at: datetime) -> str:
    """Return the smallest UUID version 7 of a time (aware), to the millisecond."""
    millis = min(max(int(at.timestamp() * 1000), 0), (1 << 48) - 1)
    return str(uuid.UUID(int=millis << 80))


def time_of(delivery_id: str) -> datetime:
    """Return when a delivery was made: the time in its id, to the microsecond."""
    number = uuid.UUID(delivery_id).int
    micros = (number >> 64 & 0xFFF) * 1000 >> 12
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=number >> 80, microseconds=micros)


async def _require(services: Services, webhook_id: str) -> Endpoint:
    endpoint = await rows.find_endpoint(services.database, webhook_id)
    if endpoint is None:
        raise NotFound(_UNKNOWN)
    return endpoint


async def _require_delivery(services: Services, webhook_id: str, delivery_id: str) -> Row:
    row = await delivery_rows.find_delivery(services.database, webhook_id, delivery_id)
    if row is None:
        raise NotFound("There is no such delivery of this webhook")
    return row


def _refuse_builtin(webhook_id: str, sentence: str) -> None:
    if webhook_id == BUILTIN_ID:
        raise BadRequest(sentence)


def _check_url(services: Services, url: str) -> None:
    check_text("url", url, MAX_URL_CHARS)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidInput("url is no url") from None
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidInput("url must be http://host/... or https://host/..., without spaces")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("url must not have a user or a password; the signature tells that we are the caller")
    if services.settings.webhooks.allow_private:
        return
    if host == "localhost" or (is_address(host) and not is_public(host)):
        raise InvalidInput("url must lead to the public internet; the operator allows others by WEBHOOK_ALLOW_PRIVATE")


def _check_events(events: list[str]) -> None:
    if not events:
        raise InvalidInput("events must have at least one entry; to be told nothing, change enabled to false")
    for event in events:
        if event not in EVENTS:
            raise InvalidInput(f"events has an unknown entry; known are {', '.join(EVENTS)}")


def _check_tenants(tenants: list[str]) -> None:
    for index, tenant in enumerate(tenants):
        check_id(f"tenants[{index}]", tenant, MAX_ID_CHARS)


def _shown(services: Services, endpoint: Endpoint) -> dict[str, Any]:
    builtin = endpoint.id == BUILTIN_ID
    return {
        "id": endpoint.id,
        "url": _bare_url(services.settings.webhooks.url) if builtin else endpoint.url,
        "description": endpoint.description,
        "events": endpoint.events,
        "tenants": endpoint.tenants,
        "enabled": endpoint.disabled_by is None,
        "disabled_by": endpoint.disabled_by,
        "builtin": builtin,
        "created_at": endpoint.created_at,
        "previous_secret_until": endpoint.previous_secret_until,
        "waiting": endpoint.waiting,
    }


def _bare_url(url: str | None) -> str | None:
    """The operator's url without what may be secret in it: user, password, query."""
    if not url:
        return None
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _delivery(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "webhook_id": row["endpoint_id"],
        "dialog_id": None if row["dialog_id"] == _NO_DIALOG else row["dialog_id"],
        "recipient_id": row["recipient"] or None,
        "event": row["event"],
        "state": row["state"],
        "created_at": _wire_time(time_of(row["id"])),
        "next_attempt_at": row["next_attempt_at"],
        "attempts": row["attempts"],
    }


def _wire_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
