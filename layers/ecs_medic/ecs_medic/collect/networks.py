"""VPCs made out of answers, each once for as long as its answers are the same."""

from collections.abc import Mapping

from ecs_medic.collect import vpc
from ecs_medic.collect.question import Answers, Key
from ecs_medic.facts.fact import Fact
from ecs_medic.facts.network import Network

_SHARED = frozenset({"dhcp_options", "prefix_lists", "prefix_list"})


class Networks:
    """Of the same answers comes the same value: what the rules work out of a VPC, they then work out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Network] = {}
        self._answers: list[Fact[dict[str, object]]] = []

    def of(self, vpc_id: str, answers: Answers) -> Network:
        """The VPC as these answers show it."""
        used: Mapping[Key, Fact[dict[str, object]]] = {
            key: answer for key, answer in answers.items() if vpc_id in key[1:2] or key[0] in _SHARED
        }
        print_of = (vpc_id, *sorted((key, id(answer)) for key, answer in used.items()))
        if print_of not in self._known:
            # Kept, so that no other answer gets the same identity.
            self._answers.extend(used.values())
            self._known[print_of] = vpc.network_from(vpc_id, answers)
        return self._known[print_of]
