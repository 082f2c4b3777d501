"""Scope matching (contract 3.5), equality (F44), narrowing (design 8) and the header (contract 2.4, F37)."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtchat.core.errors import BadRequest, Unauthorized
from mtchat.core.scopes import (
    ScopeSet,
    is_potential_participant,
    matches,
    narrow,
    own_dialog_listed,
    parse_scope_claim,
    parse_scope_header,
    same_scopes,
)

levels = st.lists(st.sampled_from("abc"), max_size=3)
scope_sets = st.builds(ScopeSet.of, levels, levels, levels)

NORTH = ScopeSet.of(["north"])
SOUTH = ScopeSet.of(["south"])
EVERYONE = ScopeSet()


def header(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize(
    ("of_the_scope", "of_the_user", "expected"),
    [
        ([], [], True),
        ([], ["a"], True),
        (["a"], [], False),
        (["a"], ["a"], True),
        (["a", "b"], ["b", "c"], True),
        (["a"], ["A"], False),
        (["a"], ["b"], False),
    ],
)
def test_the_first_truth_table_of_the_contract_3_5(
    level: int, of_the_scope: list[str], of_the_user: list[str], expected: bool
) -> None:
    scope, user = [["x"], ["x"], ["x"]], [["x"], ["x"], ["x"]]
    scope[level], user[level] = of_the_scope, of_the_user
    assert matches([ScopeSet.of(*scope)], ScopeSet.of(*user)) is expected


@pytest.mark.parametrize(
    ("dialog", "sent", "potential", "own_listed"),
    [
        ([], NORTH, False, True),
        ([], EVERYONE, False, True),
        ([], None, False, True),
        ([EVERYONE], NORTH, True, True),
        ([EVERYONE], EVERYONE, True, True),
        ([SOUTH, NORTH], NORTH, True, True),
        ([SOUTH, ScopeSet.of(["north"], ["sales"])], NORTH, False, False),
        ([SOUTH], NORTH, False, False),
        ([SOUTH], EVERYONE, False, False),
        ([SOUTH], None, False, True),
    ],
)
def test_the_second_truth_table_of_the_contract_3_5(
    dialog: list[ScopeSet], sent: ScopeSet | None, potential: bool, own_listed: bool
) -> None:
    assert is_potential_participant(dialog, sent) is potential
    assert own_dialog_listed(dialog, sent) is own_listed


def test_every_level_of_one_scope_must_match() -> None:
    dialog = [ScopeSet.of(["north"], ["sales"]), ScopeSet.of(["south"], ["dispatch"])]
    assert not matches(dialog, ScopeSet.of(["north"], ["dispatch"]))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([], [], True),
        ([], [EVERYONE], False),
        ([NORTH, SOUTH], [SOUTH, NORTH], True),
        ([NORTH, NORTH], [NORTH], True),
        ([ScopeSet.of(["a", "b", "a"])], [ScopeSet.of(["b", "a"])], True),
        ([NORTH], [NORTH, SOUTH], False),
        ([ScopeSet.of(["a"])], [ScopeSet.of([], ["a"])], False),
        ([ScopeSet.of(["a"])], [ScopeSet.of(["A"])], False),
    ],
)
def test_f44_scopes_compare_as_sets(left: list[ScopeSet], right: list[ScopeSet], expected: bool) -> None:
    assert same_scopes(left, right) is expected


def test_no_header_leaves_the_signed_scopes() -> None:
    assert narrow(NORTH, None) == NORTH


def test_a_header_narrows_each_level_of_the_signed_scopes() -> None:
    signed = ScopeSet.of(["north", "south"], ["sales"], ["read", "write"])
    claimed = ScopeSet.of(["north", "west"], ["sales"], ["read"])
    assert narrow(signed, claimed) == ScopeSet.of(["north"], ["sales"], ["read"])


@given(scope_sets, st.one_of(st.none(), scope_sets), st.lists(scope_sets, max_size=3))
def test_a_header_never_opens_what_the_signed_scopes_do_not(
    signed: ScopeSet, claimed: ScopeSet | None, dialog: list[ScopeSet]
) -> None:
    assert not matches(dialog, narrow(signed, claimed)) or matches(dialog, signed)


def test_the_header_of_the_contract() -> None:
    sent = header({"scope_level0": ["north-yard"], "scope_level1": ["dispatch"], "scope_level2": ["shipments:write"]})
    assert parse_scope_header(sent) == ScopeSet.of(["north-yard"], ["dispatch"], ["shipments:write"])


def test_levels_left_out_are_empty_and_unknown_keys_are_ignored() -> None:
    assert parse_scope_header(header({"scope_level1": ["a"], "scope_level9": 7})) == ScopeSet.of([], ["a"])


def test_an_empty_object_is_a_valid_header() -> None:
    assert parse_scope_header(header({})) == EVERYONE


@pytest.mark.parametrize("value", [None, "caf\u00e9", "\u0416"])
def test_an_absent_or_non_ascii_header_counts_as_absent(value: str | None) -> None:
    assert parse_scope_header(value) is None


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_f37_letters_beyond_ascii_arrive_in_both_encodings(encoding: str) -> None:
    sent = base64.b64encode('{"scope_level0":["Zürich"]}'.encode(encoding)).decode()
    assert parse_scope_header(sent) == ScopeSet.of(["Zürich"])


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "not base64!",
        "e30",  # padding left out
        "e3\n0=",
        base64.urlsafe_b64encode(b'{"scope_level0":["\xc3\xbf?>"]}').decode().replace("=", ""),
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"[" * 20_000).decode(),
        base64.b64encode(b'{"scope_level0":["\\ud800"]}').decode(),
        header(None),
        header([]),
        header("text"),
        header({"scope_level0": None}),
        header({"scope_level0": "north"}),
        header({"scope_level1": [1]}),
        header({"scope_level2": ["a", None]}),
        header({"scope_level0": ["x" * 256]}),
        header({"scope_level0": ["x\0"]}),
        header({"scope_level0": [str(number) for number in range(201)]}),
    ],
)
def test_a_bad_header_is_a_bad_request(value: str) -> None:
    with pytest.raises(BadRequest, match="X-Scope-Config"):
        parse_scope_header(value)


def test_a_header_at_its_limits_is_accepted() -> None:
    values = [f"{number:0255}" for number in range(200)]
    assert parse_scope_header(header({"scope_level0": values})) == ScopeSet.of(values)


def test_f4_the_claim_has_the_shape_of_the_header() -> None:
    assert parse_scope_claim({"scope_level0": ["north"]}) == NORTH


@pytest.mark.parametrize("claim", [None, [], "north", {"scope_level0": "north"}, {"scope_level0": [1]}])
def test_a_claim_of_another_shape_makes_the_token_unusable(claim: object) -> None:
    with pytest.raises(Unauthorized):
        parse_scope_claim(claim)
