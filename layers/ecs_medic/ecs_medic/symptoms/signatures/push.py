"""Pushing an image: what docker and ECR answer to `docker login` and `docker push`."""

from ecs_medic.incident import Kind
from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.symptoms.signatures.words import REFUSED
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_DECISIVE = Specificity.DECISIVE
_PUSH = frozenset({Kind.ECR_PUSH})

SIGNATURES = (
    Signature(
        Id.PUSH_DENIED,
        "not authorized to perform: {ecr:initiatelayerupload|ecr:uploadlayerpart|ecr:completelayerupload|ecr:putimage"
        "|ecr-public:initiatelayerupload|ecr-public:uploadlayerpart|ecr-public:completelayerupload"
        "|ecr-public:putimage}",
        "IAM names an action of a push",
        _CAUSE,
    ),
    Signature(
        Id.PUSH_DENIED,
        "not authorized to perform: {ecr:|ecr-public:|sts:getservicebearertoken}",
        "IAM names an action of ECR",
        _CAUSE,
        kinds=_PUSH,
    ),
    Signature(
        Id.PUSH_TOKEN_EXPIRED,
        "{authorization token has expired|expiredtokenexception|expiredtoken|token has expired|token is expired}",
        "the login is older than its twelve hours",
        _CAUSE,
        kinds=_PUSH,
    ),
    Signature(
        Id.PUSH_NOT_AUTHENTICATED,
        "{no basic auth credentials|authentication required|non tty device|error saving credentials"
        "|unable to locate credentials|401 unauthorized|authorization failed|error getting credentials"
        "|error storing credentials|docker-credential|password is empty|login attempt to|must authenticate"
        "|not logged in|unauthorized: |login required}",
        "docker has no login for this registry",
        _CAUSE,
        kinds=_PUSH,
        unless=("{expired|not authorized to perform}",),
    ),
    Signature(
        Id.PUSH_REPOSITORY_MISSING,
        "{name unknown|repositorynotfoundexception|name_unknown}",
        "the repository does not exist",
        _CAUSE,
        kinds=_PUSH,
    ),
    Signature(
        Id.PUSH_REPOSITORY_MISSING,
        "repository … {does not exist in the registry|does not exist|not found}",
        "the repository does not exist",
        _FAMILY,
        kinds=_PUSH,
        unless=("may require",),
    ),
    Signature(
        Id.PUSH_REJECTED,
        "{tag invalid|cannot be overwritten because|repository is immutable|imagetagalreadyexists|manifest invalid"
        "|405 method not allowed|method not allowed|400 bad request|blob upload invalid|digest invalid|size invalid"
        "|limitexceededexception|invalidlayer|layersnotfound|layerinaccessible|manifest blob unknown|blob upload "
        "unknown"
        "|invalid reference format|repository name must be lowercase|layer part|unsupported manifest|schema version"
        "|409 conflict|request entity too large|referencedimagesnotfound|imagealreadyexists|tag does not exist"
        "|an image does not exist locally}",
        "the registry refused what was pushed",
        _CAUSE,
        kinds=_PUSH,
    ),
    Signature(
        Id.PUSH_DENIED,
        "{403 forbidden|http 403|status: 403|requested access to the resource is denied|denied: |forbidden}",
        "the registry answered that this is not allowed",
        _FAMILY,
        kinds=_PUSH,
        certain=False,
        unless=("denied:{| not| not authorized:}$", "denied: {your|authorization}"),
    ),
    Signature(
        Id.PUSH_DENIED,
        REFUSED,
        "IAM refused",
        _STAGE,
        kinds=_PUSH,
    ),
    Signature(
        Id.PUSH_REJECTED,
        "{500 internal server error|503 service unavailable|502 bad gateway|unexpected eof|broken pipe: push}",
        "the push broke at the registry",
        _STAGE,
        kinds=_PUSH,
        certain=False,
    ),
)
