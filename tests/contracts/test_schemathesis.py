"""Requests made from the OpenAPI document, right and wrong ones: no 500, and no answer that it does not have."""

from collections.abc import Iterator
from typing import Any, Final

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from handlers.application import ROUTES
from handlers.openapi import build_document
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.fix_live import make_live_dialog, say_live
from tests.support.live import LiveServer

EXAMPLES: Final = 20

CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(generation=GenerationConfig(with_security_parameters=False, deterministic=True))
    )
)
# Any refusal will do for a request that breaks the document; 503 is files while there is no storage.
CONFIG.projects.default.checks.negative_data_rejection.expected_statuses = ["4xx", "503"]
SCHEMA = schemathesis.openapi.from_dict(build_document(ROUTES), config=CONFIG)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
# An address that takes nothing cannot be called wrongly.
CALLS = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode.is_positive or operation.body or any(operation.iter_parameters())
]
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for all requests."""
    with requests.Session() as opened:
        yield opened


@pytest.mark.parametrize(("operation", "mode"), CALLS)
def test_no_answer_is_undocumented(
    operation: Any, mode: GenerationMode, live: LiveServer, session: requests.Session
) -> None:
    """Half of the requests name a dialog, a message and people that are there."""
    with live.wire() as wire:
        dialog_id = make_live_dialog(wire, "north", "anna", "boris")
        message_id = say_live(wire, dialog_id, "anna")
    known = {"dialog_id": dialog_id, "message_id": message_id, "attachment_id": message_id, "user_id": "boris"}
    named = {name: known[name] for name in known if f"{{{name}}}" in operation.path}

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(operation.as_strategy(mode), operation.as_strategy(mode, path_parameters=named)))
    def run(case: Any) -> None:
        management = operation.path.startswith("/api/v1/management")
        answer = case.call(
            base_url=live.base_url,
            session=session,
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}"} if management else None,
            params=None if management else {"user_id": "anna"},
        )
        assert answer.status_code != 500, case.as_curl_command()
        case.validate_response(answer, checks=CHECKS)

    run()
