"""Every setting: one frozen dataclass per area, one field per setting, with its variables, default and meaning.

docs/configuration.md and conf/env.sample are made from this module.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mtchat.config.declaring import Variable, secrets, setting
from mtchat.config.kinds import (
    CRON,
    DIRECTORY,
    FLAG,
    HTTP_WORDS,
    JWKS_FILE,
    ORIGINS,
    PATH,
    PUBLIC_KEY,
    SECRET,
    TEXT,
    TOKEN,
    TOKENS,
    WHOLE_SECRET,
    choice,
    url,
    whole_number,
)

POSITIVE: Final = whole_number(1)
HTTP_URL: Final = url("http", "https")
_CHECKOUT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class ServerSettings:
    """The process and its place."""

    host: str = setting("HOST", TEXT, "0.0.0.0", "Address to listen on; 127.0.0.1 behind a proxy on the same machine.")
    port: int = setting("PORT", whole_number(1, 65_535), 8080, "Port to listen on.")
    home: Path = setting("MTCHAT_HOME", PATH, Path("./var"), "Where the embedded database and files live.")
    embedded: bool = setting(
        "MTCHAT_EMBEDDED", FLAG, False, "Run our own PostgreSQL under `MTCHAT_HOME`, also when `DATABASE_URL` is set."
    )
    request_timeout_secs: int = setting(
        "REQUEST_TIMEOUT_SECS", POSITIVE, 15, "A request that takes longer is answered 503."
    )
    migrate_on_start: bool = setting("MIGRATE_ON_START", FLAG, True, "Bring the database up to date before serving.")
    templates_dir: Path = setting(
        "TEMPLATES_DIR",
        DIRECTORY,
        _CHECKOUT / "templates",
        "Pages the process serves.",
        shown_default="`templates/` of the checkout",
    )
    demo_dir: Path = setting(
        "DEMO_DIR",
        PATH,
        _CHECKOUT / "sdk-vue" / "demo" / "dist",
        "The built pages of `mtchat demo`.",
        shown_default="`sdk-vue/demo/dist/` of the checkout",
    )
    trust_proxy_headers: bool = setting(
        "TRUST_PROXY_HEADERS",
        FLAG,
        False,
        "Take the caller's address from `X-Forwarded-For`; only behind a proxy that sets it.",
    )


@dataclass(frozen=True)
class DatabaseSettings:
    """PostgreSQL 15 to 18."""

    url: str | None = setting(
        "DATABASE_URL",
        url("postgresql", "postgres", scheme_stored="postgresql"),
        None,
        "PostgreSQL to use; unset: the embedded one.",
        secret=True,
    )
    max_connections: int = setting("DATABASE_MAX_CONNECTIONS", POSITIVE, 20, "Most connections of one process.")
    min_connections: int = setting(
        "DATABASE_MIN_CONNECTIONS", whole_number(0), 5, "Connections kept open; at most `DATABASE_MAX_CONNECTIONS`."
    )
    acquire_timeout_secs: int = setting(
        "DATABASE_ACQUIRE_TIMEOUT_SECS", POSITIVE, 30, "Longest wait for a free connection; then 503."
    )
    idle_timeout_secs: int = setting(
        "DATABASE_IDLE_TIMEOUT_SECS", POSITIVE, 600, "An unused connection is closed after this time."
    )
    max_lifetime_secs: int = setting(
        "DATABASE_MAX_LIFETIME_SECS", POSITIVE, 1800, "Every connection is replaced after this time."
    )
    statement_timeout_ms: int = setting(
        "DATABASE_STATEMENT_TIMEOUT_MS", whole_number(100), 10_000, "PostgreSQL gives up a statement after this time."
    )
    send_writers: int = setting(
        "SEND_WRITERS", POSITIVE, 2, "Batches of messages written at a time at most; below `DATABASE_MAX_CONNECTIONS`."
    )


@dataclass(frozen=True)
class AuthSettings:
    """Who may call, and as whom."""

    admin_tokens: tuple[str, ...] = secrets(
        Variable("ADMIN_API_TOKEN", TOKEN, "Token of the host's backend for the Management API."),
        Variable("ADMIN_API_TOKENS", TOKENS, "More such tokens, for rotation."),
    )
    admin_open: bool = setting(
        "ADMIN_API_OPEN", FLAG, False, "Without any token: let everyone use the Management API instead of nobody."
    )
    jwt_enabled: bool = setting(
        "JWT_AUTH_ENABLED", FLAG, False, "Ask Chat API and WebSocket for a signed token; else `user_id` is believed."
    )
    jwt_secrets: tuple[str, ...] = secrets(
        Variable("JWT_SECRET", WHOLE_SECRET, "HS256 key, 32 bytes or more; commas belong to it."),
        Variable("JWT_SECRETS", TOKENS, "More HS256 keys, for rotation; a token is good when any key verifies it."),
    )
    jwt_user_id_claim: str = setting("JWT_USER_ID_CLAIM", TEXT, "sub", "Claim that holds the user's id.")
    jwt_audience: str | None = setting(
        "JWT_AUDIENCE", TEXT, None, "Audience a token must name; unset: tokens that name one are refused."
    )
    jwt_verify_exp: bool = setting("JWT_VERIFY_EXP", FLAG, True, "Refuse tokens outside `nbf` and `exp`.")
    jwt_leeway_secs: int = setting("JWT_LEEWAY_SECS", whole_number(0, 3600), 60, "Clock difference allowed for those.")
    jwt_scope_claim: str = setting(
        "JWT_SCOPE_CLAIM", TEXT, "scopes", "Claim with signed scopes; the header can only narrow them."
    )
    scope_source: str = setting(
        "SCOPE_SOURCE",
        choice("header", "token"),
        "header",
        "`token` takes scopes from the claim alone; `header` also believes a header when the token has no such claim.",
    )
    jwt_public_key: str | None = setting(
        "JWT_PUBLIC_KEY", PUBLIC_KEY, None, "Public key for RS256, ES256 or EdDSA.", secret=True
    )
    jwt_jwks_file: Path | None = setting("JWT_JWKS_FILE", JWKS_FILE, None, "File with several public keys (JWKS).")


@dataclass(frozen=True)
class CorsSettings:
    """Which pages of other origins may call."""

    allowed_origins: tuple[str, ...] = setting("CORS_ALLOWED_ORIGINS", ORIGINS, ("*",), "Origins whose pages may call.")
    allowed_methods: tuple[str, ...] = setting(
        "CORS_ALLOWED_METHODS", HTTP_WORDS, ("GET", "POST", "PUT", "DELETE", "OPTIONS"), "Methods they may use."
    )
    allowed_headers: tuple[str, ...] = setting(
        "CORS_ALLOWED_HEADERS",
        HTTP_WORDS,
        ("*",),
        "Headers they may send; `authorization`, `content-type` and `x-scope-config` always.",
    )
    allow_credentials: bool = setting("CORS_ALLOW_CREDENTIALS", FLAG, False, "Let them send cookies of the host.")
    max_age_secs: int = setting("CORS_MAX_AGE", whole_number(0), 3600, "Seconds a browser remembers the answer.")


@dataclass(frozen=True)
class LimitSettings:
    """How much one caller may ask for."""

    enabled: bool = setting("RATE_LIMIT_ENABLED", FLAG, False, "Limit requests per caller.")
    rps: int = setting("RATE_LIMIT_RPS", POSITIVE, 100, "Requests a second of one caller.")
    burst: int = setting("RATE_LIMIT_BURST", POSITIVE, 50, "Requests of one caller at once.")
    presign_per_minute: int = setting("RATE_LIMIT_PRESIGN_PER_MINUTE", POSITIVE, 60, "Uploads a caller may begin.")
    handshakes_per_minute: int = setting("RATE_LIMIT_HANDSHAKES_PER_MINUTE", POSITIVE, 120, "Sockets it may open.")


@dataclass(frozen=True)
class RealtimeSettings:
    """Sockets and the bus between processes."""

    redis_url: str | None = setting(
        "REDIS_URL",
        url("redis", "rediss", "unix"),
        None,
        "Redis that joins several processes; unset: this process is alone.",
        secret=True,
    )
    sockets_per_user: int = setting("SOCKETS_PER_USER", POSITIVE, 20, "Open sockets of one user in one process.")
    queue_frames: int = setting(
        "SOCKET_QUEUE_FRAMES", whole_number(16), 256, "Frames waiting for one socket; over it, it is closed as slow."
    )
    queue_bytes: int = setting("SOCKET_QUEUE_BYTES", whole_number(65_536), 1_048_576, "The same in bytes.")
    ping_secs: int = setting("SOCKET_PING_SECS", POSITIVE, 25, "Time between pings; two missed close the socket.")
    presence_grace_secs: int = setting(
        "PRESENCE_GRACE_SECS", whole_number(0), 5, "A user is offline this long after the last socket closed."
    )


@dataclass(frozen=True)
class EventSettings:
    """The log that clients catch up from."""

    retention_days: int = setting("EVENT_RETENTION_DAYS", POSITIVE, 30, "Events older than this are pruned.")


@dataclass(frozen=True)
class WebhookSettings:
    """What the host is told. The first two make the built-in endpoint; both are needed."""

    url: str | None = setting("WEBHOOK_URL", HTTP_URL, None, "Where events are posted.", secret=True)
    secret: str | None = setting("WEBHOOK_SECRET", SECRET, None, "Key that signs them.", secret=True)
    allow_private: bool = setting(
        "WEBHOOK_ALLOW_PRIVATE",
        FLAG,
        False,
        "Let endpoints made by the API have private, loopback and link-local addresses. `WEBHOOK_URL` always may.",
    )
    retention_days: int = setting(
        "WEBHOOK_RETENTION_DAYS", whole_number(4), 7, "Deliveries older than this are pruned; retries take 3.2 days."
    )
    concurrency: int = setting(
        "WEBHOOK_CONCURRENCY", whole_number(1, 256), 32, "Requests of one worker under way to one endpoint at once."
    )

    @property
    def enabled(self) -> bool:
        """Whether the built-in endpoint is on."""
        return bool(self.url and self.secret)


@dataclass(frozen=True)
class StorageSettings:
    """Files in S3 or MinIO, when the first five are set; else on this machine's disk."""

    endpoint: str | None = setting("S3_ENDPOINT", HTTP_URL, None, "Where this process reaches the storage.")
    region: str = setting("S3_REGION", TEXT, "us-east-1", "Region used for signing.")
    access_key_id: str | None = setting("S3_ACCESS_KEY_ID", TEXT, None, "Access key.")
    secret_access_key: str | None = setting("S3_SECRET_ACCESS_KEY", SECRET, None, "Its secret.", secret=True)
    bucket: str | None = setting("S3_BUCKET", TEXT, None, "Bucket, which must exist.")
    public_endpoint: str | None = setting(
        "S3_PUBLIC_ENDPOINT", HTTP_URL, None, "Where browsers reach the storage; unset: `S3_ENDPOINT`."
    )
    presign_upload_expiry_secs: int = setting(
        "S3_PRESIGN_UPLOAD_EXPIRY", whole_number(1, 604_800), 300, "Seconds an upload url is good for."
    )
    presign_download_expiry_secs: int = setting(
        "S3_PRESIGN_DOWNLOAD_EXPIRY", whole_number(1, 604_800), 3600, "Seconds a download url is good for."
    )
    dir: Path | None = setting(
        "STORAGE_DIR",
        PATH,
        None,
        "Folder of files on disk; processes of one installation must share it.",
        shown_default="`files` in `MTCHAT_HOME`",
    )
    public_url: str | None = setting(
        "PUBLIC_URL",
        HTTP_URL,
        None,
        "Where browsers reach this server; links to files on disk start with it.",
        shown_default="`http://localhost:PORT`",
    )
    pending_uploads: int = setting(
        "UPLOADS_PENDING_MAX", POSITIVE, 100, "Uploads of one user that no message has yet; they expire after a day."
    )
    pending_bytes: int = setting(
        "UPLOADS_PENDING_BYTES_MAX", whole_number(104_857_600), 2_147_483_648, "The same in bytes."
    )
    scan_command: str | None = setting(
        "SCAN_COMMAND",
        TEXT,
        None,
        "Program that looks for malware: gets a path as its last argument, exits with 0 for clean, 1 for infected.",
    )
    clamd_address: str | None = setting(
        "CLAMD_ADDRESS", TEXT, None, "The same by ClamAV's daemon: `host:port`, or the path of its socket."
    )

    @property
    def enabled(self) -> bool:
        """Whether everything needed is set."""
        return None not in (self.endpoint, self.access_key_id, self.secret_access_key, self.bucket)

    @property
    def scans(self) -> bool:
        """Whether files are held back until something has looked for malware in them."""
        return bool(self.scan_command or self.clamd_address)


@dataclass(frozen=True)
class ArchiveSettings:
    """Archiving of dialogs in which nothing happens."""

    cron: str = setting("ARCHIVE_CRON", CRON, "0 */5 * * * *", "When to look, in UTC, seconds first.")
    after_secs: int = setting("ARCHIVE_AFTER_SECS", POSITIVE, 259_200, "Silence after which a dialog is archived.")


@dataclass(frozen=True)
class NotificationSettings:
    """`notification.pending` webhooks."""

    concurrency: int = setting(
        "NOTIFICATION_CONCURRENCY", POSITIVE, 4, "Messages whose recipients one query looks up, in sixteens."
    )
    delay_secs: int = setting(
        "NOTIFICATION_DELAY_SECS", whole_number(0), 1, "A message read within this time announces nothing."
    )
    digest_secs: int = setting(
        "NOTIFICATION_DIGEST_SECS",
        whole_number(0),
        0,
        "One notice per person and dialog for all messages of so many seconds; 0: one for each message.",
    )


@dataclass(frozen=True)
class WorkerSettings:
    """The process of `mtchat worker`."""

    health_file: Path | None = setting(
        "WORKER_HEALTH_FILE", PATH, None, "File rewritten every 5 s while the worker is well; unset: none."
    )
    metrics_port: int = setting(
        "WORKER_METRICS_PORT", whole_number(0, 65_535), 0, "Port of the worker's own `/metrics`, on `HOST`; 0: none."
    )


@dataclass(frozen=True)
class LoggingSettings:
    """What is written to standard error."""

    level: str = setting(
        "LOG_LEVEL",
        choice("debug", "info", "warning", "error", "critical", also={"warn": "warning"}),
        "info",
        "Least important lines written.",
    )
    json: bool = setting("LOG_JSON", FLAG, False, "One JSON object per line instead of text for people.")
    sentry_dsn: str | None = setting(
        "SENTRY_DSN", HTTP_URL, None, "Sentry project for errors; needs the extra `sentry`.", secret=True
    )
