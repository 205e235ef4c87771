"""What came of telling Slack."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """`posted`: the message stands in Slack. `shown`: what it says by now of how often each incident happened.

    `again_at` (epoch ms) is when there is more to tell, None where there is not. `silent_until` is until when nobody is
    to hear anything new, None where anybody may.
    """

    posted: bool = False
    shown: Mapping[str, int] = field(default_factory=dict)
    again_at: int | None = None
    silent_until: int | None = None
