"""The calls about files by themselves; what follows from them is in tests/flows/test_files_*.py."""

from collections.abc import Callable

import pytest

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog

Api = Callable[[str], ApiClient]
NOWHERE = "01900000-0000-7000-8000-000000000099"


@pytest.fixture
def environment() -> dict[str, str]:
    return {"RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_PRESIGN_PER_MINUTE": "2", "RATE_LIMIT_BURST": "1000"}


@pytest.mark.gen_test
async def test_a_person_begins_only_so_many_uploads_a_minute(api: Api, host: ApiClient) -> None:
    """F7: in one piece or in parts, of each person by himself."""
    dialog_id = await make_dialog(host)
    asked = {"dialog_id": dialog_id, "filename": "a", "content_type": "", "size": 20_000_000}
    assert (await api("anna").post("/upload/presign", asked)).status == 200
    assert (await api("anna").post("/upload/multipart", asked)).status == 200
    for call in ("/upload/presign", "/upload/multipart"):
        refused = await api("anna").post(call, asked)
        assert refused.error == (429, "RATE_LIMIT_EXCEEDED")
        assert int(refused.headers["Retry-After"]) >= 1
    assert (await api("boris").post("/upload/presign", asked)).status == 200


@pytest.mark.gen_test
async def test_what_does_not_exist_is_404(api: Api) -> None:
    anna = api("anna")
    assert (await anna.get(f"/attachments/{NOWHERE}/url")).error == (404, "ATTACHMENT_NOT_FOUND")
    assert (await anna.get(f"/upload/multipart/{NOWHERE}")).error == (404, "NOT_FOUND")
    assert (await anna.post(f"/upload/multipart/{NOWHERE}/complete")).error == (404, "NOT_FOUND")
    # Giving up what is not there is done already.
    assert (await anna.delete(f"/upload/multipart/{NOWHERE}")).status == 204


# What is wrong -> as any body: 422 for a wrong type of a field, 400 for a value that breaks a rule.
WRONG: dict[int, list[dict[str, object]]] = {
    422: [{"size": "1"}, {"size": 1.5}, {"size": None}, {"size": True}, {"size": 2**63}, {"content_type": None},
          {"dialog_id": "x"}, {"filename": 1}],
    400: [{"size": -1}, {"size": 0}, {"content_type": "Image/PNG"}, {"content_type": "image/png; x=1"},
          {"filename": "a\0b"}, {"filename": "a" * 256}],
}  # fmt: skip


@pytest.mark.parametrize(("status", "wrong"), [(status, wrong) for status in WRONG for wrong in WRONG[status]])
@pytest.mark.gen_test
async def test_a_malformed_presign_is_refused(api: Api, host: ApiClient, status: int, wrong: dict[str, object]) -> None:
    asked = {"dialog_id": await make_dialog(host), "filename": "a", "content_type": "", "size": 1}
    assert (await api("anna").post("/upload/presign", asked | wrong)).status == status
