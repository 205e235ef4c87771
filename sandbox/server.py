"""The process of the embedded account: one port for AWS, one for control and Slack, until it is told to stop."""

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.account import Account
from sandbox.aws_app import AwsApp
from sandbox.control import ControlApp


@dataclass(frozen=True, slots=True)
class Options:
    """How the process runs; port 0 means any free one."""

    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    seed: int | None = None
    ready_file: Path | None = None
    until_stdin_closes: bool = False
    verbose: bool = False


class _QuietAws(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing: /calls tells what arrived."""


class _QuietControl(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


def serve(options: Options) -> None:
    """Runs until SIGTERM or SIGINT, or, if asked, until standard input closes.

    Prints one line of JSON when both ports answer: {"aws", "control", "slack", "webhook", "pid"}; the addresses are
    those that AWS_ENDPOINT_URL and SLACK_API_URL take. The same line is written to the ready file, if one is given.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    account = Account(seed=options.seed)
    account.install()
    aws = _listen(options, options.port, AwsApp(account), MotoRequestHandler if options.verbose else _QuietAws)
    os.environ["MOTO_PORT"] = str(aws.server_port)
    control_handler = WSGIRequestHandler if options.verbose else _QuietControl
    control = _listen(options, options.control_port, ControlApp(account), control_handler)
    _announce(options, aws, control)
    stop.wait()
    account.faults.clear()
    for server in (aws, control):
        server.shutdown()
        server.server_close()


def _stop_at_end_of_input(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


def _listen(options: Options, port: int, app: Any, handler: type[WSGIRequestHandler]) -> BaseWSGIServer:
    server = make_server(options.host, port, app, threaded=True, request_handler=handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def _announce(options: Options, aws: BaseWSGIServer, control: BaseWSGIServer) -> None:
    control_url = f"http://{options.host}:{control.server_port}"
    ready = json.dumps(
        {
            "aws": f"http://{options.host}:{aws.server_port}",
            "control": control_url,
            "slack": f"{control_url}/slack/api/",
            "webhook": f"{control_url}/slack/webhook/T000/B000/XXX",
            "pid": os.getpid(),
        }
    )
    if options.ready_file:
        # Whoever waits for the file must never read half of it.
        partial = options.ready_file.with_name(options.ready_file.name + ".partial")
        partial.write_text(ready + "\n")
        partial.replace(options.ready_file)
    sys.stdout.write(ready + "\n")
    sys.stdout.flush()
