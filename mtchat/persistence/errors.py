"""The one border where a driver's error becomes ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from mtchat.core.errors import BadRequest, ChatError, InvalidInput, Unavailable

log = structlog.get_logger(__name__)

_AWAY = "The database does not answer; try again in a moment"

# Constraint -> what the caller did. Limits are checked before the database; these catch what races past the checks.
_BY_CONSTRAINT: dict[str, ChatError] = {
    "participants_pkey": BadRequest("This user is already a participant of the dialog"),
}


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise ChatErrors in place of psycopg's: Unavailable while it is away, 4xx where a constraint names the cause."""
    try:
        yield
    except (PoolTimeout, PoolClosed, TooManyRequests) as error:
        raise Unavailable(_AWAY) from error
    except (psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable) as error:
        log.warning("statement_gave_up", error=type(error).__name__)
        raise Unavailable("The database is too busy; try again in a moment") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(_AWAY) from error
    except psycopg.IntegrityError as error:
        known = _BY_CONSTRAINT.get(error.diag.constraint_name or "")
        if known is None:
            raise
        raise type(known)(known.message) from error
    except psycopg.DataError as error:
        log.warning("refused_by_database", error=type(error).__name__, sqlstate=error.sqlstate)
        raise InvalidInput("A value cannot be stored; remove control characters and check lengths") from error


def is_connection_loss(error: BaseException) -> bool:
    """Tell whether the error means that the database is away, rather than that it refused the statement."""
    if isinstance(error, PoolTimeout):
        return True
    refused = (psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable)
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)) and not isinstance(error, refused)
