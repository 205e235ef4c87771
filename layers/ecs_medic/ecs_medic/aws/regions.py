"""Which partition a Region is in, and what its services' host names end with."""

from functools import lru_cache

import botocore.exceptions
import botocore.session


@lru_cache(maxsize=64)
def partition_of(region: str) -> str:
    """The partition ("aws", "aws-cn", "aws-us-gov") of a Region; "aws" where botocore does not know the Region."""
    try:
        return str(botocore.session.get_session().get_partition_for_region(region))
    except botocore.exceptions.UnknownRegionError:
        return "aws"
