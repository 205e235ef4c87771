"""Validates a bill of materials against CycloneDX's own schema. Runs in .venv-tools, which has it."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion  # type: ignore[import-not-found]
from cyclonedx.validation.json import JsonStrictValidator  # type: ignore[import-not-found]

problem = JsonStrictValidator(SchemaVersion.V1_5).validate_str(Path(sys.argv[1]).read_text(encoding="utf-8"))
if problem:
    sys.exit(f"{sys.argv[1]} is no CycloneDX 1.5: {problem}")
print(f"{sys.argv[1]}: valid CycloneDX 1.5")
