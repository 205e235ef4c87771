"""What AWS IAM says of a role: who may assume it, what its policies say, and what AWS's own simulation concludes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_medic.facts.fact import NOT_READ, Fact

type PolicyDocument = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that applies to a role: `name` of an inline one, ARN of a managed one."""

    name: str
    document: PolicyDocument
    inline: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedAction:
    """One line of SimulatePrincipalPolicy's answer.

    `allowed_by_boundary` and `allowed_by_organizations` are None where AWS reports no such policy in play.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """

    action: str
    decision: str
    """"allowed", "explicitDeny" or "implicitDeny"."""
    allowed_by_boundary: bool | None = None
    allowed_by_organizations: bool | None = None
    missing_context: tuple[str, ...] = ()
    by_resource: Mapping[str, str] = field(default_factory=dict)
    """The decision for each resource, where several were asked about; `decision` is then the worst of them."""

    @property
    def allowed(self) -> bool:
        """Whether AWS's simulation would let the call pass."""
        return self.decision.lower() == "allowed"

    def allows(self, resource: str) -> bool:
        """The same for one resource."""
        return self.by_resource.get(resource, self.decision).lower() == "allowed"


@dataclass(frozen=True, slots=True)
class Role:
    """A role and everything that was read about what it may do.

    `role` is `Absent` where IAM answers that there is no such role. `policies` is known only when *all* its attached
    and inline policies were read.
    """

    arn: str
    trust: Fact[PolicyDocument] = NOT_READ
    boundary_arn: str | None = None
    policies: Fact[tuple[Policy, ...]] = NOT_READ
    simulation: Fact[Mapping[str, SimulatedAction]] = NOT_READ
    """By lower-case action name."""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the ARN: what IAM's calls take; a path in front of it is no part of the name."""
        return self.arn.rsplit("/", 1)[-1]
