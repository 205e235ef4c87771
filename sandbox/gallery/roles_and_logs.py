"""Tasks whose network is fine: the failure lies elsewhere, and missing endpoints are not to blame."""

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, PULL_AND_LOG, Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench

TRIGGER = "the service starts a task"


def log_group_missing(bench: Workbench) -> Scenario:
    """The log group of the task definition does not exist; the Logs endpoint does."""
    network = net.with_endpoints(bench, "audit")
    return _without_log_group(bench, "log_group_missing", Application("audit", network, create_log_group=False))


def nat_present_log_group_missing(bench: Workbench) -> Scenario:
    """The same behind a NAT gateway, without a single endpoint: they are not needed."""
    network, _ = net.with_nat(bench, "billing")
    app = Application("billing", network, create_log_group=False)
    return _without_log_group(bench, "nat_present_log_group_missing", app)


def nat_present_execution_role_cannot_pull(bench: Workbench) -> Scenario:
    """Behind a NAT gateway: the execution role lacks ecr:BatchGetImage."""
    network, _ = net.with_nat(bench, "gifts")
    actions = [action for action in PULL_AND_LOG if action != "ecr:BatchGetImage"]
    app = Application("gifts", network, execution_actions=actions)
    deploy(bench, app)
    return Scenario(
        name="nat_present_execution_role_cannot_pull",
        title="A NAT gateway is there; the execution role may not pull the image",
        trigger=TRIGGER,
        event=stopped(bench, "gifts"),
        cause="execution_role_cannot_pull",
        cluster=CLUSTER,
        service="gifts",
        resources=network.ids(),
    )


def _without_log_group(bench: Workbench, name: str, app: Application) -> Scenario:
    deploy(bench, app)
    nat = ", behind a NAT gateway and without endpoints" if name.startswith("nat_") else ""
    return Scenario(
        name=name,
        title=f"The log group does not exist{nat}",
        trigger=TRIGGER,
        event=stopped(bench, app.name),
        cause="log_group_missing",
        params={"log_group": app.log_group, "log_region": "eu-west-1"},
        cluster=CLUSTER,
        service=app.name,
        resources=app.network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    log_group_missing,
    nat_present_log_group_missing,
    nat_present_execution_role_cannot_pull,
)
