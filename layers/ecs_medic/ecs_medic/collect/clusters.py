"""The clusters of a Region."""

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.reading import texts


def clusters_of(reader: Reader) -> Fact[tuple[str, ...]]:
    """Their names.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or nothing of AWS answers at all.
    """
    answer = reader.together({"": Call("ecs", "ListClusters", {}, items="clusterArns")})[""]
    reader.ensure_reached()
    if not isinstance(answer, Known):
        return answer
    return Known(tuple(arn.rsplit("/", 1)[-1] for arn in texts(answer.value, "clusterArns")), answer.source)
