"""Refresh tokens, roles and unique names once more, on the real DynamoDB Local: where requests race for one item."""

import os

import pytest

from quintet.settings import Settings
from quintet.testing import Client
from storefront.service import api
from tests.conftest import Systems
from tests.functions.storefront.access.test_assignments import (
    test_admins_who_remove_each_other_at_once_leave_one,
    test_admins_who_step_down_at_once_leave_one,
)
from tests.functions.storefront.access.test_permissions import (
    admin,
    test_a_deleted_permission_leaves_every_role,
    test_grants_and_a_deletion_at_once_agree,
)
from tests.functions.storefront.access.test_roles import (
    test_grants_to_one_role_at_once_are_all_kept,
    test_two_renames_at_once_leave_one_name_taken,
)
from tests.functions.storefront.accounts.test_auth import test_of_many_who_register_an_address_at_once_one_gets_it
from tests.functions.storefront.accounts.test_sessions import test_fifty_refreshes_at_once_do_not_sign_anybody_out
from tests.layers.auth.test_families import (
    clock,
    test_a_rotation_under_way_cannot_outlive_a_revocation,
    test_a_slow_tab_is_not_taken_for_a_thief_when_another_has_refreshed_twice,
    test_after_the_grace_a_used_token_ends_the_whole_family,
    test_fifty_requests_with_one_token_at_once_get_one_successor,
    test_revoking_amid_rotations_leaves_nothing,
)

URL = os.environ.get("QUINTET_DYNAMODB_URL", "")

pytestmark = [
    pytest.mark.dynamodb,
    pytest.mark.skipif(not URL, reason="make test-dynamodb starts DynamoDB Local"),
]

__all__ = [
    "admin",
    "clock",
    "test_a_deleted_permission_leaves_every_role",
    "test_a_rotation_under_way_cannot_outlive_a_revocation",
    "test_a_slow_tab_is_not_taken_for_a_thief_when_another_has_refreshed_twice",
    "test_admins_who_remove_each_other_at_once_leave_one",
    "test_admins_who_step_down_at_once_leave_one",
    "test_after_the_grace_a_used_token_ends_the_whole_family",
    "test_fifty_refreshes_at_once_do_not_sign_anybody_out",
    "test_fifty_requests_with_one_token_at_once_get_one_successor",
    "test_grants_and_a_deletion_at_once_agree",
    "test_grants_to_one_role_at_once_are_all_kept",
    "test_of_many_who_register_an_address_at_once_one_gets_it",
    "test_revoking_amid_rotations_leaves_nothing",
    "test_two_renames_at_once_leave_one_name_taken",
]


@pytest.fixture(autouse=True)
def table(system: Systems) -> Settings:
    """A shop whose table is in DynamoDB Local."""
    return system("storefront", AWS_ENDPOINT_URL_DYNAMODB=URL)


@pytest.fixture
def shop(table: Settings) -> Client:
    """Its anonymous client."""
    return Client(api)
