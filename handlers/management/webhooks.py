"""The webhook addresses of the Management API."""

from typing import Any, Final

from handlers.base import ApiHandler
from handlers.identity import admin_required
from handlers.operation import Data, operation
from mtchat.core import webhooks
from mtchat.core.errors import BadRequest, InvalidInput, NotFound
from mtchat.core.schemas.webhooks import (
    ChangeWebhookIn,
    CreatedWebhookOut,
    CreateWebhookIn,
    DeliveriesQuery,
    DeliveryDetailsOut,
    DeliveryOut,
    ReplayedOut,
    ReplayIn,
    RotatedSecretOut,
    RotateSecretIn,
    WebhookOut,
)

_TAGS: Final = ("management",)
_WEBHOOK: Final = {
    "id": "019c1f3a-52e0-7c41-9d6b-3f0a7be4d2a0",
    "url": "https://host.example/hooks/chat",
    "description": "orders",
    "events": ["message.new", "notification.pending"],
    "tenants": ["north"],
    "enabled": True,
    "disabled_by": None,
    "builtin": False,
    "created_at": "2026-02-02T08:00:00.000001Z",
    "previous_secret_until": None,
    "waiting": 0,
}
_SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
_DELIVERY: Final = {
    "id": "019c1f3b-0001-7000-8000-0000000000a1",
    "webhook_id": "019c1f3a-52e0-7c41-9d6b-3f0a7be4d2a0",
    "dialog_id": "019c1f3a-52e0-7c41-9d6b-3f0a7be4d210",
    "recipient_id": None,
    "event": "message.new",
    "state": "delivered",
    "created_at": "2026-02-02T08:01:00.000100Z",
    "next_attempt_at": None,
    "attempts": [
        {"at": "2026-02-02T08:01:00.004000Z", "status": 200, "duration_ms": 12, "error": None, "answer": "ok"}
    ],
}


class WebhooksHandler(ApiHandler):
    """All endpoints that are told of events."""

    @admin_required
    @operation(
        "List webhooks",
        answer=Data(WebhookOut, many=True),
        tags=_TAGS,
        description="The built-in one, of WEBHOOK_URL, is always among them, disabled while the variables are empty.",
        example=[_WEBHOOK],
    )
    async def get(self) -> None:
        self.answer(await webhooks.list_webhooks(self.services))

    @admin_required
    @operation(
        "Create a webhook",
        body=CreateWebhookIn,
        answer=Data(CreatedWebhookOut),
        status=201,
        errors=(InvalidInput, BadRequest),
        tags=_TAGS,
        description="It hears of what happens from now on. The secret is answered here and never again.",
        example={**_WEBHOOK, "secret": _SECRET},
        body_example={
            "url": "https://host.example/hooks/chat",
            "events": ["message.new", "notification.pending"],
            "tenants": ["north"],
            "description": "orders",
        },
    )
    async def post(self, body: dict[str, Any]) -> None:
        self.answer(await webhooks.create_webhook(self.services, **body), 201)


class WebhookHandler(ApiHandler):
    """One endpoint."""

    @admin_required
    @operation("Get a webhook", answer=Data(WebhookOut), errors=(NotFound,), tags=_TAGS, example=_WEBHOOK)
    async def get(self, webhook_id: str) -> None:
        self.answer(await webhooks.get_webhook(self.services, webhook_id))

    @admin_required
    @operation(
        "Change a webhook",
        body=ChangeWebhookIn,
        answer=Data(WebhookOut),
        errors=(InvalidInput, BadRequest, NotFound),
        tags=_TAGS,
        description="Only the given fields. Enabling one that answered 410 lets it be told again.",
        example=_WEBHOOK,
        body_example={"enabled": False},
    )
    async def put(self, webhook_id: str, body: dict[str, Any]) -> None:
        self.answer(await webhooks.change_webhook(self.services, webhook_id, body))

    @admin_required
    @operation(
        "Delete a webhook with what waits for it",
        status=204,
        errors=(BadRequest,),
        tags=_TAGS,
        description="Also answered for one that does not exist. The built-in one cannot be deleted.",
    )
    async def delete(self, webhook_id: str) -> None:
        await webhooks.delete_webhook(self.services, webhook_id)
        self.answer_empty(204)


class WebhookSecretHandler(ApiHandler):
    """The secret of an endpoint."""

    @admin_required
    @operation(
        "Rotate the secret of a webhook",
        body=RotateSecretIn,
        answer=Data(RotatedSecretOut),
        errors=(InvalidInput, BadRequest, NotFound),
        tags=_TAGS,
        description="Meanwhile `webhook-signature` has one of each; `X-Webhook-Signature` is made with the new one.",
        example={"secret": _SECRET, "previous_secret_until": "2026-02-03T08:00:00.000001Z"},
        body_example={"overlap_secs": 86400},
    )
    async def post(self, webhook_id: str, body: dict[str, Any]) -> None:
        self.answer(await webhooks.rotate_secret(self.services, webhook_id, **body))


class WebhookTestHandler(ApiHandler):
    """A try of an endpoint."""

    @admin_required
    @operation(
        "Send a test event to a webhook",
        answer=Data(DeliveryOut),
        status=202,
        errors=(BadRequest, NotFound),
        tags=_TAGS,
        description="An event `webhook.test`, whatever it listens to. Read the delivery to see what became of it.",
        example={**_DELIVERY, "event": "webhook.test", "dialog_id": None, "state": "waiting", "attempts": []},
    )
    async def post(self, webhook_id: str) -> None:
        self.answer(await webhooks.send_test_event(self.services, webhook_id), 202)


class WebhookReplayHandler(ApiHandler):
    """What happened in some time, once more."""

    @admin_required
    @operation(
        "Make all deliveries of some time again",
        body=ReplayIn,
        answer=Data(ReplayedOut),
        status=202,
        errors=(NotFound,),
        tags=_TAGS,
        description="Oldest first, with the same ids and bodies, at most 10,000; `next_since` tells where to go on.",
        example={"replayed": 12, "next_since": None},
        body_example={"since": "2026-02-02T08:00:00Z", "until": "2026-02-02T09:00:00Z", "states": ["failed"]},
    )
    async def post(self, webhook_id: str, body: dict[str, Any]) -> None:
        self.answer(await webhooks.replay_deliveries(self.services, webhook_id, body), 202)


class DeliveriesHandler(ApiHandler):
    """What an endpoint was told, and what it answered."""

    @admin_required
    @operation(
        "List and search the deliveries of a webhook",
        query=DeliveriesQuery,
        answer=Data(DeliveryOut, many=True),
        errors=(InvalidInput, NotFound),
        tags=_TAGS,
        description="Newest first. For the next page give the last id as `before`. Kept for WEBHOOK_RETENTION_DAYS.",
        example=[_DELIVERY],
    )
    async def get(self, webhook_id: str, query: dict[str, Any]) -> None:
        self.answer(await webhooks.list_deliveries(self.services, webhook_id, query))


class DeliveryHandler(ApiHandler):
    """One delivery."""

    @admin_required
    @operation(
        "Get a delivery with its body",
        answer=Data(DeliveryDetailsOut),
        errors=(NotFound,),
        tags=_TAGS,
        example={**_DELIVERY, "body": '{"id":"019c1f3b-0001-7000-8000-0000000000a1","type":"message_new"}'},
    )
    async def get(self, webhook_id: str, delivery_id: str) -> None:
        self.answer(await webhooks.get_delivery(self.services, webhook_id, delivery_id))


class DeliveryReplayHandler(ApiHandler):
    """One delivery, once more."""

    @admin_required
    @operation(
        "Make a delivery again",
        answer=Data(DeliveryOut),
        status=202,
        errors=(BadRequest, NotFound),
        tags=_TAGS,
        description="With the same id and body, after what waits in its dialog. One that still waits stays as it is.",
        example={**_DELIVERY, "state": "waiting"},
    )
    async def post(self, webhook_id: str, delivery_id: str) -> None:
        self.answer(await webhooks.replay_delivery(self.services, webhook_id, delivery_id), 202)


ROUTES = [
    ("/api/v1/management/webhooks", WebhooksHandler),
    ("/api/v1/management/webhooks/{webhook_id}", WebhookHandler),
    ("/api/v1/management/webhooks/{webhook_id}/secret", WebhookSecretHandler),
    ("/api/v1/management/webhooks/{webhook_id}/test", WebhookTestHandler),
    ("/api/v1/management/webhooks/{webhook_id}/replay", WebhookReplayHandler),
    ("/api/v1/management/webhooks/{webhook_id}/deliveries", DeliveriesHandler),
    ("/api/v1/management/webhooks/{webhook_id}/deliveries/{delivery_id}", DeliveryHandler),
    ("/api/v1/management/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", DeliveryReplayHandler),
]
