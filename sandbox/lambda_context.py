"""The part of Lambda's context object that the handlers read."""

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """Of one invocation."""

    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_name: str = "DiagnoseFunction"

    def get_remaining_time_in_millis(self) -> int:
        """Nothing is cut off here."""
        return 90_000
