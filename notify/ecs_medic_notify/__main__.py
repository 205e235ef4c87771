"""`python -m ecs_medic_notify`: the commands without installing anything, from a mounted or copied folder."""

import sys

from ecs_medic_notify.commands import main

sys.exit(main(sys.argv[1:]))
