"""Settings of a process: read once from the environment, checked together, passed on, never changed.

Nothing else in the package reads environment variables.
"""

import dataclasses
import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from dotenv import dotenv_values
from environs import Env, EnvValidationError

from mtchat.config.areas import (
    ArchiveSettings,
    AuthSettings,
    CorsSettings,
    DatabaseSettings,
    EventSettings,
    LimitSettings,
    LoggingSettings,
    NotificationSettings,
    RealtimeSettings,
    ServerSettings,
    StorageSettings,
    WebhookSettings,
    WorkerSettings,
)
from mtchat.config.cautions import contradictions, unsafe_or_incomplete
from mtchat.config.declaring import Variable

__all__ = [
    "AREAS",
    "ArchiveSettings",
    "AuthSettings",
    "ConfigError",
    "CorsSettings",
    "DatabaseSettings",
    "EventSettings",
    "LimitSettings",
    "LoggingSettings",
    "NotificationSettings",
    "RealtimeSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "WebhookSettings",
    "WorkerSettings",
    "load_settings",
    "read_environment",
    "variables",
]

Area = TypeVar("Area")

_SHOWN_VALUE_CHARS: Final = 80
# Close enough to be a slip of the finger: one letter of nine.
_MISSPELT_RATIO: Final = 0.88


class ConfigError(Exception):
    """The settings are wrong; `problems` has a sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """Everything configurable, by area. warnings: sentences about what is allowed and probably not meant."""

    server: ServerSettings = field(default_factory=ServerSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    cors: CorsSettings = field(default_factory=CorsSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    realtime: RealtimeSettings = field(default_factory=RealtimeSettings)
    events: EventSettings = field(default_factory=EventSettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    notifications: NotificationSettings = field(default_factory=NotificationSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    warnings: tuple[str, ...] = ()

    @property
    def uses_embedded_database(self) -> bool:
        """Whether this process runs its own PostgreSQL."""
        return self.server.embedded or self.database.url is None


AREAS: Final[dict[str, type[Any]]] = {
    "server": ServerSettings,
    "database": DatabaseSettings,
    "auth": AuthSettings,
    "cors": CorsSettings,
    "limits": LimitSettings,
    "realtime": RealtimeSettings,
    "events": EventSettings,
    "webhooks": WebhookSettings,
    "storage": StorageSettings,
    "archive": ArchiveSettings,
    "notifications": NotificationSettings,
    "worker": WorkerSettings,
    "logging": LoggingSettings,
}


def read_environment(directory: Path | None = None) -> dict[str, str]:
    """Return the process environment over the `.env` of a directory, by default the working one."""
    path = (directory or Path.cwd()) / ".env"
    from_file = {name: value for name, value in dotenv_values(path).items() if value is not None}
    return from_file | dict(os.environ)


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Build the settings from environment variables; an empty one counts as unset.

    Raises ConfigError with every mistake at once.
    """
    env = _MappingEnv(environment)
    settings = Settings(**{name: _read_area(env, area) for name, area in AREAS.items()})
    unreadable = _problems(env)
    # A value that could not be read contradicts nothing.
    found = [sentence for names, sentence in contradictions(settings, env.is_set) if not names & unreadable.keys()]
    if unreadable or found:
        raise ConfigError([*unreadable.values(), *found])
    warnings = (*unsafe_or_incomplete(settings, env.is_set), *_misspelt(environment))
    return dataclasses.replace(settings, warnings=warnings)


def variables() -> Iterator[tuple[str, "dataclasses.Field[Any]", Variable]]:
    """List every environment variable: the area it belongs to, the field it fills, itself."""
    for name, area in AREAS.items():
        for declared in dataclasses.fields(area):
            for variable in declared.metadata["variables"]:
                yield name, declared, variable


class _MappingEnv(Env):
    """Reads a mapping instead of the process environment and collects every mistake."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        verbatim = {variable.name for _, _, variable in variables() if variable.kind.verbatim}
        self.given = {
            name: value if name in verbatim else value.strip() for name, value in given.items() if value.strip()
        }

    def is_set(self, name: str) -> bool:
        """Whether the variable has a value."""
        return name in self.given

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self.given.get(env_key, default)


def _read_area(env: _MappingEnv, area: type[Area]) -> Area:
    values: dict[str, Any] = {}
    for declared in dataclasses.fields(area):  # type: ignore[arg-type]  # each area is a dataclass
        found = [
            variable.kind.read(env, variable.name, declared.default) for variable in declared.metadata["variables"]
        ]
        values[declared.name] = found[0] if len(found) == 1 else tuple(value for part in found for value in part)
    return area(**values)


def _problems(env: _MappingEnv) -> dict[str, str]:
    """Return a sentence for each variable that could not be read."""
    try:
        env.seal()
    except EnvValidationError as error:
        mistakes = cast("Mapping[str, list[str]]", error.error_messages)
    else:
        return {}
    return {
        variable.name: _problem(
            variable, secret=declared.metadata["secret"], value=env.given[variable.name], reasons=reasons
        )
        for _, declared, variable in variables()
        if (reasons := mistakes.get(variable.name))
    }


def _problem(variable: Variable, *, secret: bool, value: str, reasons: list[str]) -> str:
    if secret:
        shown = "its value"
    else:
        shown = repr(value if len(value) <= _SHOWN_VALUE_CHARS else value[:_SHOWN_VALUE_CHARS] + "…")
    return f"{variable.name}: {shown} is not accepted. {' '.join(reasons)} Give {variable.kind.allowed}."


def _misspelt(environment: Mapping[str, str]) -> list[str]:
    known = [variable.name for _, _, variable in variables()]
    warnings = []
    for name in sorted(set(environment).difference(known)):
        meant = difflib.get_close_matches(name, known, n=1, cutoff=_MISSPELT_RATIO)
        if meant and meant[0] not in environment:
            warnings.append(f"{name}: is no setting of ours and was not used; {meant[0]} is one.")
    return warnings
