"""The stacks that the commands find."""

import pytest

from commands import stack
from tools import ToolError


def test_dev_is_a_stack_of_the_lab() -> None:
    found = stack.find("dev")
    assert found.lab
    assert "1.5.10" in found.lab.releases


def test_a_stack_without_a_file_is_told_with_those_that_have_one() -> None:
    with pytest.raises(ToolError, match=r"there is no Pulumi\.staging9\.yaml; stacks here: .*dev"):
        stack.find("staging9")
