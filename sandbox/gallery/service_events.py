"""Events that ECS publishes about services and deployments: of ones that work, and of ones that do not."""

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy, register
from sandbox.gallery.observe import service_event
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench

START_ATTEMPTS = "sandbox:start-attempts"


def service_steady_state(bench: Workbench) -> Scenario:
    """A service reaches its desired count."""
    title = "The service has reached a steady state"
    return _working(bench, "storefront", "SERVICE_STEADY_STATE", "service_steady_state", title)


def service_deployment_completed(bench: Workbench) -> Scenario:
    """A deployment is completed."""
    title = "The deployment is completed"
    return _working(bench, "loyalty", "SERVICE_DEPLOYMENT_COMPLETED", "service_deployment_completed", title)


def service_deployment_failed(bench: Workbench) -> Scenario:
    """The circuit breaker gives up after three tasks that did not start: no endpoint for their logs."""
    network = net.with_endpoints(bench, "bundles", ["ecr.api", "ecr.dkr"])
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    deploy(bench, Application("bundles", network, deployment=breaker))
    return Scenario(
        name="service_deployment_failed",
        title="A deployment fails because its tasks have no endpoint for their logs",
        trigger="the circuit breaker gives a deployment up",
        event=service_event(bench, "bundles", "SERVICE_DEPLOYMENT_FAILED"),
        cause="vpc_endpoint_missing",
        params={"services": [net.full_name("logs")]},
        also=("deployment_circuit_breaker",),
        cluster=CLUSTER,
        service="bundles",
        resources=network.ids(),
    )


def service_deployment_rolled_back(bench: Workbench) -> Scenario:
    """A new revision asks for an image that does not exist; the circuit breaker goes back to the one before."""
    network = net.with_endpoints(bench, "giftcards")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    app = Application("giftcards", network, deployment=breaker)
    deploy(bench, app)
    app.image_tag = "1.5.0"
    definition = register(bench, app)
    bench.client("ecs").update_service(cluster=CLUSTER, service="giftcards", taskDefinition=definition)
    return Scenario(
        name="service_deployment_rolled_back",
        title="A deployment is rolled back because its image does not exist",
        trigger="the circuit breaker gives a deployment up and goes back to the one before",
        event=service_event(bench, "giftcards", "SERVICE_DEPLOYMENT_FAILED"),
        cause="image_not_found",
        params={"image": app.image},
        also=("deployment_circuit_breaker",),
        cluster=CLUSTER,
        service="giftcards",
        resources=network.ids(),
    )


def service_task_start_impaired(bench: Workbench) -> Scenario:
    """The scheduler has tried three times, in vain: the log group does not exist."""
    network = net.with_endpoints(bench, "vouchers")
    app = Application("vouchers", network, create_log_group=False, tags={START_ATTEMPTS: "3"})
    deploy(bench, app)
    return Scenario(
        name="service_task_start_impaired",
        title="Tasks cannot be started consistently because their log group does not exist",
        trigger="the service has tried to start a task three times",
        event=service_event(bench, "vouchers", "SERVICE_TASK_START_IMPAIRED"),
        cause="log_group_missing",
        params={"log_group": app.log_group, "log_region": "eu-west-1"},
        also=("task_start_impaired",),
        cluster=CLUSTER,
        service="vouchers",
        resources=network.ids(),
    )


def _working(bench: Workbench, service: str, event: str, name: str, title: str) -> Scenario:
    network = net.with_endpoints(bench, service)
    deploy(bench, Application(service, network))
    return Scenario(
        name=name,
        title=title,
        trigger="the service's tasks have started",
        event=service_event(bench, service, event),
        cause="normal_operation",
        confidence="likely",
        action="resolve",
        cluster=CLUSTER,
        service=service,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    service_steady_state,
    service_deployment_completed,
    service_deployment_failed,
    service_deployment_rolled_back,
    service_task_start_impaired,
)
