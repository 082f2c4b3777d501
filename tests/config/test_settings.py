"""Reading the settings: contract 10.1, F3, F13, F18, F54, F65; mistakes are reported together."""

import dataclasses
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mtchat.config.settings import AREAS, ConfigError, Settings, load_settings, read_environment, variables

LONG_SECRET = "a-secret-of-at-least-thirty-two-bytes"
PUBLIC_KEYS: dict[str, PublicKeyTypes] = {
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key(),
    "p256": ec.generate_private_key(ec.SECP256R1()).public_key(),
    "ed25519": ed25519.Ed25519PrivateKey.generate().public_key(),
}

ED25519_JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
SHARED_JWK = {"kty": "oct", "alg": "HS256", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}


def problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(environment)
    return caught.value.problems


def pem(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_nothing_has_to_be_set() -> None:
    assert dataclasses.replace(load_settings({}), warnings=()) == Settings()


def test_every_field_comes_from_a_variable_and_says_what_it_means() -> None:
    for name, area in AREAS.items():
        for field in dataclasses.fields(area):
            assert field.metadata["variables"], f"{name}.{field.name} comes from nowhere"
    for _, _, variable in variables():
        assert variable.meaning.endswith("."), variable.name


def test_no_variable_fills_two_fields() -> None:
    names = [variable.name for _, _, variable in variables()]
    assert len(names) == len(set(names))


def test_the_defaults_are_those_of_the_contract_10_1() -> None:
    settings = load_settings({})
    assert settings.server.port == 8080
    assert (settings.database.max_connections, settings.database.min_connections) == (20, 5)
    assert settings.database.acquire_timeout_secs == 30
    assert (settings.database.idle_timeout_secs, settings.database.max_lifetime_secs) == (600, 1800)
    assert not settings.auth.jwt_enabled
    assert settings.auth.jwt_user_id_claim == "sub"
    assert (settings.storage.presign_upload_expiry_secs, settings.storage.presign_download_expiry_secs) == (300, 3600)
    assert settings.cors.allowed_origins == ("*",)
    assert settings.cors.allowed_methods == ("GET", "POST", "PUT", "DELETE", "OPTIONS")
    assert settings.cors.allowed_headers == ("*",)
    assert settings.cors.max_age_secs == 3600
    assert (settings.limits.enabled, settings.limits.rps, settings.limits.burst) == (False, 100, 50)
    assert settings.notifications.concurrency == 4
    assert (settings.archive.cron, settings.archive.after_secs) == ("0 */5 * * * *", 259_200)
    assert settings.storage.region == "us-east-1"


def test_f65_every_mistake_is_named_at_once() -> None:
    found = problems(
        {
            "PORT": "80x",
            "RATE_LIMIT_RPS": "0",
            "JWT_AUTH_ENABLED": "perhaps",
            "LOG_LEVEL": "loud",
            "SEND_WRITERS": "20",
        }
    )
    assert [problem.split(":")[0] for problem in found] == [
        "PORT",
        "JWT_AUTH_ENABLED",
        "RATE_LIMIT_RPS",
        "LOG_LEVEL",
        "SEND_WRITERS",
    ]


def test_a_mistake_names_the_variable_the_value_and_what_is_allowed() -> None:
    (problem,) = problems({"PORT": "65536"})
    assert "PORT" in problem
    assert "'65536'" in problem
    assert "from 1 to 65535" in problem


@pytest.mark.parametrize("name", [variable.name for _, _, variable in variables() if "number" in variable.kind.label])
@pytest.mark.parametrize("value", ["x", "1.5", "-1", "1 000", "0x10"])
def test_f65_a_number_that_does_not_parse_is_a_mistake(name: str, value: str) -> None:
    (problem,) = problems({name: value})
    assert problem.startswith(f"{name}: {value!r}")


@pytest.mark.parametrize("port", ["0", "65536"])
def test_a_port_out_of_range_is_a_mistake(port: str) -> None:
    assert len(problems({"PORT": port})) == 1


def test_a_secret_is_neither_in_repr_nor_in_a_mistake() -> None:
    environment = {
        "DATABASE_URL": "postgresql://mtchat:hush-hush@db/mtchat",
        "REDIS_URL": "redis://:hush-hush@redis/0",
        "ADMIN_API_TOKEN": "hush-hush",
        "ADMIN_API_TOKENS": "hush-hush",
        "JWT_SECRET": "hush-hush",
        "JWT_SECRETS": "hush-hush",
        "WEBHOOK_URL": "https://hush-hush.example/",
        "WEBHOOK_SECRET": "hush-hush",
        "S3_SECRET_ACCESS_KEY": "hush-hush",
        "SENTRY_DSN": "https://hush-hush@sentry.example/1",
    }
    assert "hush-hush" not in repr(load_settings(environment))
    wrong = {name: f"hush-hush {value}" for name, value in environment.items() if "URL" in name or "DSN" in name}
    assert "hush-hush" not in str(problems({**wrong, "JWT_PUBLIC_KEY": "hush-hush"}))


def test_every_variable_that_holds_a_secret_is_hidden() -> None:
    for _, field, variable in variables():
        if "secret" in variable.kind.label:
            assert not field.repr, variable.name


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_an_empty_variable_counts_as_unset(value: str) -> None:
    names = [variable.name for _, _, variable in variables()]
    assert load_settings(dict.fromkeys(names, value)) == load_settings({})


def test_space_around_a_value_is_ignored() -> None:
    assert load_settings({"PORT": " 9000\n", "JWT_AUTH_ENABLED": " false "}).server.port == 9000


@pytest.mark.parametrize("value", ["true", "1", "True", "yes", "on"])
def test_a_switch_is_turned_on(value: str) -> None:
    assert load_settings({"RATE_LIMIT_ENABLED": value}).limits.enabled


@pytest.mark.parametrize("value", ["false", "0", "no", "off"])
def test_a_switch_is_turned_off(value: str) -> None:
    assert not load_settings({"MIGRATE_ON_START": value}).server.migrate_on_start


# ---- tokens and keys


def test_f13_the_admin_token_is_whole_and_more_come_from_the_list() -> None:
    settings = load_settings({"ADMIN_API_TOKEN": "a,b", "ADMIN_API_TOKENS": " c, d,,"})
    assert settings.auth.admin_tokens == ("a,b", "c", "d")


def test_f3_the_jwt_secret_is_whole_and_more_come_from_the_list() -> None:
    settings = load_settings({"JWT_SECRET": " abc,def ", "JWT_SECRETS": "old, older"})
    assert settings.auth.jwt_secrets == (" abc,def ", "old", "older")


def test_f3_an_empty_list_of_secrets_leaves_the_single_one() -> None:
    environment = {"JWT_AUTH_ENABLED": "1", "JWT_SECRETS": "", "JWT_SECRET": LONG_SECRET}
    assert load_settings(environment).auth.jwt_secrets == (LONG_SECRET,)


def test_f3_jwt_without_a_key_is_a_mistake() -> None:
    (problem,) = problems({"JWT_AUTH_ENABLED": "true"})
    assert "JWT_SECRET" in problem


@pytest.mark.parametrize("kind", PUBLIC_KEYS)
def test_a_public_key_is_enough_for_jwt(kind: str) -> None:
    key = pem(PUBLIC_KEYS[kind])
    assert load_settings({"JWT_AUTH_ENABLED": "1", "JWT_PUBLIC_KEY": key}).auth.jwt_public_key == key


def test_a_public_key_may_be_written_on_one_line() -> None:
    key = pem(PUBLIC_KEYS["p256"])
    assert load_settings({"JWT_PUBLIC_KEY": key.replace("\n", "\\n")}).auth.jwt_public_key == key


@pytest.mark.parametrize("key", ["x", pem(ec.generate_private_key(ec.SECP384R1()).public_key())])
def test_a_public_key_we_cannot_use_is_a_mistake(key: str) -> None:
    (problem,) = problems({"JWT_AUTH_ENABLED": "1", "JWT_PUBLIC_KEY": key})
    assert problem.startswith("JWT_PUBLIC_KEY")


def test_a_jwks_file_is_enough_for_jwt(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [ED25519_JWK]}))
    assert load_settings({"JWT_AUTH_ENABLED": "1", "JWT_JWKS_FILE": str(file)}).auth.jwt_jwks_file == file


@pytest.mark.parametrize(
    "text", [None, "not json", "[]", '{"keys": []}', '{"keys": [{"kty": "odd"}]}', json.dumps({"keys": [SHARED_JWK]})]
)
def test_a_jwks_file_without_a_usable_key_is_a_mistake(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "keys.json"
    if text is not None:
        file.write_text(text)
    (problem,) = problems({"JWT_JWKS_FILE": str(file)})
    assert problem.startswith("JWT_JWKS_FILE")


def test_scopes_from_tokens_alone_need_tokens() -> None:
    (problem,) = problems({"SCOPE_SOURCE": "token"})
    assert problem.startswith("SCOPE_SOURCE")


# ---- urls, origins, lists, schedules


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (
            "postgresql://mtchat:pw@db:5432/mtchat?sslmode=require",
            "postgresql://mtchat:pw@db:5432/mtchat?sslmode=require",
        ),
        ("postgres://db/mtchat", "postgresql://db/mtchat"),
        ("postgresql://postgres:@/mtchat?host=/run/postgresql", "postgresql://postgres:@/mtchat?host=/run/postgresql"),
        ("postgresql://one:5432,two:5432/mtchat", "postgresql://one:5432,two:5432/mtchat"),
    ],
)
def test_a_database_url_is_accepted(given: str, read: str) -> None:
    assert load_settings({"DATABASE_URL": given}).database.url == read


@pytest.mark.parametrize("url", ["mysql://db/mtchat", "db/mtchat", "postgresql:db", "host=db dbname=mtchat"])
def test_another_database_url_is_a_mistake(url: str) -> None:
    (problem,) = problems({"DATABASE_URL": url})
    assert "postgresql://" in problem


@pytest.mark.parametrize("name", ["WEBHOOK_URL", "S3_ENDPOINT", "S3_PUBLIC_ENDPOINT"])
@pytest.mark.parametrize(
    "url", ["ftp://host.example", "host.example:9000", "https://", "https://a b/", "http://h:99999"]
)
def test_a_url_that_is_not_http_is_a_mistake(name: str, url: str) -> None:
    assert len(problems({name: url})) == 1


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("*", ("*",)),
        ("https://app.example", ("https://app.example",)),
        ("https://app.example:443, http://localhost:5173 ,", ("https://app.example", "http://localhost:5173")),
        ("HTTPS://App.Example", ("https://app.example",)),
        ("http://[::1]:8080", ("http://[::1]:8080",)),
        ("capacitor://localhost", ("capacitor://localhost",)),
    ],
)
def test_origins_are_read_as_browsers_send_them(given: str, read: tuple[str, ...]) -> None:
    assert load_settings({"CORS_ALLOWED_ORIGINS": given}).cors.allowed_origins == read


@pytest.mark.parametrize(
    "origins",
    [
        "app.example",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example?x",
        "https://anna@app.example",
        "https://*.app.example",
        "https://app.example:port",
        "https://",
        "https://app.example http://other.example",
        ",",
    ],
)
def test_what_is_no_origin_is_a_mistake(origins: str) -> None:
    (problem,) = problems({"CORS_ALLOWED_ORIGINS": origins})
    assert "scheme://host[:port]" in problem


def test_a_method_with_a_space_in_it_is_a_mistake() -> None:
    assert len(problems({"CORS_ALLOWED_METHODS": "GET POST"})) == 1


def test_f18_credentials_with_any_origin_start_with_a_warning() -> None:
    settings = load_settings({"CORS_ALLOW_CREDENTIALS": "true"})
    assert any("CORS_ALLOW_CREDENTIALS" in warning for warning in settings.warnings)


def test_a_schedule_that_does_not_parse_is_a_mistake() -> None:
    (problem,) = problems({"ARCHIVE_CRON": "*/5 * * * *"})
    assert "5 fields" in problem


def test_a_log_level_may_be_written_in_capitals_and_short() -> None:
    assert load_settings({"LOG_LEVEL": "WARN"}).logging.level == "warning"


def test_templates_come_from_a_directory_that_exists(tmp_path: Path) -> None:
    assert load_settings({"TEMPLATES_DIR": str(tmp_path)}).server.templates_dir == tmp_path
    assert len(problems({"TEMPLATES_DIR": str(tmp_path / "missing")})) == 1


# ---- together


def test_more_open_connections_than_allowed_are_a_mistake() -> None:
    assert len(problems({"DATABASE_MIN_CONNECTIONS": "9", "DATABASE_MAX_CONNECTIONS": "8"})) == 1


def test_a_pool_smaller_than_the_defaults_is_no_mistake() -> None:
    assert load_settings({"DATABASE_MAX_CONNECTIONS": "2"}).database.max_connections == 2


def test_a_value_that_could_not_be_read_contradicts_nothing() -> None:
    (problem,) = problems({"DATABASE_MIN_CONNECTIONS": "30", "DATABASE_MAX_CONNECTIONS": "forty"})
    assert problem.startswith("DATABASE_MAX_CONNECTIONS")


def test_storage_is_used_when_everything_it_needs_is_set() -> None:
    complete = {
        "S3_ENDPOINT": "http://minio:9000",
        "S3_ACCESS_KEY_ID": "key",
        "S3_SECRET_ACCESS_KEY": "secret",
        "S3_BUCKET": "files",
    }
    assert load_settings(complete).storage.enabled
    assert not load_settings({**complete, "S3_BUCKET": ""}).storage.enabled


def test_without_a_database_url_the_embedded_one_is_used() -> None:
    assert load_settings({}).uses_embedded_database
    assert not load_settings({"DATABASE_URL": "postgresql://db/mtchat"}).uses_embedded_database


QUIET = {
    "JWT_AUTH_ENABLED": "1",
    "JWT_SECRET": LONG_SECRET,
    "ADMIN_API_TOKEN": "token",
    "DATABASE_URL": "postgresql://db/mtchat",
    "PUBLIC_URL": "https://chat.example",
}


def test_careful_settings_give_no_warning() -> None:
    assert load_settings(QUIET).warnings == ()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"JWT_SECRET": "x" * 31}, "JWT_SECRET"),
        ({"JWT_SECRETS": "short"}, "JWT_SECRET"),
        ({"JWT_VERIFY_EXP": "false"}, "JWT_VERIFY_EXP"),
        ({"ADMIN_API_TOKEN": ""}, "ADMIN_API_TOKEN"),
        ({"ADMIN_API_TOKEN": "", "ADMIN_API_OPEN": "1"}, "ADMIN_API_OPEN"),
        ({"ADMIN_API_OPEN": "1"}, "ADMIN_API_OPEN"),
        ({"WEBHOOK_URL": "https://host.example/hook"}, "WEBHOOK_SECRET"),
        ({"WEBHOOK_SECRET": "x"}, "WEBHOOK_URL"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"SCAN_COMMAND": "scan", "CLAMD_ADDRESS": "/run/clamd"}, "SCAN_COMMAND"),
        ({"S3_ENDPOINT": "http://minio:9000", "S3_BUCKET": "files"}, "S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY"),
        ({"MTCHAT_EMBEDDED": "1"}, "DATABASE_URL"),
        ({"CORS_ALOWED_ORIGINS": "https://app.example"}, "CORS_ALOWED_ORIGINS"),
    ],
)
def test_what_is_probably_not_meant_gives_a_warning(changes: dict[str, str], named: str) -> None:
    (warning,) = load_settings(QUIET | changes).warnings
    assert warning.startswith(named)


def test_believing_every_caller_gives_a_warning() -> None:
    warnings = load_settings({"ADMIN_API_TOKEN": "token", "JWT_SECRET": LONG_SECRET}).warnings
    assert [warning.split(":")[0] for warning in warnings] == ["JWT_AUTH_ENABLED", "JWT_AUTH_ENABLED"]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=9001\nMTCHAT_HOME='./data'\n# HOST=x\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "9002")
    environment = read_environment(tmp_path)
    assert (environment["PORT"], environment["MTCHAT_HOME"]) == ("9002", "./data")


def test_a_missing_file_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "9002")
    assert read_environment()["PORT"] == "9002"
