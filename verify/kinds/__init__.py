"""Every kind of thing that a verification makes in an account, in the order in which they are deleted best."""

from collections.abc import Sequence

from verify.kinds import ecs, hearing, network, stack, workload
from verify.kinds.kind import Kind

KINDS: Sequence[Kind] = (
    ecs.SERVICE,
    ecs.TASK,
    ecs.CLUSTER,
    ecs.TASK_DEFINITION,
    ecs.DEREGISTERED_TASK_DEFINITION,
    stack.STACK,
    network.ENDPOINT,
    network.SECURITY_GROUP,
    network.SUBNET,
    network.ROUTE_TABLE,
    network.VPC,
    workload.REPOSITORY,
    workload.LOG_GROUP,
    hearing.RULE,
    hearing.QUEUE,
    hearing.TRAIL,
    hearing.BUCKET,
    workload.SECRET,
    # What the stack retains comes after it.
    stack.TABLE,
    stack.POLICY,
    stack.KEY,
    # As long as anything is left, they tell from every Region in which one it is.
    workload.ROLE,
)
