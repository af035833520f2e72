"""Roles: their order, and the words for them."""

import pytest

from common.roles import Role


def test_who_is_higher_is_greater() -> None:
    assert Role.GUEST < Role.MEMBER < Role.MODERATOR < Role.OWNER


@pytest.mark.parametrize("role", Role)
def test_a_role_is_found_by_its_word(role: Role) -> None:
    assert Role.of(role.word) is role
    assert role.word.islower()


def test_there_is_no_role_of_another_word() -> None:
    with pytest.raises(KeyError):
        Role.of("king")
