"""`make sandbox`: keeps the embedded account running, with its gallery of failures, for `sam local invoke`."""

import ipaddress
import json
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sandbox import stack
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build_each
from sandbox.server_process import ROOT

LOOPBACK = "127.0.0.1"
ENVIRONMENT = ROOT / ".sandbox" / "env.json"


def address_for_containers() -> str:
    """This machine's address as containers see it: SAM runs them on Docker's bridge, whatever network it is given.

    127.0.0.1 where there is no such bridge.
    """
    command = ["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - no input
    except (OSError, subprocess.SubprocessError):
        return LOOPBACK
    for network in json.loads(done.stdout) or ():
        # Where none was chosen, the bridge has taken the network's first address.
        return str(network.get("Gateway") or next(ipaddress.ip_network(network["Subnet"]).hosts()))
    return LOOPBACK


def write_environment(variables: dict[str, str], file: Path) -> None:
    """Writes what `sam local invoke --env-vars` takes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(dict.fromkeys(stack.FUNCTIONS, variables), indent=2) + "\n")


def main() -> int:
    """Runs until Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    host = address_for_containers()
    if host == LOOPBACK:
        print("No Docker engine answers here: only this machine's own processes will reach the account.")
    print("Starting the embedded account and building its gallery of failures …", flush=True)
    try:
        with Sandbox.start(host=host) as sandbox:
            _keep(sandbox, stopped)
    finally:
        ENVIRONMENT.unlink(missing_ok=True)
    return 0


def _keep(sandbox: Sandbox, stopped: threading.Event) -> None:
    variables = stack.deploy(sandbox)
    built = [scenario.name for scenario in build_each(sandbox)]
    write_environment(variables, ENVIRONMENT)
    print(f"{len(built)} failures are in the account, each with its event in events/.")
    print(f"AWS    {sandbox.aws_url}\nSlack  {sandbox.control_url}/slack/messages (channel {stack.CHANNEL})")
    print(f"\nIn another terminal, after `make build`:\n  {_invocation(built[0])}\n\nCtrl-C ends it.", flush=True)
    stopped.wait()


def _invocation(event: str) -> str:
    variables = ENVIRONMENT.relative_to(ROOT)
    architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    return (
        f".venv/bin/sam local invoke {stack.FUNCTION} --event events/{event}.json "
        f"--env-vars {variables} --region {REGION} --docker-network host "
        f"--parameter-overrides Architecture={architecture}"
    )


if __name__ == "__main__":
    sys.exit(main())
