"""Rules on images: by what Amazon ECR said, and by what only the registry's message says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.facts import Absent, Fact, Facts, Unknown
from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.facts.images import CacheRule, Manifest, Platform, Repository, RepositoryId, Tag
from ecs_medic.facts.logs import LogTail
from ecs_medic.finding import Confidence, Finding, NotChecked, RuledOut
from ecs_medic.incident import Incident, Message, SymptomConfidence
from ecs_medic.needs.images import PULL_ACTIONS
from ecs_medic.rules.image import RULES
from ecs_medic.rules.image.image_access_denied import image_access_denied
from ecs_medic.rules.image.image_format_unsupported import image_format_unsupported
from ecs_medic.rules.image.image_not_found import image_not_found
from ecs_medic.rules.image.image_platform_mismatch import image_platform_mismatch
from ecs_medic.rules.image.image_reference_invalid import image_reference_invalid
from ecs_medic.rules.image.registry_blob_missing import registry_blob_missing
from ecs_medic.rules.image.registry_credentials_missing import registry_credentials_missing
from ecs_medic.rules.image.registry_credentials_wrong import registry_credentials_wrong
from ecs_medic.rules.image.registry_rate_limited import registry_rate_limited
from ecs_medic.rules.roles.execution_role_cannot_pull import execution_role_cannot_pull
from ecs_medic.rules.run.exec_format_error import exec_format_error
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    EXECUTION_ROLE,
    IMAGE,
    NOW,
    REGION,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container,
    container_definition,
    definition,
    facts,
    incident,
    known,
    outcomes,
    role,
    simulated,
    task,
    the_finding,
)

ORDERS = RepositoryId(ACCOUNT, REGION, "shop/orders")
DIGEST = "sha256:" + "a" * 64
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
DENIED = Unknown("ecr:BatchGetImage", "denied: AccessDeniedException", "ecr:BatchGetImage")
ABOUT = incident(Id.IMAGE_NOT_FOUND)
NO_TAG = Absent("ecr:BatchGetImage", "no tag 1.4.2 in shop/orders")
NO_REPOSITORY = Absent("ecr:BatchGetImage", "RepositoryNotFoundException")


def stored(manifest: Fact[Manifest], reference: str = "1.4.2", **changes: Any) -> dict[RepositoryId, Repository]:
    found: Fact[RepositoryId] = known(ORDERS, "ecr:BatchGetImage")
    if isinstance(manifest, Unknown) or manifest is NO_REPOSITORY:
        found = manifest
    return {ORDERS: replace(Repository(ORDERS, found, {reference: manifest}), **changes)}


def tags(*names: str, pushed: int = 10) -> Known[tuple[Tag, ...]]:
    return known(tuple(Tag(name, DIGEST, NOW - timedelta(days=pushed)) for name in names), "ecr:DescribeImages")


def single(**changes: Any) -> Known[Manifest]:
    well = Manifest(DIGEST, "application/vnd.oci.image.manifest.v1+json", config_media_type=CONFIG)
    return known(replace(well, **changes), "ecr:BatchGetImage")


def index(*platforms: Platform) -> Known[Manifest]:
    return known(Manifest(DIGEST, INDEX, platforms), "ecr:BatchGetImage")


def with_image(image: str, **changes: Any) -> Facts:
    return facts(task_definition=definition(containers=(container_definition(image=image, **changes),)))


def message(symptom: Id, words: str, confidence: SymptomConfidence = SymptomConfidence.CERTAIN) -> Incident:
    return incident(symptom, message=Message(container_reason=words), symptom_confidence=confidence)


def test_a_missing_tag_is_confirmed_and_the_nearest_are_named():
    read = facts(repositories=stored(NO_TAG, tags=tags("1.4.1", "latest", "1.4.0")))
    finding = the_finding(image_not_found, ABOUT, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["missing"] == "tag"
    assert finding.params["image"] == IMAGE
    assert finding.params["container"] == "app"
    assert finding.params["closest"] == ["1.4.1", "1.4.0"]
    assert "1.4.1" in finding.summary
    assert f"--registry-id {ACCOUNT} --repository-name shop/orders" in finding.fix.cli[0]


def test_a_missing_repository_is_confirmed_and_the_nearest_are_named():
    siblings = known(("shop/order", "shop/payments", "tools/runner"), "ecr:DescribeRepositories")
    finding = the_finding(image_not_found, ABOUT, facts(repositories=stored(NO_REPOSITORY, siblings=siblings)))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["missing"] == "repository"
    assert finding.params["closest"][0] == "shop/order"  # type: ignore[index]


def test_a_digest_that_the_deployment_is_pinned_to_is_gone_though_the_tag_is_there():
    about = message(Id.IMAGE_NOT_FOUND, f"failed to resolve ref {IMAGE.rpartition(':')[0]}@{DIGEST}: not found")
    repository = replace(
        stored(single(digest="sha256:" + "b" * 64), tags=tags("1.4.2"))[ORDERS],
        manifests={"1.4.2": single(), DIGEST: Absent("ecr:BatchGetImage", f"no digest {DIGEST}")},
    )
    finding = the_finding(image_not_found, about, facts(repositories={ORDERS: repository}))
    assert finding.params["missing"] == "digest"
    assert "force-new-deployment" in " ".join(finding.fix.cli)


def test_a_digest_outranks_the_tag_beside_it():
    read = with_image(f"{IMAGE}@{DIGEST}")
    repository = Repository(ORDERS, known(ORDERS), {DIGEST: single(), "1.4.2": NO_TAG})
    assert_quiet(image_not_found, ABOUT, replace(read, repositories={ORDERS: repository}))


def test_what_exists_is_excluded_and_what_was_pushed_later_was_not_there_then():
    assert_quiet(image_not_found, ABOUT, facts(repositories=stored(single(), tags=tags("1.4.2"))))
    late = facts(repositories=stored(single(), tags=tags("1.4.2", pushed=-1)))
    finding = the_finding(image_not_found, ABOUT, late)
    assert finding.confidence is Confidence.LIKELY
    assert "after the task had failed" in finding.summary
    assert_quiet(image_not_found, incident(Id.IMAGE_PULL_FORBIDDEN), late)


def test_an_unread_repository_is_not_checked_and_only_the_message_speaks():
    said = outcomes(image_not_found, ABOUT, facts(repositories=stored(DENIED)))
    assert [type(one) for one in said] == [NotChecked, Finding]
    assert isinstance(said[1], Finding)
    assert said[1].confidence is Confidence.LIKELY
    assert_not_checked(
        image_not_found, incident(Id.IMAGE_PULL_FORBIDDEN), facts(repositories=stored(DENIED)), "ecr:BatchGetImage"
    )


def test_not_found_in_another_accounts_registry_is_never_confirmed():
    image = IMAGE.replace(ACCOUNT, "444455556666")
    foreign = RepositoryId("444455556666", REGION, "shop/orders")
    read = replace(with_image(image), repositories={foreign: Repository(foreign, DENIED, {"1.4.2": DENIED})})
    findings = [one for one in outcomes(image_not_found, ABOUT, read) if isinstance(one, Finding)]
    assert [one.confidence for one in findings] == [Confidence.LIKELY]
    assert "account 444455556666" in findings[0].summary


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (known((CacheRule("shop", "public.ecr.aws"),)), Confidence.LIKELY),
        (known((CacheRule("ROOT", "public.ecr.aws"),)), Confidence.LIKELY),
        (known((CacheRule("sho", "public.ecr.aws"),)), Confidence.CONFIRMED),
        (known(()), Confidence.CONFIRMED),
        (Unknown("ecr:DescribePullThroughCacheRules", "denied"), Confidence.LIKELY),
    ],
)
def test_a_pull_through_cache_has_no_repository_before_its_first_pull(rules, expected):
    read = facts(repositories=stored(NO_REPOSITORY, cache_rules=rules))
    assert the_finding(image_not_found, ABOUT, read).confidence is expected


@pytest.mark.parametrize(("decision", "fires"), [("implicitDeny", True), ("allowed", False)])
def test_a_cache_is_filled_only_by_a_role_that_may_import(decision, fires):
    allowed = dict.fromkeys(("ecr:GetAuthorizationToken", *PULL_ACTIONS), "allowed")
    decisions = allowed | {"ecr:BatchImportUpstreamImage": decision, "ecr:CreateRepository": decision}
    rules = known((CacheRule("shop", "registry-1.docker.io"),))
    read = facts(
        roles={EXECUTION_ROLE: known(role(EXECUTION_ROLE, simulation=simulated(decisions)))},
        repositories=stored(NO_REPOSITORY, cache_rules=rules),
    )
    found = [one for one in outcomes(execution_role_cannot_pull, ABOUT, read) if isinstance(one, Finding)]
    assert [one.params["actions"] for one in found] == (
        [["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]] if fires else []
    )
    assert all(one.confidence is Confidence.LIKELY for one in found)


def test_of_several_images_only_the_one_that_the_message_names_is_judged():
    other = IMAGE.replace("orders:1.4.2", "proxy:3")
    containers = (container_definition(), container_definition("proxy", image=other))
    proxy = RepositoryId(ACCOUNT, REGION, "shop/proxy")
    repositories = {
        **stored(NO_TAG),
        proxy: Repository(proxy, known(proxy), {"3": Absent("ecr:BatchGetImage", "no tag 3")}),
    }
    read = facts(task_definition=definition(containers=containers), repositories=repositories)
    named = message(Id.IMAGE_NOT_FOUND, f"CannotPullContainerError: {other}: not found")
    assert the_finding(image_not_found, named, read).params["container"] == "proxy"
    by_reason = replace(
        read,
        task=known(task(containers=(container(reason=None), container("proxy", reason="CannotPullContainerError")))),
    )
    assert the_finding(image_not_found, ABOUT, by_reason).params["container"] == "proxy"
    assert len(outcomes(image_not_found, ABOUT, read)) == 2


AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64", "v8")


@pytest.mark.parametrize(
    ("platforms", "asked", "fires"),
    [
        ((AMD, ARM), {}, False),
        ((ARM,), {}, True),
        ((ARM,), {"cpu_architecture": "ARM64"}, False),
        ((AMD,), {"cpu_architecture": "ARM64"}, True),
        ((AMD,), {"cpu_architecture": "X86_64", "operating_system": "WINDOWS_SERVER_2022_CORE"}, True),
    ],
)
def test_an_index_is_compared_with_what_the_task_asks_for(platforms, asked, fires):
    read = facts(task_definition=definition(**asked), repositories=stored(index(*platforms)))
    about = incident(Id.IMAGE_PLATFORM_MISMATCH)
    if not fires:
        assert_quiet(image_platform_mismatch, about, read)
        return
    finding = the_finding(image_platform_mismatch, about, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["image_platforms"] == [str(one) for one in platforms]
    assert f"--platform {finding.params['platform']}" in finding.fix.cli[0]


def test_a_single_image_does_not_tell_its_platform():
    said = outcomes(image_platform_mismatch, incident(Id.IMAGE_PLATFORM_MISMATCH), facts(repositories=stored(single())))
    assert [type(one) for one in said] == [NotChecked, Finding]
    assert isinstance(said[1], Finding)
    assert said[1].confidence is Confidence.LIKELY
    assert_not_checked(image_platform_mismatch, ABOUT, facts(repositories=stored(DENIED)), "ecr:BatchGetImage")


def test_on_an_instance_without_runtime_platform_nothing_is_claimed():
    read = facts(task=task(launch_type="EC2"), repositories=stored(index(ARM)))
    assert_not_checked(image_platform_mismatch, ABOUT, read)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("", "empty"),
        ("${IMAGE}:1", "variable"),
        (f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:$TAG", "variable"),
        (f"https://{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:1", "scheme"),
        (f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/Shop/Orders:1", "capital"),
        ("shop/orders:1 ", "white space"),
        ("shop/orders@sha256:abc", "digest"),
        ("shop/orders:", "form"),
        (f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com", "no repository"),
    ],
)
def test_a_malformed_reference_is_confirmed_with_its_reason(image, why):
    finding = the_finding(image_reference_invalid, incident(Id.IMAGE_REFERENCE_INVALID), with_image(image))
    assert finding.confidence is Confidence.CONFIRMED
    assert why in finding.summary


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        "nginx",
        "redis:7",
        f"{IMAGE}@{DIGEST}",
        "localhost:5000/a:1",
        f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn/team/api/v2:Release_1",
        f"{ACCOUNT}.dkr-ecr.us-gov-west-1.on.aws/a:1",
    ],
)
def test_a_well_formed_reference_is_excluded(image):
    assert_quiet(image_reference_invalid, ABOUT, with_image(image))


def test_an_image_of_this_account_without_its_registry_is_asked_of_docker_hub():
    read = with_image("shop/orders:1.4.2")
    about = incident(Id.IMAGE_ACCESS_DENIED)
    assert_quiet(image_reference_invalid, about, read)
    finding = the_finding(image_reference_invalid, about, replace(read, repositories=stored(single())))
    assert finding.confidence is Confidence.LIKELY
    assert "Docker Hub" in finding.summary


def test_a_chart_is_no_image():
    chart = "application/vnd.cncf.helm.config.v1+json"
    finding = the_finding(image_format_unsupported, ABOUT, facts(repositories=stored(single(config_media_type=chart))))
    assert finding.confidence is Confidence.CONFIRMED
    assert_silent(image_format_unsupported, ABOUT, facts(repositories=stored(single())))
    said = the_finding(
        image_format_unsupported, incident(Id.IMAGE_FORMAT_UNSUPPORTED), facts(repositories=stored(single()))
    )
    assert said.confidence is Confidence.LIKELY


PRIVATE = "registry.example.com/shop/orders:1"
CREDENTIALS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:registry-AbCdEf"


def test_credentials_are_missing_only_where_the_registry_is_not_ecr_and_none_are_named():
    about = incident(Id.REGISTRY_CREDENTIALS_MISSING)
    finding = the_finding(registry_credentials_missing, about, with_image(PRIVATE))
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["image"] == PRIVATE
    assert_quiet(registry_credentials_missing, about, facts())
    assert_quiet(registry_credentials_missing, about, with_image(PRIVATE, repository_credentials=CREDENTIALS))
    denied = the_finding(registry_credentials_missing, incident(Id.IMAGE_ACCESS_DENIED), with_image(PRIVATE))
    assert denied.confidence is Confidence.POSSIBLE
    assert_silent(registry_credentials_missing, incident(Id.ECR_UNREACHABLE), with_image(PRIVATE))


def test_credentials_are_wrong_only_where_there_are_any():
    about = incident(Id.REGISTRY_CREDENTIALS_WRONG)
    read = with_image(PRIVATE, repository_credentials=CREDENTIALS)
    finding = the_finding(registry_credentials_wrong, about, read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["secret"] == CREDENTIALS
    assert_quiet(registry_credentials_wrong, about, with_image(PRIVATE))
    assert_silent(registry_credentials_wrong, incident(Id.ECR_UNREACHABLE), read)


@pytest.mark.parametrize(
    "cause",
    [
        Id.IMAGE_ACCESS_DENIED,
        Id.REGISTRY_RATE_LIMITED,
        Id.REGISTRY_SERVER_ERROR,
        Id.REGISTRY_BLOB_MISSING,
        Id.IMAGE_FORMAT_UNSUPPORTED,
    ],
)
@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(SymptomConfidence.CERTAIN, Confidence.LIKELY), (SymptomConfidence.LIKELY, Confidence.POSSIBLE)],
)
def test_what_only_the_registry_says_is_at_most_likely_and_names_its_image(cause, confidence, expected):
    rule = {one.__name__: one for one in RULES}[cause.value]
    read = with_image("quay.io/team/tool:2")
    finding = the_finding(rule, message(cause, "CannotPullContainerError: …", confidence), read)
    assert finding.confidence is expected
    assert finding.params["image"] == "quay.io/team/tool:2"
    assert finding.params["container"] == "app"
    assert_silent(rule, incident(Id.LOG_GROUP_MISSING), read)


def test_evidence_says_as_whom_the_registry_was_asked():
    finding = the_finding(registry_rate_limited, incident(Id.REGISTRY_RATE_LIMITED), with_image("nginx"))
    assert any("docker.io is asked without a login" in one.observed for one in finding.evidence)
    denied = the_finding(image_access_denied, incident(Id.IMAGE_ACCESS_DENIED), with_image(PRIVATE))
    assert any("registry.example.com" in one.observed for one in denied.evidence)


def test_without_a_task_definition_images_are_not_judged():
    read = facts(task_definition=Unknown("ecs:DescribeTaskDefinition", "denied", "ecs:DescribeTaskDefinition"))
    for rule in RULES:
        assert not [one for one in outcomes(rule, incident(Id.ECR_UNREACHABLE), read) if not isinstance(one, RuledOut)]


def test_a_container_without_an_image_is_no_reason_to_crash():
    read = facts(task_definition=definition(containers=(ContainerDefinition("app", ""),)))
    for rule in RULES:
        outcomes(rule, ABOUT, read)


LACKING = incident(Id.REGISTRY_BLOB_MISSING)
LAYERS = tuple(f"sha256:{digit * 64}" for digit in "12345")


def layered(*there: bool, asked: Unknown | None = None) -> Facts:
    """A single image with as many layers as are spoken of."""
    names = LAYERS[: len(there)]
    said = {
        digest: asked or known(available, "ecr:BatchCheckLayerAvailability")
        for digest, available in zip(names, there, strict=True)
    }
    return facts(repositories=stored(single(layers=names), layers=said))


def test_a_layer_that_the_registry_lacks_is_confirmed():
    finding = the_finding(registry_blob_missing, LACKING, layered(True, False, False, False, False))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["layers"] == list(LAYERS[1:])
    assert finding.params["image"] == IMAGE
    assert "lacks 4 of the 5 layers" in finding.summary
    assert LAYERS[4] not in finding.summary


def test_where_every_layer_is_there_the_message_alone_is_only_possible():
    finding = the_finding(registry_blob_missing, LACKING, layered(True, True))
    assert finding.confidence is Confidence.POSSIBLE
    assert "all 2 layers that it names are available now" in [one.observed for one in finding.evidence]
    assert_silent(registry_blob_missing, ABOUT, layered(True, False))


def test_layers_that_were_not_read_are_not_checked():
    denied = Unknown("ecr:BatchCheckLayerAvailability", "denied", "ecr:BatchCheckLayerAvailability")
    for read, permission in (
        (layered(True, True, asked=denied), "ecr:BatchCheckLayerAvailability"),
        (facts(repositories=stored(DENIED)), "ecr:BatchGetImage"),
        (facts(repositories=stored(index(Platform("linux", "amd64")))), None),
    ):
        [finding] = [one for one in outcomes(registry_blob_missing, LACKING, read) if isinstance(one, Finding)]
        assert finding.confidence is Confidence.LIKELY
        [gap] = [one for one in outcomes(registry_blob_missing, LACKING, read) if isinstance(one, NotChecked)]
        assert gap.missing_permission == permission


WRONG_FORMAT = known(LogTail("app", "/shop/orders", "app/1", REGION, ("exec /usr/bin/app: exec format error",)))


@pytest.mark.parametrize("symptom", [Id.UNKNOWN, Id.APP_EXITED, Id.IMAGE_PLATFORM_MISMATCH])
@pytest.mark.parametrize(
    ("architecture", "confidence"), [("arm64", Confidence.CONFIRMED), ("amd64", Confidence.POSSIBLE)]
)
def test_the_containers_words_and_the_manifest_make_one_finding(symptom, architecture, confidence):
    read = facts(
        task=task(containers=(container(exit_code=255),)),
        log_tail=WRONG_FORMAT,
        repositories=stored(index(Platform("linux", architecture))),
    )
    about = incident(symptom)
    said = [*image_platform_mismatch(about, read), *exec_format_error(about, read)]
    findings = [one for one in said if isinstance(one, Finding)]
    silent = architecture == "amd64" and symptom is Id.IMAGE_PLATFORM_MISMATCH
    assert [one.confidence for one in findings] == ([] if silent else [confidence])
