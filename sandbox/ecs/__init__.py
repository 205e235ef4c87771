"""An ECS that behaves: tasks start or fail by what the account's network and roles really allow.

It runs inside the moto process and reads moto's state directly. Nothing here is shared with the service that is tried
against it, so that the two can disagree.
"""

from sandbox.ecs.install import CONTROL, install

__all__ = ["CONTROL", "install"]
