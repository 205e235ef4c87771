"""What an endpoint's policy says of the calls that are to pass through it.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from collections.abc import Sequence

from ecs_medic.facts.network import Endpoint
from ecs_medic.finding import Evidence
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.reachability.request import Request

SOURCE = "ec2:DescribeVpcEndpoints"


def policy_hops(endpoint: Endpoint, vpc_id: str, requests: Sequence[Request]) -> tuple[Hop, ...]:
    """One hop, blocked where any of the calls is denied; none where there is no call to judge."""
    if not requests:
        return ()
    if endpoint.policy is None:
        evidence = Evidence(SOURCE, endpoint.id, "has no policy of its own: full access")
        return (Hop(HopKind.ENDPOINT_POLICY, endpoint.id, Verdict.OPEN, evidence),)
    decided = [(_decide(endpoint, vpc_id, one), one) for one in requests]
    refused = [one for decision, one in decided if decision in _DENIALS]
    denied = [f"{one.action} on {one.resource}" for one in refused]
    open_question = [f"{one.action} on {one.resource}" for decision, one in decided if decision is Decision.UNDECIDED]
    if refused and all(one.action == _OF_PUSHES for one in refused):
        verdict = Verdict.UNKNOWN
        observed = f"its policy does not allow {', '.join(denied)}, which AWS documents for pushing, not for pulling"
    elif denied:
        verdict, observed = Verdict.BLOCKED, f"its policy does not allow {', '.join(denied)}"
    elif open_question:
        verdict = Verdict.UNKNOWN
        observed = f"whether its policy allows {', '.join(open_question)} depends on what cannot be seen"
    else:
        verdict, observed = Verdict.OPEN, f"its policy allows {', '.join(one.action for one in requests)}"
    return (Hop(HopKind.ENDPOINT_POLICY, endpoint.id, verdict, Evidence(SOURCE, endpoint.id, observed)),)


_OF_PUSHES = "ecr:BatchCheckLayerAvailability"
"""Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchCheckLayerAvailability.html"""

_DENIALS = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY)


def _decide(endpoint: Endpoint, vpc_id: str, request: Request) -> Decision:
    context = {**request.context, "aws:SourceVpce": endpoint.id, "aws:SourceVpc": vpc_id}
    return evaluate(
        [endpoint.policy or {}], request.action, request.resource, principal=request.principal, context=context
    )
