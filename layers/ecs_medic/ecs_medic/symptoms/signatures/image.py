"""Images: what a registry, docker or containerd answered to a pull."""

from ecs_medic.incident import Kind
from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_NOT_PUSH = frozenset({Kind.STOPPED_TASK, Kind.SERVICE_EVENT, Kind.EXEC_ERROR, Kind.ON_DEMAND})

SIGNATURES = (
    Signature(
        Id.EXECUTION_ROLE_CANNOT_PULL,
        "not authorized to perform: ecr:{batchgetimage|getdownloadurlforlayer|batchchecklayeravailability"
        "|getauthorizationtoken|batchimportupstreamimage|createrepository}",
        "IAM names an action of a pull",
        _CAUSE,
        kinds=_NOT_PUSH,
        if_cut=Id.SECRETS_OR_REGISTRY_AUTH_FAILED,
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_PULL,
        "check that the role has the permissions to pull images",
        "AWS's own summary since June 2024",
        _CAUSE,
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_PULL,
        ".dkr.ecr. … no basic auth credentials",
        "the agent had no token for ECR, since its role may not ask for one",
        _FAMILY,
        kinds=_NOT_PUSH,
        certain=False,
    ),
    Signature(
        Id.REGISTRY_RATE_LIMITED,
        "{toomanyrequests|too many requests|reached your pull rate limit|increase-rate-limits"
        "|unauthenticated pull rate limit|pull rate limit|data limit exceeded}",
        "the registry limits how often one may pull",
        Specificity.DECISIVE,
    ),
    Signature(
        Id.REGISTRY_CREDENTIALS_WRONG,
        "{incorrect username or password|authentication failed|invalid username/password|wrong username or password"
        "|bad username or password|unauthorized: bad credentials|failed to fetch oauth token"
        "|basic credentials not found or invalid}",
        "the registry refused these credentials",
        _CAUSE,
        kinds=_NOT_PUSH,
        unless=("elasticfilesystem",),
    ),
    Signature(
        Id.REGISTRY_CREDENTIALS_WRONG,
        "{registry auth from asm|asm fetching} … {malformed, empty field|authorizationdata is malformed}",
        "the secret of the registry lacks the user name or the password",
        _CAUSE,
    ),
    Signature(
        Id.REGISTRY_CREDENTIALS_WRONG,
        "{cannotpull|failed to resolve ref|error response from daemon|pulling from host} … "
        "{401 unauthorized|authorization token has expired|status code 401}",
        "the registry does not accept who asks",
        _FAMILY,
        kinds=_NOT_PUSH,
        certain=False,
        unless=("anonymous token",),
    ),
    Signature(
        Id.REGISTRY_CREDENTIALS_MISSING,
        "{failed to fetch anonymous token|unauthorized: authentication required|no basic auth credentials"
        "|authentication is required|unauthorized: access to the requested resource is not authorized"
        "|http basic: access denied}",
        "the registry wants credentials and got none",
        _FAMILY,
        kinds=_NOT_PUSH,
        certain=False,
    ),
    Signature(
        Id.REGISTRY_CREDENTIALS_MISSING,
        "engine docker private registry credentials: not found",
        "the agent has no credentials for a private registry",
        _STAGE,
        certain=False,
    ),
    # 404, in the words of each registry and client.
    Signature(
        Id.IMAGE_NOT_FOUND,
        "{manifest unknown|requested image not found|image not found|no such manifest}",
        "the registry has no such tag or digest",
        _CAUSE,
        if_cut=Id.IMAGE_PULL_FAILED,
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "{api error (404)|error response from daemon} … {repository|manifest for} … not found",
        "docker passes on the registry's 404",
        _FAMILY,
        unless=(
            "{does not exist or no pull access|logging driver|loggroup|log group|network}",
            "not found: … does",
            "api error (404) … not found:$",
        ),
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "{failed to resolve ref|failed to resolve reference|failed to resolve image} … not found",
        "containerd could not resolve the reference, because it is not there",
        _FAMILY,
        unless=("{httpreadseeker|httpreaderseeker|could not fetch content|failed to do request}",),
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "{name unknown|repositorynotfoundexception|repository with name} … {does not exist|not found|not known}",
        "the registry has no such repository",
        _FAMILY,
        kinds=_NOT_PUSH,
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "{imagenotfoundexception|the image requested does not exist|tag does not exist|404 not found}",
        "the registry has no such image",
        _FAMILY,
        kinds=_NOT_PUSH,
        certain=False,
        unless=("{env file|mount.nfs|target-group|secrets manager}",),
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "cannotpullcontainererror … {error: image|error: status 404|repository not found|not found in repository}",
        "an old docker passes on the registry's 404",
        _FAMILY,
        certain=False,
        unless=("{no pull access|may require}",),
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "cannotpullcontainererror: api error (404){.|}$",
        "docker passes on the registry's 404, without its words",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.IMAGE_NOT_FOUND,
        "no such image",
        "docker has no such image on the instance, and did not pull it",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.EXECUTION_ROLE_CANNOT_PULL,
        "may require 'docker login': denied: user",
        "docker passes on ECR's refusal of the role",
        _FAMILY,
        kinds=_NOT_PUSH,
        certain=False,
    ),
    Signature(
        Id.IMAGE_ACCESS_DENIED,
        "{insufficient_scope|denied: requested access to the resource is denied}",
        "the registry does not say whether the repository is missing or private",
        _FAMILY,
        kinds=_NOT_PUSH,
    ),
    Signature(
        Id.IMAGE_ACCESS_DENIED,
        "pull access denied",
        "docker cannot tell a repository that is missing from one that is private",
        _FAMILY,
        if_cut=Id.IMAGE_PULL_FAILED,
    ),
    Signature(
        Id.IMAGE_ACCESS_DENIED,
        "{requested access to the resource is denied|repository does not exist or may require"
        "|does not exist or no pull access|insufficient_scope|denied: access forbidden|denied: denied"
        "|denied: installation not allowed}",
        "the registry does not say whether the repository is missing or private",
        _FAMILY,
        kinds=_NOT_PUSH,
        if_cut=Id.IMAGE_PULL_FAILED,
    ),
    Signature(
        Id.IMAGE_ACCESS_DENIED,
        "can't pull the image. check whether the image exists",
        "AWS's own summary since June 2024",
        _STAGE,
    ),
    Signature(
        Id.IMAGE_PULL_FORBIDDEN,
        "{cannotpull|failed to resolve ref|pulling from host|httpreadseeker|httpreaderseeker|unexpected status|/v2/"
        "|error response from daemon|pull image} … {403 forbidden|status code 403|: forbidden|403 (forbidden)"
        "|http 403}",
        "the registry answered 403",
        _FAMILY,
        kinds=_NOT_PUSH,
        unless=("{anonymous token|env file}",),
    ),
    Signature(
        Id.REGISTRY_SERVER_ERROR,
        "{cannotpull|failed to resolve ref|httpreadseeker|httpreaderseeker|unexpected status|/v2/|registry"
        "|received unexpected http status|error parsing http} … "
        "{500 internal server error|502 bad gateway|503 service unavailable|504 gateway time|internal server error"
        "|service unavailable|bad gateway|gateway time-out|gateway timeout}",
        "the registry answered with an error of its own",
        _FAMILY,
        kinds=_NOT_PUSH,
        unless=("{envoy|target-group|health check}",),
    ),
    Signature(
        Id.REGISTRY_BLOB_MISSING,
        "{unknown blob|blob unknown|filesystem layer verification failed|layer does not exist|blob_unknown"
        "|could not fetch content descriptor|blob not found}",
        "the registry knows the image, but lacks a part of it",
        _CAUSE,
        kinds=_NOT_PUSH,
    ),
    Signature(
        Id.REGISTRY_BLOB_MISSING,
        "{httpreadseeker|httpreaderseeker} … {404 not found|: not found|status code 404}",
        "the registry knows the image, but lacks a layer",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.IMAGE_PLATFORM_MISMATCH,
        "{does not contain descriptor matching platform|failed to find a descriptor for platform"
        "|no matching manifest for|no match for platform|exec format error|cannot be used on this platform"
        "|does not match the detected host platform|does not match the specified platform"
        "|does not provide the specified platform|operating system is not supported"
        "|no image found in manifest list for architecture|no image found in image index for architecture}",
        "the image has nothing for this architecture or operating system",
        Specificity.DECISIVE,
    ),
    Signature(
        Id.IMAGE_PLATFORM_MISMATCH,
        "container operating system does not match the host",
        "a Windows image of another version than the host",
        _CAUSE,
    ),
    Signature(
        Id.IMAGE_PLATFORM_MISMATCH,
        "windows version … incompatible with",
        "a Windows image of another version than the host",
        _CAUSE,
    ),
    Signature(
        Id.IMAGE_FORMAT_UNSUPPORTED,
        "{no processor for media-type|failed to get stream processor|diffids don't match|unsupported media type"
        "|unsupported manifest media type|unknown media type|encountered unknown type|invalid tar header"
        "|schema 1 image|manifest schema v1|manifest.v1+prettyjws|unsupported mediatype|mediatype in manifest"
        "|unexpected media type|unsupported compression|unknown compression"
        "|error unmarshalling content|manifest is invalid|unsupported docker v1}",
        "the image is in a form that the platform cannot read",
        _CAUSE,
        kinds=_NOT_PUSH,
    ),
    Signature(
        Id.IMAGE_FORMAT_UNSUPPORTED,
        "number of layers and diffids",
        "layers of different compression in one image",
        _CAUSE,
    ),
    Signature(
        Id.IMAGE_REFERENCE_INVALID,
        "{invalid reference format|failed to normalize image reference|repository name must be lowercase"
        "|repository name must be canonical|invalid image reference|could not parse reference"
        "|failed to parse reference|must specify a tag|repository name must have at least one component"
        "|cannot specify 64-byte hexadecimal|object required}",
        "the image string is not a valid reference",
        Specificity.DECISIVE,
        unless=("object required to",),
    ),
    # The pull failed, and that is all.
    Signature(
        Id.IMAGE_PULL_FAILED,
        "{error pulling image configuration|error pulling image conf}",
        "docker could not read the image's configuration: a rate limit or the network",
        _STAGE,
    ),
    Signature(
        Id.IMAGE_PULL_FAILED,
        "pull command failed … {panic|nil pointer dereference|context canceled|context ca}",
        "the Fargate agent's pull broke without saying why",
        _STAGE,
        unless=("unable to pull secrets or registry auth",),
    ),
    Signature(
        Id.IMAGE_PULL_FAILED,
        "{cannotpull|ref pull has been retried|pull image manifest has been retried|inspect image has been retried"
        "|failed to resolve ref|cannotpullimagemanifesterror|imagepull|error pulling image}",
        "the pull failed; the registry's words after it are endless, and one may say more",
        _PREFIX,
        certain=False,
    ),
    Signature(
        Id.IMAGE_PULL_FAILED,
        "{can't pull the image|cannot pull the image|cannot pull container|can't pull container|task cannot pull }",
        "the pull failed",
        _PREFIX,
        certain=False,
    ),
)
