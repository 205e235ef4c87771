"""A parser of arguments that tells wrong ones in one line, like every other unusable input."""

from __future__ import annotations

import argparse
from typing import NoReturn

from ecs_medic_notify.errors import BadInputError


class Parser(argparse.ArgumentParser):
    """Raises BadInputError where argparse would print the usage and leave."""

    def error(self, message: str) -> NoReturn:
        """Wrong arguments."""
        raise BadInputError(f"{message} (see {self.prog} --help)")
