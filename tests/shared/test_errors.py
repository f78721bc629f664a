"""The tree of errors: drawn as it is, told apart by exit code, and clear in one line."""

import re

import pytest

from shared import errors
from shared.errors import ControlPlaneError, DocumentError, FoglineError

OURS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, FoglineError)]
BRANCHES = [one for one in OURS if FoglineError in one.__bases__]


def test_the_drawing_is_the_tree() -> None:
    drawn = re.findall(r"\b(\w+Error)\b", errors.__doc__ or "")
    assert drawn == [one.__name__ for one in OURS]


def test_each_branch_has_an_exit_code_of_its_own_and_none_is_success() -> None:
    codes = [one.exit_code for one in BRANCHES]
    assert len(set(codes)) == len(codes)
    assert all(1 < code < 64 for code in codes)


@pytest.mark.parametrize("kind", [one for one in OURS if one not in BRANCHES and one is not FoglineError])
def test_a_twig_ends_a_program_as_its_branch_does(kind: type[FoglineError]) -> None:
    assert kind.exit_code == next(one.exit_code for one in BRANCHES if issubclass(kind, one))


def test_a_document_s_error_names_the_field_where_there_is_one() -> None:
    assert str(DocumentError("too high", field="tiers[0].exit")) == "tiers[0].exit: too high"
    assert str(DocumentError("not JSON")) == "not JSON"


def test_a_control_plane_that_did_not_answer_has_no_status() -> None:
    assert (ControlPlaneError("away").status, ControlPlaneError("no", status=409).status) == (0, 409)
