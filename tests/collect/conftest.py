"""An embedded account to ask."""

from tests.aws.account import account, running_account

__all__ = ["account", "running_account"]
