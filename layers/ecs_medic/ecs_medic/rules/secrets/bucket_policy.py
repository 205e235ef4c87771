"""What a bucket's own policy says of the read of one environment file.

Besides who asks, such policies mostly look at the way that the request takes: a VPC endpoint, or none.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html
"""

import json
from collections.abc import Mapping

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Need
from ecs_medic.needs.references import bucket_and_key
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.ternary import Ternary
from ecs_medic.reachability.path import Via
from ecs_medic.rules.network.paths import NeedPath, paths_of

_READ = "s3:GetObject"
_EVERYTHING: PolicyDocument = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
"""Beside it, a policy decides by what it denies alone."""
_BY_ENDPOINT = frozenset({Via.GATEWAY_ENDPOINT, Via.INTERFACE_ENDPOINT})
_BY_INTERNET = frozenset({Via.NAT_GATEWAY, Via.INTERNET_GATEWAY, Via.EGRESS_ONLY_INTERNET_GATEWAY})
_NO_ENDPOINT = "-"
"""Compares like a key that the request does not have, but where the policy asks whether it has one at all."""
_ASKS_WHETHER_IT_HAS_ONE = ("ifexists", '"null"', 'vpce": "*"', 'vpc": "*"', 'vpce": ["*"', 'vpc": ["*"')


def policy_of(need: Need, facts: Facts) -> Fact[PolicyDocument]:
    """The policy of the bucket that the file is in, as far as it was read."""
    return facts.resource_policy(bucket_arn(need.subject, facts.partition))


def bucket_arn(file: str, partition: str) -> str:
    """The ARN of the file's bucket."""
    return f"arn:{partition}:s3:::{bucket_and_key(file)[0]}"


def objection(policy: PolicyDocument, need: Need, incident: Incident, facts: Facts) -> Ternary:
    """Whether it denies the role's read of the file; None where its conditions leave that open."""
    context = {
        "aws:PrincipalArn": need.role_arn or "",
        "aws:PrincipalAccount": facts.account,
        "aws:SecureTransport": "true",
        **_way(policy, need, incident, facts),
    }
    verdict = evaluate((policy, _EVERYTHING), _READ, need.subject, principal=need.role_arn, context=context)
    return {Decision.EXPLICIT_DENY: True, Decision.ALLOWED: False}.get(verdict)


def _way(policy: PolicyDocument, need: Need, incident: Incident, facts: Facts) -> Mapping[str, str]:
    """The condition keys on the request's way, where that is known."""
    ways = [one for one in paths_of(incident, facts).blocking if _is_of(one, need)]
    if len(ways) != 1 or ways[0].path.alternatives or ways[0].interface is None:
        return {}
    way, interface = ways[0].path, ways[0].interface
    if way.via in _BY_ENDPOINT and way.endpoint_id:
        return {"aws:SourceVpce": way.endpoint_id, "aws:SourceVpc": interface.vpc_id}
    words = json.dumps(policy.get("Statement")).lower()
    if way.via in _BY_INTERNET and not any(one in words for one in _ASKS_WHETHER_IT_HAS_ONE):
        return {"aws:SourceVpce": _NO_ENDPOINT, "aws:SourceVpc": _NO_ENDPOINT}
    return {}


def _is_of(way: NeedPath, need: Need) -> bool:
    return (way.need.purpose, way.need.subject, way.need.container) == (need.purpose, need.subject, need.container)
