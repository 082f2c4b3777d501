"""The command line: wrong settings end every command with status 2 and all mistakes on standard error."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import jwt
import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from mtchat.cli import COMMANDS, main
from mtchat.config.settings import variables
from tests.support.fix_db import database_url_of

SECRET = "a-secret-of-at-least-thirty-two-bytes"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs `mtchat` in an empty directory with these variables and no other of ours."""
    monkeypatch.chdir(tmp_path)
    for _, _, variable in variables():
        monkeypatch.delenv(variable.name, raising=False)
    return lambda *arguments, **environment: CliRunner().invoke(main, list(arguments), env=environment)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """The URL of a database without any table."""
    name = sql.Identifier(f"mtchat_cli_{uuid.uuid4().hex}")
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield database_url_of(postgres_url, name.as_string().strip('"'))
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_explains_itself(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_an_unknown_command_is_refused(run: Run) -> None:
    result = run("configuration")
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_check_config_says_ok_and_what_is_doubtful(run: Run) -> None:
    result = run("check-config")
    assert (result.exit_code, result.stdout) == (0, "ok\n")
    assert "warning: JWT_AUTH_ENABLED" in result.stderr


@pytest.mark.parametrize("command", [["check-config"], ["migrate"], ["token", "--user", "anna"], ["serve"]])
def test_wrong_settings_end_every_command_with_all_mistakes(run: Run, command: list[str]) -> None:
    result = run(*command, PORT="80x", LOG_LEVEL="loud", JWT_AUTH_ENABLED="1")
    assert result.exit_code == 2
    assert result.stdout == ""
    mistakes = [line for line in result.stderr.splitlines() if line.startswith("- ")]
    assert [mistake.split(":")[0] for mistake in mistakes] == ["- PORT", "- LOG_LEVEL", "- JWT_AUTH_ENABLED"]


def test_settings_come_from_the_file_in_the_working_directory(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9001\n", encoding="utf-8")
    assert "PORT = 9001" in run("check-config", "--show").stdout.splitlines()


def test_show_masks_secrets(run: Run) -> None:
    environment = {
        "DATABASE_URL": "postgresql://mtchat:hush@db/mtchat",
        "ADMIN_API_TOKEN": "hush",
        "ADMIN_API_TOKENS": "hush1,hush2",
        "JWT_SECRET": "hush",
        "WEBHOOK_SECRET": "hush",
        "CORS_ALLOWED_ORIGINS": "https://one.example,https://two.example",
    }
    result = run("check-config", "--show", **environment)
    assert "hush" not in result.output
    lines = result.stdout.splitlines()
    assert "DATABASE_URL = (set)" in lines
    assert "ADMIN_API_TOKEN, ADMIN_API_TOKENS = (3 set)" in lines
    assert "S3_SECRET_ACCESS_KEY = (not set)" in lines
    assert "CORS_ALLOWED_ORIGINS = https://one.example,https://two.example" in lines


def test_token_prints_a_signed_token_for_the_user(run: Run) -> None:
    result = run("token", "--user", "anna", "--ttl", "60", JWT_SECRET=SECRET)
    claims = jwt.decode(result.stdout.strip(), SECRET, algorithms=["HS256"])
    assert claims["sub"] == "anna"
    assert claims["exp"] - claims["iat"] == 60
    assert abs(claims["iat"] - time.time()) < 30
    assert "scopes" not in claims


def test_token_signs_scopes_into_the_configured_claims(run: Run) -> None:
    environment = {
        "JWT_SECRETS": f"{SECRET},other",
        "JWT_USER_ID_CLAIM": "uid",
        "JWT_SCOPE_CLAIM": "chat",
        "JWT_AUDIENCE": "mtchat",
    }
    arguments = ["--scope0", "north", "--scope0", "south", "--scope2", "shipments:write"]
    result = run("token", "--user", "boris", *arguments, **environment)
    claims = jwt.decode(result.stdout.strip(), SECRET, algorithms=["HS256"], audience="mtchat")
    assert claims["uid"] == "boris"
    assert claims["chat"] == {
        "scope_level0": ["north", "south"],
        "scope_level1": [],
        "scope_level2": ["shipments:write"],
    }


def test_token_signs_with_a_given_key(run: Run) -> None:
    result = run("token", "--user", "vera", "--secret", SECRET)
    assert jwt.decode(result.stdout.strip(), SECRET, algorithms=["HS256"])["sub"] == "vera"


def test_token_without_any_key_is_a_mistake_of_the_settings(run: Run) -> None:
    result = run("token", "--user", "anna")
    assert result.exit_code == 2
    assert "JWT_SECRET" in result.stderr


def test_token_for_nobody_is_refused(run: Run) -> None:
    result = run("token", "--user", "", JWT_SECRET=SECRET)
    assert result.exit_code == click.BadParameter.exit_code
    assert "--user" in result.stderr


def test_migrate_applies_what_is_missing_and_then_nothing(run: Run, empty_database_url: str) -> None:
    first = run("migrate", DATABASE_URL=empty_database_url)
    second = run("migrate", DATABASE_URL=empty_database_url)
    assert first.exit_code == 0
    assert "applied 0001_" in first.stdout
    assert second.stdout == "the database is up to date\n"


def test_a_database_that_is_not_there_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    result = run("migrate", DATABASE_URL=f"postgresql://mtchat:hush@/mtchat?host={tmp_path}")
    assert result.exit_code == 1
    assert result.stderr.startswith("The database cannot be used: ")
    assert "hush" not in result.stderr


def test_openapi_prints_the_document(run: Run) -> None:
    result = run("openapi")
    assert json.loads(result.stdout)["openapi"].startswith("3.1")


def test_openapi_writes_a_file(run: Run, tmp_path: Path) -> None:
    assert run("openapi", "--output", "openapi.json").stdout == ""
    assert "paths" in json.loads((tmp_path / "openapi.json").read_text(encoding="utf-8"))
