"""The software bill of materials of what is deployed: `python -m supply_chain.sbom FILE`, as `make sbom` does.

CycloneDX 1.5 JSON: the product, and every library of the dependency layer with version, package URL, licence, the
hashes that the installation demands, and who needs whom. uv writes all but the licences from the lock file; those are
what the installed libraries declare. The same lock file gives the same bytes.
"""

import json
import subprocess
import sys
import uuid
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

SPELLINGS: Mapping[str, str] = {
    "Apache License 2.0": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "MIT": "MIT",
}
"""SPDX identifiers, by what older metadata has in its free-text field `License`."""

_CLASSIFIER = "License :: OSI Approved :: "


def bill() -> dict[str, Any]:
    """The document."""
    document = _exported()
    # uv draws a new number and looks at the clock; both optional, and what they would say is in version control.
    del document["serialNumber"]
    del document["metadata"]["timestamp"]
    product = document["metadata"]["component"]
    product["type"] = "application"
    product["purl"] = f"pkg:generic/{product['name']}@{product['version']}"
    for component in document["components"]:
        component["licenses"] = licences(component["name"])
    named_by_contents = json.dumps(document, sort_keys=True)
    return document | {"serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, named_by_contents).urn}


def licences(library: str) -> list[dict[str, Any]]:
    """CycloneDX's `licenses` of an installed library: an SPDX expression, an id, or the names that it declares.

    Raises:
        SystemExit: it is not installed, or declares none; somebody has to look then.
    """
    try:
        declared = metadata(library)
    except PackageNotFoundError:
        raise SystemExit(f"{library} is not installed: run `make setup`") from None
    if expression := declared.get("License-Expression"):
        return [{"expression": expression}]
    if identifier := SPELLINGS.get((declared.get("License") or "").strip()):
        return [{"license": {"id": identifier}}]
    classifiers = [one for one in declared.get_all("Classifier") or () if one.startswith(_CLASSIFIER)]
    if not classifiers:
        raise SystemExit(f"{library} declares no licence that is known here: add its spelling to {__name__}")
    return [{"license": {"name": one.removeprefix(_CLASSIFIER)}} for one in classifiers]


def _exported() -> dict[str, Any]:
    uv = Path(sys.executable).with_name("uv")
    options = ("--quiet", "--frozen", "--extra", "lambda", "--no-dev", "--preview-features", "sbom-export")
    done = subprocess.run(  # noqa: S603 - our own uv
        [uv, "export", *options, "--format", "cyclonedx1.5"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def main(path: Path) -> None:
    """Writes it."""
    document = bill()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{path}: {document['metadata']['component']['name']} and {len(document['components'])} libraries")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
