"""The images of the task as Amazon ECR has them: manifests first, and what stands beside an image that is missing."""

import json
from collections.abc import Callable, Iterable

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.collect import resource_policies
from ecs_medic.collect.question import Answers, Key, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.images import CacheRule, Manifest, Platform, Repository, RepositoryId, Tag
from ecs_medic.facts.reading import Json, mapping, mappings, moment, text, texts
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.images import IMPORT_ACTIONS
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.vocabulary import Id

ANY_FORM = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v1+json",
)
"""Index before image: only an index says which platforms it serves."""

_MOST_REPOSITORIES = 4
_MOST_LAYERS = 100
"""What one call takes."""
_PAGE = 1000
_NOT_THERE = "ImageNotFound"
_AVAILABLE, _GONE = "AVAILABLE", frozenset({"UNAVAILABLE", "MissingLayerDigest"})
_ASKED_BY_STRANGERS = frozenset({Id.IMAGE_NOT_FOUND, Id.IMAGE_ACCESS_DENIED})
_REFUSED = frozenset({Id.IMAGE_PULL_FORBIDDEN, Id.EXECUTION_ROLE_CANNOT_PULL})


def questions(incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """One call for each repository, whatever is pulled from it; more where something is missing."""
    asked: Questions = {}
    role = _pull_role(facts)
    for repository, references in _wanted(incident, facts).items():
        asked |= _about(repository, references, incident, answers)
        if incident.symptom is Id.REGISTRY_BLOB_MISSING:
            asked |= _about_layers(repository, references, answers)
        if repository.account != facts.account or incident.symptom in _REFUSED:
            owner = f"arn:{facts.partition}:iam::{repository.account}:role/any"
            arn = repository.arn(facts.partition)
            asked |= resource_policies.questions(owner, [(action, arn) for action in ("ecr:BatchGetImage",)])
    for rules in _registries_with_gaps(incident, facts, answers):
        asked["cache_rules", *rules] = Call(
            "ecr", "DescribePullThroughCacheRules", {"registryId": rules[0], "maxResults": _PAGE}, rules[1]
        )
        if role and ("simulation", role) in answers:
            asked["more_simulation", role, "ecr"] = Call(
                "iam",
                "SimulatePrincipalPolicy",
                {"PolicySourceArn": role, "ActionNames": list(IMPORT_ACTIONS), "ResourceArns": ["*"]},
                items="EvaluationResults",
            )
    return asked


def repositories_from(incident: Incident, facts: Facts, answers: Answers) -> dict[RepositoryId, Repository]:
    """Each repository that was asked about."""
    return {
        repository: _repository(repository, references, answers)
        for repository, references in _wanted(incident, facts).items()
        if _key(repository) in answers
    }


def _about(repository: RepositoryId, references: tuple[str, ...], incident: Incident, answers: Answers) -> Questions:
    where = {"registryId": repository.account, "repositoryName": repository.name}
    image_ids = [{"imageDigest" if ":" in one else "imageTag": one} for one in references]
    asked: Questions = {
        _key(repository): Call(
            "ecr",
            "BatchGetImage",
            {**where, "imageIds": image_ids, "acceptedMediaTypes": list(ANY_FORM)},
            repository.region,
        )
    }
    answer = answer_to(answers, *_key(repository))
    if isinstance(answer, Absent):
        asked["repositories", repository.account, repository.region] = Call(
            "ecr", "DescribeRepositories", {"registryId": repository.account, "maxResults": _PAGE}, repository.region
        )
    elif isinstance(answer, Known) and (incident.symptom is Id.IMAGE_NOT_FOUND or _failed(answer.value)):
        asked["tags", *_key(repository)[1:]] = Call(
            "ecr",
            "DescribeImages",
            {**where, "filter": {"tagStatus": "TAGGED"}, "maxResults": _PAGE},
            repository.region,
        )
    return asked


def _about_layers(repository: RepositoryId, references: tuple[str, ...], answers: Answers) -> Questions:
    """Whether the registry has the layers that the manifests name; an index names none."""
    answer = answer_to(answers, *_key(repository))
    manifests = [_manifest(one, answer, repository) for one in references]
    digests = dict.fromkeys(layer for one in manifests if isinstance(one, Known) for layer in one.value.layers)
    if not digests:
        return {}
    where = {"registryId": repository.account, "repositoryName": repository.name}
    return {
        _layers_key(repository): Call(
            "ecr",
            "BatchCheckLayerAvailability",
            {**where, "layerDigests": list(digests)[:_MOST_LAYERS]},
            repository.region,
        )
    }


def _wanted(incident: Incident, facts: Facts) -> dict[RepositoryId, tuple[str, ...]]:
    """By repository: the tags and digests that are pulled from it.

    A reference without a registry is looked up in the account's own as well, where the message is one of those that
    Docker Hub gives to strangers: its registry may have been forgotten.
    """
    wanted: dict[RepositoryId, dict[str, None]] = {}
    for pull in pulls(incident, facts):
        repository = pull.repository or _forgotten_registry(pull, incident, facts)
        if repository is not None and (repository in wanted or len(wanted) < _MOST_REPOSITORIES):
            references = [pull.reference] + ([pull.pinned] if pull.pinned else [])
            wanted.setdefault(repository, {}).update(dict.fromkeys(references))
    return {repository: tuple(references) for repository, references in wanted.items()}


def _forgotten_registry(pull: Pull, incident: Incident, facts: Facts) -> RepositoryId | None:
    if pull.hostless is None or incident.symptom not in _ASKED_BY_STRANGERS:
        return None
    return RepositoryId(facts.account, facts.region, pull.hostless)


def _registries_with_gaps(incident: Incident, facts: Facts, answers: Answers) -> set[tuple[str, str]]:
    """(account, Region) of the account's own registries that lack something that is pulled from them."""
    return {
        (one.account, one.region)
        for one in _wanted(incident, facts)
        if one.account == facts.account and _lacks_something(answer_to(answers, *_key(one)))
    }


def _lacks_something(answer: Fact[Answer]) -> bool:
    return isinstance(answer, Absent) or (isinstance(answer, Known) and bool(_failed(answer.value)))


def _pull_role(facts: Facts) -> str | None:
    definition = facts.task_definition
    return carriers(facts, definition.value).pull_role if isinstance(definition, Known) else None


def _key(repository: RepositoryId) -> Key:
    return ("images", repository.account, repository.region, repository.name)


def _layers_key(repository: RepositoryId) -> Key:
    return ("layers", *_key(repository)[1:])


def _layers(answer: Fact[Answer], digests: Iterable[str]) -> dict[str, Fact[bool]]:
    """Of a layer that the answer does not speak of, nothing is known."""
    if not isinstance(answer, Known):
        return dict.fromkeys(digests, answer)
    said = {text(one, "layerDigest"): text(one, "layerAvailability") for one in mappings(answer.value, "layers")}
    said |= {text(one, "layerDigest"): text(one, "failureCode") for one in mappings(answer.value, "failures")}
    found: dict[str, Fact[bool]] = {}
    for digest in digests:
        word = said.get(digest)
        if word == _AVAILABLE or word in _GONE:
            found[digest] = Known(word == _AVAILABLE, answer.source)
        else:
            found[digest] = Unknown(answer.source, word or f"the answer does not speak of {digest}")
    return found


def _repository(identifier: RepositoryId, references: tuple[str, ...], answers: Answers) -> Repository:
    answer = answer_to(answers, *_key(identifier))
    registry = (identifier.account, identifier.region)
    manifests = {one: _manifest(one, answer, identifier) for one in references}
    layers = answer_to(answers, *_layers_key(identifier))
    named = dict.fromkeys(layer for one in manifests.values() if isinstance(one, Known) for layer in one.value.layers)
    return Repository(
        id=identifier,
        found=Known(identifier, answer.source) if isinstance(answer, Known) else answer,
        manifests=manifests,
        tags=_listed(answer_to(answers, "tags", *_key(identifier)[1:]), "imageDetails", _tags),
        siblings=_listed(answer_to(answers, "repositories", *registry), "repositories", _names),
        cache_rules=_listed(answer_to(answers, "cache_rules", *registry), "pullThroughCacheRules", _cache_rules),
        layers={} if layers is NOT_READ else _layers(layers, named),
    )


def _listed[T](answer: Fact[Answer], name: str, read: Callable[[tuple[Json, ...]], Iterable[T]]) -> Fact[tuple[T, ...]]:
    if not isinstance(answer, Known):
        return answer
    if not isinstance(answer.value.get(name), list):
        return Unknown(answer.source, f"the answer holds no {name}")
    return Known(tuple(read(mappings(answer.value, name))), answer.source)


def _failed(answer: Json) -> set[str]:
    """The tags and digests that the repository does not have."""
    return {
        reference
        for failure in mappings(answer, "failures")
        if text(failure, "failureCode") == _NOT_THERE
        and (reference := text(mapping(failure, "imageId"), "imageDigest", "imageTag")) is not None
    }


def _manifest(reference: str, answer: Fact[Answer], repository: RepositoryId) -> Fact[Manifest]:
    if not isinstance(answer, Known):
        return answer
    for image in mappings(answer.value, "images"):
        identifier = mapping(image, "imageId")
        if reference in {text(identifier, "imageTag"), text(identifier, "imageDigest")}:
            return _read(image, text(identifier, "imageDigest") or reference, answer.source)
    what = "digest" if ":" in reference else "tag"
    if reference in _failed(answer.value):
        return Absent(answer.source, f"no {what} {reference} in {repository.name}")
    reasons = [text(one, "failureReason", "failureCode") or "" for one in mappings(answer.value, "failures")]
    return Unknown(answer.source, "; ".join(filter(None, reasons)) or f"the answer does not speak of {reference}")


def _read(image: Json, digest: str, source: str) -> Fact[Manifest]:
    try:
        document = json.loads(text(image, "imageManifest") or "")
    except ValueError:
        return Unknown(source, "unreadable manifest")
    if not isinstance(document, dict):
        return Unknown(source, "unreadable manifest")
    listed = document.get("manifests")
    return Known(
        Manifest(
            digest=digest,
            media_type=text(image, "imageManifestMediaType") or text(document, "mediaType") or "",
            platforms=tuple(_platforms(document)) if isinstance(listed, list) else None,
            config_media_type=text(mapping(document, "config"), "mediaType"),
            layer_media_types=tuple(
                dict.fromkeys(kind for one in mappings(document, "layers") if (kind := text(one, "mediaType")))
            ),
            layers=tuple(dict.fromkeys(_own_layers(document))),
        ),
        source,
    )


def _own_layers(document: Json) -> Iterable[str]:
    """Without foreign layers, which are fetched from the addresses that the manifest gives."""
    for layer in mappings(document, "layers"):
        if (digest := text(layer, "digest")) is not None and not layer.get("urls"):
            yield digest


def _platforms(index: Json) -> Iterable[Platform]:
    """What an index serves; build attestations stand among its entries with the platform unknown/unknown."""
    for entry in mappings(index, "manifests"):
        platform = mapping(entry, "platform")
        system, architecture = text(platform, "os"), text(platform, "architecture")
        if system and architecture and "unknown" not in {system, architecture}:
            yield Platform(system, architecture, text(platform, "variant"))


def _tags(details: tuple[Json, ...]) -> list[Tag]:
    found = [
        Tag(name, text(one, "imageDigest") or "", moment(one, "imagePushedAt"))
        for one in details
        for name in texts(one, "imageTags")
    ]
    return sorted(found, key=lambda tag: tag.pushed_at.timestamp() if tag.pushed_at else 0.0, reverse=True)


def _names(repositories: tuple[Json, ...]) -> list[str]:
    return [name for one in repositories if (name := text(one, "repositoryName")) is not None]


def _cache_rules(rules: tuple[Json, ...]) -> list[CacheRule]:
    return [
        CacheRule(prefix, text(one, "upstreamRegistryUrl") or "")
        for one in rules
        if (prefix := text(one, "ecrRepositoryPrefix")) is not None
    ]
