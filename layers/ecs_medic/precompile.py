"""Run by the layer's build, with the built package first on the path: see `ecs_medic.quick_start`.

It imports what the functions import, and so needs their libraries, as `make build` has them.
"""

import sys
from pathlib import Path

from ecs_medic import quick_start

package = Path(quick_start.__file__).parent
modules = (".".join(file.relative_to(package.parent).with_suffix("").parts) for file in sorted(package.rglob("*.py")))
# The commands are not run in Lambda, and their libraries are not in its layer.
wanted = [name.removesuffix(".__init__") for name in modules if not name.startswith("ecs_medic.cli.")]
try:
    quick_start.precompile(wanted)
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is not installed for {sys.executable}: build with `make build`")
