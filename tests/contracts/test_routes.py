"""Every address of the contract exists, and every method says who may call it."""

import pytest

from handlers.application import ROUTES, is_implemented, refuse_unguarded
from handlers.base import HTTP_METHODS, ApiHandler
from handlers.identity import Access, access_of, admin_required
from handlers.operation import operation_of
from handlers.routing import RouteTable

USER = Access("user")
SCOPED = Access("user", "optional")
ADMIN = Access("admin")
OPEN = Access("open")

_DIALOG = "/api/v1/dialogs/{dialog_id}"
_BY_OBJECT = "/api/v1/dialogs/by-object/{object_type}/{object_id}"
_MANAGED = "/api/v1/management/dialogs/{dialog_id}"
_WEBHOOKS = "/api/v1/management/webhooks"
_WEBHOOK = f"{_WEBHOOKS}/{{webhook_id}}"

# Contract 4, 5 and 6, and what we add for operators and developers.
CONTRACT = {
    ("GET", "/health"): OPEN,
    ("GET", "/health/ready"): OPEN,
    ("GET", "/metrics"): OPEN,
    ("GET", "/api/docs"): OPEN,
    ("GET", "/api/docs/style.css"): OPEN,
    ("GET", "/api/v1/openapi.json"): OPEN,
    ("GET", "/api/v1/ws"): OPEN,
    ("POST", "/api/v1/management/dialogs"): ADMIN,
    ("POST", "/api/v1/management/dialogs/search"): ADMIN,
    ("GET", _MANAGED): ADMIN,
    ("DELETE", _MANAGED): ADMIN,
    ("POST", f"{_MANAGED}/participants"): ADMIN,
    ("DELETE", f"{_MANAGED}/participants/{{user_id}}"): ADMIN,
    ("PUT", f"{_MANAGED}/access-scopes"): ADMIN,
    ("GET", _WEBHOOKS): ADMIN,
    ("POST", _WEBHOOKS): ADMIN,
    ("GET", _WEBHOOK): ADMIN,
    ("PUT", _WEBHOOK): ADMIN,
    ("DELETE", _WEBHOOK): ADMIN,
    ("POST", f"{_WEBHOOK}/secret"): ADMIN,
    ("POST", f"{_WEBHOOK}/test"): ADMIN,
    ("POST", f"{_WEBHOOK}/replay"): ADMIN,
    ("GET", f"{_WEBHOOK}/deliveries"): ADMIN,
    ("GET", f"{_WEBHOOK}/deliveries/{{delivery_id}}"): ADMIN,
    ("POST", f"{_WEBHOOK}/deliveries/{{delivery_id}}/replay"): ADMIN,
    ("GET", "/api/v1/dialogs"): SCOPED,
    ("GET", _DIALOG): SCOPED,
    ("GET", _BY_OBJECT): SCOPED,
    ("GET", f"{_BY_OBJECT}/list"): SCOPED,
    ("POST", f"{_DIALOG}/join"): Access("user", "required"),
    ("POST", f"{_DIALOG}/leave"): USER,
    ("POST", f"{_DIALOG}/archive"): USER,
    ("POST", f"{_DIALOG}/unarchive"): USER,
    ("POST", f"{_DIALOG}/pin"): USER,
    ("POST", f"{_DIALOG}/unpin"): USER,
    ("POST", f"{_DIALOG}/notifications"): USER,
    ("POST", f"{_DIALOG}/read"): USER,
    ("GET", f"{_DIALOG}/participants"): SCOPED,
    ("GET", f"{_DIALOG}/messages"): USER,
    ("POST", f"{_DIALOG}/messages"): USER,
    ("GET", f"{_DIALOG}/messages/{{message_id}}"): USER,
    ("PUT", f"{_DIALOG}/messages/{{message_id}}"): USER,
    ("DELETE", f"{_DIALOG}/messages/{{message_id}}"): USER,
    ("POST", "/api/v1/upload/presign"): USER,
    ("POST", "/api/v1/upload/multipart"): USER,
    ("GET", "/api/v1/upload/multipart/{upload_id}"): USER,
    ("DELETE", "/api/v1/upload/multipart/{upload_id}"): USER,
    ("POST", "/api/v1/upload/multipart/{upload_id}/complete"): USER,
    ("GET", "/api/v1/attachments/{attachment_id}/url"): USER,
    ("GET", "/files/dialogs/{dialog_id}/{name}"): OPEN,
    ("PUT", "/files/dialogs/{dialog_id}/{name}"): OPEN,
    ("GET", "/files/dialogs/{dialog_id}/thumbs/{name}"): OPEN,
}


def _implemented() -> dict[tuple[str, str], Access | None]:
    return {
        (name, template): access_of(getattr(handler, name.lower()))
        for template, handler in ROUTES
        for name in HTTP_METHODS
        if is_implemented(handler, name)
    }


def test_the_addresses_their_methods_and_who_may_call_them_are_those_of_the_contract() -> None:
    assert _implemented() == CONTRACT


def test_every_method_is_described() -> None:
    undescribed = [
        f"{name} {template}"
        for template, handler in ROUTES
        for name in HTTP_METHODS
        if is_implemented(handler, name) and operation_of(getattr(handler, name.lower())) is None
    ]
    assert undescribed == []


def test_a_method_without_an_access_decorator_stops_the_start_and_is_named() -> None:
    """Design 8."""

    class ForgottenHandler(ApiHandler):
        @admin_required
        async def get(self) -> None: ...

        async def delete(self) -> None: ...

    with pytest.raises(TypeError, match=r"ForgottenHandler\.delete \(/forgotten\)"):
        refuse_unguarded([*ROUTES, ("/forgotten", ForgottenHandler)])


def test_two_handlers_cannot_have_one_address() -> None:
    class AnyHandler(ApiHandler):
        """Whatever."""

    with pytest.raises(ValueError, match="twice"):
        RouteTable([("/a/{id}", AnyHandler), ("/a/{id}", AnyHandler)])
    with pytest.raises(ValueError, match="already called id"):
        RouteTable([("/a/{id}", AnyHandler), ("/a/{name}/b", AnyHandler)])


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/v1/management/dialogs/search", "/api/v1/management/dialogs/search"),
        ("/api/v1/dialogs/by-object/order/5", _BY_OBJECT),
        ("/api/v1/dialogs/by-object/order/list", _BY_OBJECT),
        ("/api/v1/dialogs/by-object/order/5/list", f"{_BY_OBJECT}/list"),
        ("/api/v1/dialogs/by-object/messages", None),
        ("/api/v1/dialogs/by-object", None),
        ("/api/v1/dialogs/search", _DIALOG),
        ("/api/v1/dialogs/", None),
        ("/api/v1//dialogs", None),
        ("/api/v1/dialogs/x/messages/", None),
        ("", None),
        ("*", None),
    ],
)
def test_static_segments_win_and_empty_ones_lead_nowhere(path: str, template: str | None) -> None:
    """1.1: `search` and `by-object` are never read as ids."""
    found = RouteTable(ROUTES).find(path)
    assert (found.template if found else None) == template
