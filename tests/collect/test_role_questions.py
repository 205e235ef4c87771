"""Which roles IAM is asked about, and what else is read of a refusal that AWS has told."""

from ecs_medic.collect import _questions
from ecs_medic.collect.question import Answers
from ecs_medic.collect.roles import questions, requests_of, trust_questions
from ecs_medic.collect.scope import scope_of
from ecs_medic.facts.ecs import Secret
from ecs_medic.facts.fact import Known
from ecs_medic.facts.secrets import StoredSecret
from ecs_medic.finding import Phase
from ecs_medic.needs.need import Carrier, Destination, Need, Purpose
from ecs_medic.vocabulary import Id
from tests.builders import ACCOUNT, EXECUTION_ROLE, REGION, container_definition, definition, facts, incident, known

OTHER = "arn:aws:iam::999999999999:role/orders-execution"
READ = "secretsmanager:GetSecretValue"
PARTIAL = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db"
FULL = f"{PARTIAL}-AbC123"
SAYS_YES: dict[str, object] = {
    "EvaluationResults": [{"EvalActionName": READ, "EvalDecision": "allowed", "EvalResourceName": FULL}],
}


def need(role: str) -> Need:
    where = Destination("secretsmanager", REGION)
    return Need(Purpose.SECRET, Phase.SECRETS, Carrier.TASK, where, FULL, "app", role, (READ,), (FULL,))


def test_a_role_of_another_account_is_not_asked_for_by_its_name() -> None:
    assert set(requests_of([need(EXECUTION_ROLE), need(OTHER)], ACCOUNT)) == {EXECUTION_ROLE}
    assert set(trust_questions([EXECUTION_ROLE, OTHER], ACCOUNT)) == {("role", EXECUTION_ROLE)}


def test_a_told_refusal_makes_the_secrets_own_policy_worth_reading() -> None:
    requests = {EXECUTION_ROLE: ((READ, FULL),)}
    answers: Answers = {("simulation", EXECUTION_ROLE): Known(SAYS_YES, "iam:SimulatePrincipalPolicy")}
    assert ("resource_policy", FULL) not in questions(requests, answers)
    assert ("resource_policy", FULL) in questions(requests, answers, refused=True)


def test_the_role_is_simulated_with_the_arn_that_secrets_manager_names() -> None:
    told = incident(Id.EXECUTION_ROLE_CANNOT_READ_SECRET)
    containers = (container_definition(secrets=(Secret("DB", PARTIAL),)),)
    read = facts(task_definition=definition(containers=containers))
    settled: Answers = {(name,): Known({}, "test:Read") for name in ("task", "definition", "cluster")}
    first = _questions(told, scope_of(told), read, settled)
    assert ("secret", PARTIAL) in first
    assert ("simulation", EXECUTION_ROLE) not in first

    stored = {PARTIAL: known(StoredSecret(FULL, "shop/db"))}
    again = facts(task_definition=definition(containers=containers), secrets=stored)
    answered: Answers = {**settled, ("secret", PARTIAL): Known({"ARN": FULL}, "secretsmanager:DescribeSecret")}
    simulation = _questions(told, scope_of(told), again, answered)["simulation", EXECUTION_ROLE]
    assert FULL in simulation.params["ResourceArns"]
    assert PARTIAL not in simulation.params["ResourceArns"]
