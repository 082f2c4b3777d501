"""How a field of a settings dataclass says which environment variables fill it."""

from dataclasses import dataclass, field
from typing import TypeVar

from mtchat.config.kinds import Kind

T = TypeVar("T")


@dataclass(frozen=True)
class Variable:
    """One environment variable of a setting. shown_default: what tables say when the value itself would not do."""

    name: str
    kind: Kind
    meaning: str
    shown_default: str | None = None


def setting(
    name: str, kind: Kind, default: T, meaning: str, *, secret: bool = False, shown_default: str | None = None
) -> T:
    """Declare a field that comes from one environment variable; a secret stays out of `repr`."""
    variables = (Variable(name, kind, meaning, shown_default),)
    declared: T = field(default=default, repr=not secret, metadata={"variables": variables, "secret": secret})
    return declared


def secrets(*variables: Variable) -> tuple[str, ...]:
    """Declare a field that collects secrets from several variables, in this order."""
    declared: tuple[str, ...] = field(default=(), repr=False, metadata={"variables": variables, "secret": True})
    return declared
