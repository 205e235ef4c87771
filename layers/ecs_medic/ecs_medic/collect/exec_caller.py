"""What whoever tried to open an ECS Exec session may do: their own permissions, not the task's."""

from ecs_medic.aws.call import Call
from ecs_medic.catalogue.lookup import candidates
from ecs_medic.collect import resource_policies, roles
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.facts import Facts
from ecs_medic.incident import Incident
from ecs_medic.needs.exec_caller import cluster_arn, is_refused, key_calls, refused_calls
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.vocabulary import Id


def questions(incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """One simulation of the calls in question; a role's own policies, too, where AWS has refused the call itself.

    A user's policies hang on the user's groups as well, and are left to the simulation, which knows them.
    """
    attempt = incident.exec_attempt
    principal = attempt.principal_arn if attempt else None
    if principal is None or principal.split(":")[4:5] != [facts.account]:
        return {}
    calls: tuple[tuple[str, str], ...] = ()
    if is_refused(incident):
        refusal = refusal_in(incident.message.stopped_reason)
        calls = refused_calls(
            incident, facts, refusal.action if refusal else None, refusal.resource if refusal else None
        )
    if Id.EXEC_CALLER_LACKS_KMS in candidates(incident.symptom):
        calls += key_calls(facts)
    if not calls:
        return {}
    asked: Questions = {("more_simulation", principal, "exec_caller"): _simulation(principal, calls, incident, facts)}
    if ":role/" in principal and is_refused(incident):
        asked |= roles.policy_questions(principal, answers)
    return asked | resource_policies.questions(principal, calls)


def _simulation(principal: str, calls: tuple[tuple[str, str], ...], incident: Incident, facts: Facts) -> Call:
    """With the condition keys that ExecuteCommand brings.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
    """
    context = {"ecs:cluster": cluster_arn(incident, facts)}
    if incident.exec_attempt and incident.exec_attempt.container:
        context["ecs:container-name"] = incident.exec_attempt.container
    return Call(
        "iam",
        "SimulatePrincipalPolicy",
        {
            "PolicySourceArn": principal,
            "ActionNames": sorted({action for action, _ in calls}),
            "ResourceArns": sorted({resource for _, resource in calls}),
            "ContextEntries": [
                {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for name, value in context.items()
            ],
        },
        items="EvaluationResults",
    )
