"""Questions of many diagnoses at once: each is put once, and those of one kind together in one call.

What comes back is taken apart again, so that whoever asked gets the answer that a call of his own would have had.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.reading import Json, mapping, mappings, text

type Identity = str
"""What two calls have in common that ask for the same."""


_SLICE = 64
"""Calls after which it is told how far it has come."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Calls that can be put as one.

    `wanted` names what a call asks for, None where it is none of these; `together` is the one call for all of that;
    `part` takes out of its answer what one of them had asked for. `most` is how much one call may ask for, `least` how
    much makes it worth it.
    """

    wanted: Callable[[Call], Sequence[str] | None]
    together: Callable[[Call, Sequence[str]], Call]
    part: Callable[[Answer, Sequence[str], Call], Fact[Answer]]
    most: int
    least: int = 2


def identity_of(call: Call) -> Identity:
    """Equal for calls that ask for the same."""
    return json.dumps([call.service, call.operation, call.region, call.items, call.params], sort_keys=True, default=str)


def asked_together(
    reader: Reader, calls: Iterable[Call], *, watch: Callable[[int, int], None] = lambda *_: None
) -> dict[Identity, Fact[Answer]]:
    """The answer to each call, whichever way it was put. `watch` is told how many have been made, and of how many.

    Where one call for all is refused for the sake of one of them, or its answer is too long, each is put by itself.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    single = {identity_of(call): call for call in calls}
    batches = _batches(single)
    in_a_batch = {identity for batch in batches for identity in batch.members}
    put: dict[Identity, Call] = {identity: call for identity, call in single.items() if identity not in in_a_batch}
    put |= {f"batch {number}": batch.call for number, batch in enumerate(batches)}
    told = _in_slices(reader, put, watch)
    answers = {identity: told[identity] for identity in put if identity in single}
    again: dict[Identity, Call] = {}
    for number, batch in enumerate(batches):
        answer = told[f"batch {number}"]
        if isinstance(answer, Known):
            answers |= {name: batch.kind.part(answer.value, ids, single[name]) for name, ids in batch.members.items()}
        elif isinstance(answer, Absent) or _too_long(answer):
            again |= {name: single[name] for name in batch.members}
        else:
            answers |= dict.fromkeys(batch.members, answer)
    return answers | reader.together(again)


def _in_slices(
    reader: Reader, calls: Mapping[Identity, Call], watch: Callable[[int, int], None]
) -> dict[Identity, Fact[Answer]]:
    told: dict[Identity, Fact[Answer]] = {}
    names = list(calls)
    for start in range(0, len(names), _SLICE):
        watch(start, len(names))
        told |= reader.together({name: calls[name] for name in names[start : start + _SLICE]})
    watch(len(names), len(names))
    return told


@dataclass(frozen=True, slots=True)
class _Batch:
    kind: Kind
    call: Call
    members: Mapping[Identity, Sequence[str]]


def _batches(calls: Mapping[Identity, Call]) -> list[_Batch]:
    """Several calls of one kind that differ in nothing but in what they ask for; a lone one stays as it is."""
    alike: dict[tuple[str, ...], dict[Identity, Sequence[str]]] = {}
    for identity, call in calls.items():
        for kind in KINDS.get(f"{call.service}:{call.operation}", ()):
            wanted = kind.wanted(call)
            if wanted and len(wanted) <= kind.most:
                rest = identity_of(kind.together(call, ()))
                alike.setdefault((f"{call.service}:{call.operation}", rest), {})[identity] = wanted
                break
    found: list[_Batch] = []
    for members in alike.values():
        kind = _kind_of(calls[next(iter(members))])
        for some in _chunks(members, kind.most):
            if len(some) >= kind.least:
                ids = tuple(dict.fromkeys(one for wanted in some.values() for one in wanted))
                found.append(_Batch(kind, kind.together(calls[next(iter(some))], ids), some))
    return found


def _kind_of(call: Call) -> Kind:
    return next(kind for kind in KINDS[f"{call.service}:{call.operation}"] if kind.wanted(call))


def _chunks(members: Mapping[Identity, Sequence[str]], most: int) -> list[dict[Identity, Sequence[str]]]:
    chunks: list[dict[Identity, Sequence[str]]] = [{}]
    ids: set[str] = set()
    for identity, wanted in members.items():
        if len(ids | set(wanted)) > most:
            chunks.append({})
            ids = set()
        chunks[-1][identity] = wanted
        ids |= set(wanted)
    return chunks


def _too_long(answer: Fact[Answer]) -> bool:
    return isinstance(answer, Unknown) and answer.reason.startswith("more than ")


# ---------------------------------------------------------------- EC2: by VPC, and by ids


def _vpc_of(call: Call) -> Sequence[str] | None:
    name = "Filter" if "Filter" in call.params else "Filters"
    filters = call.params.get(name) or ()
    return next((one["Values"] for one in filters if one["Name"] == "vpc-id"), None)


def _of_vpcs(call: Call, ids: Sequence[str]) -> Call:
    name = "Filter" if "Filter" in call.params else "Filters"
    filters = [{**one, "Values": list(ids)} if one["Name"] == "vpc-id" else one for one in call.params[name]]
    return replace(call, params={**call.params, name: filters})


def _of_one_vpc(answer: Answer, ids: Sequence[str], call: Call) -> Fact[Answer]:
    items = str(call.items)
    return Known({items: [one for one in mappings(answer, items) if text(one, "VpcId") in ids]}, call.name)


_BY_VPC = Kind(_vpc_of, _of_vpcs, _of_one_vpc, 100)


def _by_ids(parameter: str, filtered: str, items: str, member: str) -> Kind:
    """Asked for by a filter: ids in a parameter of their own are refused all together where one does not exist."""

    def together(call: Call, ids: Sequence[str]) -> Call:
        return replace(call, params={"Filters": [{"Name": filtered, "Values": list(ids)}]}, items=items)

    def part(answer: Answer, ids: Sequence[str], call: Call) -> Fact[Answer]:
        found = [one for one in mappings(answer, items) if text(one, member) in ids]
        gone = set(ids) - {text(one, member) for one in found}
        if gone:
            return Absent(call.name, f"no {', '.join(sorted(gone))}")
        return Known({items: found}, call.name)

    return Kind(lambda call: call.params.get(parameter), together, part, 100)


def _instances_together(call: Call, ids: Sequence[str]) -> Call:
    return replace(call, params={"Filters": [{"Name": "instance-id", "Values": list(ids)}]}, items="Reservations")


def _part_of_instances(answer: Answer, ids: Sequence[str], call: Call) -> Fact[Answer]:
    found: list[Json] = []
    for reservation in mappings(answer, "Reservations"):
        own = [one for one in mappings(reservation, "Instances") if text(one, "InstanceId") in ids]
        if own:
            found.append({**reservation, "Instances": own})
    there = {text(one, "InstanceId") for reservation in found for one in mappings(reservation, "Instances")}
    gone = sorted(set(ids) - there)
    if gone:
        return Absent(call.name, f"no {', '.join(gone)}")
    return Known({"Reservations": found}, call.name)


# ---------------------------------------------------------------- ECS, IAM, ECR


def _container_instances_together(call: Call, ids: Sequence[str]) -> Call:
    return replace(call, params={**call.params, "containerInstances": list(ids)})


def _part_of_container_instances(answer: Answer, ids: Sequence[str], call: Call) -> Fact[Answer]:
    return Known(
        {
            "containerInstances": [
                one for one in mappings(answer, "containerInstances") if text(one, "containerInstanceArn") in ids
            ],
            "failures": [one for one in mappings(answer, "failures") if text(one, "arn") in ids],
        },
        call.name,
    )


_AND = "\n"


def _simulated(call: Call) -> Sequence[str] | None:
    """Actions and resources; nothing where the request's context is part of the question."""
    if call.params.get("ContextEntries"):
        return None
    return [f"{kind}{_AND}{one}" for kind in ("ActionNames", "ResourceArns") for one in call.params[kind]]


def _simulated_together(call: Call, ids: Sequence[str]) -> Call:
    named = [one.split(_AND) for one in ids]
    asked = {kind: sorted(name for which, name in named if which == kind) for kind in ("ActionNames", "ResourceArns")}
    return replace(call, params={"PolicySourceArn": call.params["PolicySourceArn"], **asked})


def _part_of_simulation(answer: Answer, _: Sequence[str], call: Call) -> Fact[Answer]:
    actions = {name.lower() for name in call.params["ActionNames"]}
    resources = set(call.params["ResourceArns"])

    def own(result: Json) -> dict[str, Any]:
        specific = [
            one for one in mappings(result, "ResourceSpecificResults") if text(one, "EvalResourceName") in resources
        ]
        return {**result, **({"ResourceSpecificResults": specific} if specific else {})}

    found = [
        own(one)
        for one in mappings(answer, "EvaluationResults")
        if (text(one, "EvalActionName") or "").lower() in actions
    ]
    return Known(
        {
            "EvaluationResults": [
                one
                for one in found
                if one.get("ResourceSpecificResults") or text(one, "EvalResourceName") in {None, *resources}
            ]
        },
        call.name,
    )


def _image_ids(call: Call) -> Sequence[str] | None:
    return [json.dumps(one, sort_keys=True) for one in call.params["imageIds"]]


def _images_together(call: Call, ids: Sequence[str]) -> Call:
    return replace(call, params={**call.params, "imageIds": [json.loads(one) for one in ids]})


def _part_of_images(answer: Answer, _: Sequence[str], call: Call) -> Fact[Answer]:
    names = {name for one in call.params["imageIds"] for name in one.values()}

    def own(name: str) -> list[Json]:
        return [
            one
            for one in mappings(answer, name)
            if names & {text(mapping(one, "imageId"), "imageTag"), text(mapping(one, "imageId"), "imageDigest")}
        ]

    return Known({"images": own("images"), "failures": own("failures")}, call.name)


# ---------------------------------------------------------------- CloudWatch Logs


def _log_group(call: Call) -> Sequence[str] | None:
    """Names below some path: what else begins like it is then not much."""
    name = str(call.params.get("logGroupNamePrefix") or "")
    return [name] if call.items is None and "/" in name[1:] else None


def _log_groups_together(call: Call, names: Sequence[str]) -> Call:
    """The list of everything that begins as they all do; without names, what they have in common at least."""
    name = str(call.params["logGroupNamePrefix"])
    prefix = _common(min(names), max(names)) if names else name[: name.index("/", 1) + 1]
    return replace(call, params={"logGroupNamePrefix": prefix}, items="logGroups")


def _common(first: str, last: str) -> str:
    """What the first and the last of sorted names begin with: so do all between them."""
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def _part_of_log_groups(answer: Answer, names: Sequence[str], call: Call) -> Fact[Answer]:
    return Known(
        {"logGroups": [one for one in mappings(answer, "logGroups") if text(one, "logGroupName") in names]}, call.name
    )


KINDS: Mapping[str, tuple[Kind, ...]] = {
    "ec2:DescribeSubnets": (_BY_VPC, _by_ids("SubnetIds", "subnet-id", "Subnets", "SubnetId")),
    "ec2:DescribeRouteTables": (_BY_VPC,),
    "ec2:DescribeNetworkAcls": (_BY_VPC,),
    "ec2:DescribeSecurityGroups": (_BY_VPC,),
    "ec2:DescribeVpcEndpoints": (_BY_VPC,),
    "ec2:DescribeNatGateways": (_BY_VPC,),
    "ec2:DescribeNetworkInterfaces": (
        _BY_VPC,
        _by_ids("NetworkInterfaceIds", "network-interface-id", "NetworkInterfaces", "NetworkInterfaceId"),
    ),
    "ec2:DescribeVpcs": (_by_ids("VpcIds", "vpc-id", "Vpcs", "VpcId"),),
    "ec2:DescribeInstances": (
        Kind(lambda call: call.params.get("InstanceIds"), _instances_together, _part_of_instances, 100),
    ),
    "ecs:DescribeContainerInstances": (
        Kind(
            lambda call: call.params.get("containerInstances"),
            _container_instances_together,
            _part_of_container_instances,
            100,
        ),
    ),
    "iam:SimulatePrincipalPolicy": (Kind(_simulated, _simulated_together, _part_of_simulation, 100),),
    "logs:DescribeLogGroups": (Kind(_log_group, _log_groups_together, _part_of_log_groups, 1000, least=10),),
    "ecr:BatchGetImage": (Kind(_image_ids, _images_together, _part_of_images, 100),),
}
"""By call: the ways of putting several as one.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html and Using_Filtering.html of EC2's
guide (200 values a filter), API_DescribeContainerInstances of ECS's reference and API_BatchGetImage of ECR's (100).
"""
