"""Registries, pull-through cache rules and secrets' ARNs, as AWS tells them apart."""

import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox

DIGEST = "sha256:" + "a" * 64
OWNER = "444455556666"


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_missing_digest_is_named_in_the_failure(account: Sandbox):
    ecr = account.client("ecr")
    ecr.create_repository(repositoryName="orders")
    ids = [{"imageTag": "1"}, {"imageDigest": DIGEST}]
    answer = ecr.batch_get_image(repositoryName="orders", imageIds=ids)
    assert [one["imageId"] for one in answer["failures"]] == ids


@pytest.mark.parametrize("operation", ["describe_images", "get_repository_policy"])
def test_another_accounts_registry_admits_nobody_by_itself(account: Sandbox, operation: str):
    with pytest.raises(ClientError) as error:
        getattr(account.client("ecr"), operation)(registryId=OWNER, repositoryName="orders")
    assert code(error) == "AccessDeniedException"


def test_cache_rules_are_kept(account: Sandbox):
    ecr = account.client("ecr")
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="hub", upstreamRegistryUrl="registry-1.docker.io")
    [rule] = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert (rule["ecrRepositoryPrefix"], rule["upstreamRegistryUrl"]) == ("hub", "registry-1.docker.io")


def test_a_secrets_arn_ends_in_characters_that_matter(account: Sandbox):
    secrets = account.client("secretsmanager")
    arn = secrets.create_secret(Name="orders/db", SecretString="{}")["ARN"]
    for identifier in (arn, arn[:-7], "orders/db"):
        assert secrets.describe_secret(SecretId=identifier)["ARN"] == arn
    with pytest.raises(ClientError) as error:
        secrets.describe_secret(SecretId=arn[:-6] + "zzzzzz")
    assert code(error) == "ResourceNotFoundException"
    with pytest.raises(ClientError) as error:
        secrets.describe_secret(SecretId=arn.replace("123456789012", OWNER))
    assert code(error) == "AccessDeniedException"
