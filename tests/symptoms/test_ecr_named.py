"""What a message about a push names, and what its words say beyond the symptom."""

import pytest

from ecs_medic.symptoms.ecr_named import EcrNamed, ecr_named
from ecs_medic.symptoms.push_details import DETAILS, push_detail
from ecs_medic.vocabulary import Id

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (f"The push refers to repository [{HOST}/shop/orders]", ("123456789012", "eu-west-1", "shop/orders", None)),
        (f"docker push {HOST}/orders:1.4.2-rc.1", ("123456789012", "eu-west-1", "orders", "1.4.2-rc.1")),
        (f"Get https://{HOST}/v2/: no basic auth credentials", ("123456789012", "eu-west-1", None, None)),
        (f"Put https://{HOST}/v2/shop/orders/manifests/latest", ("123456789012", "eu-west-1", "shop/orders", None)),
        (f"login to {HOST} and push {HOST}/orders:2", ("123456789012", "eu-west-1", "orders", "2")),
        (
            "The repository with name 'shop/orders' does not exist in the registry with id '123456789012'",
            ("123456789012", None, "shop/orders", None),
        ),
        (
            (
                "not authorized to perform: ecr:PutImage on resource: "
                "arn:aws:ecr:eu-west-1:123456789012:repository/shop/orders because"
            ),
            ("123456789012", "eu-west-1", "shop/orders", None),
        ),
        (
            "The image tag '1.4' already exists in the 'shop/orders' repository and cannot",
            (None, None, "shop/orders", "1.4"),
        ),
        ("no basic auth credentials", (None, None, None, None)),
        ("", (None, None, None, None)),
    ],
)
def test_what_is_named(words, expected):
    found = ecr_named(words)
    assert (found.account, found.region, found.repository, found.tag) == expected
    assert not found.public


def test_registries_of_china_and_the_public_one_have_their_own_hosts():
    china = ecr_named("push 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/orders")
    assert china.registry == "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"
    public = ecr_named("denied: public.ecr.aws/shop/orders")
    assert (public.registry, public.repository) == ("public.ecr.aws", "shop/orders")
    assert EcrNamed(account="123456789012").registry is None


@pytest.mark.parametrize("text", ["1" * 50_000, "repository with name '" + "a-" * 20_000, f"{HOST}/" + "a." * 20_000])
def test_absurd_texts_are_read_in_no_time(text):
    ecr_named(text)


@pytest.mark.parametrize("detail", DETAILS, ids=lambda one: one.pattern[:30])
def test_every_detail_is_found_by_its_own_words_and_only_for_its_symptom(detail):
    words = detail.pattern.strip("{}").split("|")[0]
    assert push_detail(detail.id, words.upper()) is not None
    others = {one.id for one in DETAILS} - {detail.id}
    assert all(push_detail(other, words) is None for other in others)
    assert detail.says


def test_sudo_is_told_before_the_general_advice():
    words = "$ sudo docker push x\nno basic auth credentials"
    assert "root has no login" in str(push_detail(Id.PUSH_NOT_AUTHENTICATED, words))
    assert push_detail(Id.PUSH_NOT_AUTHENTICATED, "401 Unauthorized") is None
