"""Keys of whatever is named in an event: told apart, and never longer than DynamoDB takes."""

import pytest

from ecs_medic.ledger import keys

LONG = "é" * 3000
MADE = {
    "event": lambda name: keys.event(name).pk,
    "service": lambda name: keys.service_pk("123456789012", "eu-west-1", "shop", name),
    "cluster of a service": lambda name: keys.service_pk("123456789012", "eu-west-1", name, "orders"),
    "task": lambda name: keys.alias(name).pk,
    "VPC": lambda name: keys.vpc_pk("123456789012", "eu-west-1", name),
    "family": lambda name: keys.family_pk("123456789012", "eu-west-1", "shop", name),
    "cluster": lambda name: keys.foreseen_pk("123456789012", "eu-west-1", name),
}


@pytest.mark.parametrize("what", MADE)
def test_a_name_of_any_length_gives_a_key_of_its_own_that_dynamodb_takes(what):
    made = [MADE[what](name) for name in ("orders", "stock", LONG, f"{LONG}2")]
    assert len(set(made)) == len(made)
    assert all(len(key.encode()) <= 2048 for key in made)
