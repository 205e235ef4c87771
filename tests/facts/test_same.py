from functools import lru_cache

from ecs_medic.facts.network import Network
from ecs_medic.facts.same import Same


def test_a_value_is_the_same_as_itself_alone():
    one, other = Network("vpc-1"), Network("vpc-1")
    assert one == other
    assert Same(one) == Same(one)
    assert hash(Same(one)) == hash(Same(one))
    assert Same(one) != Same(other)
    assert Same(one) != one


def test_what_is_remembered_keeps_its_value_alive_so_that_no_other_takes_its_place():
    asked = []

    @lru_cache(maxsize=100)
    def name_of(network: Same[Network]) -> str:
        asked.append(network)
        return network.value.vpc_id

    names = [name_of(Same(Network(f"vpc-{number}"))) for number in range(100)]
    assert names == [f"vpc-{number}" for number in range(100)]
    assert len(asked) == 100
