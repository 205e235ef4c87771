"""The copy between two registries over HTTP, one of them with a slip."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from verify.image import BadImageError, Repository, copy

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


CONFIG, LAYER = b'{"os": "linux"}', b"a layer"
IMAGE = json.dumps({"config": {"digest": digest(CONFIG)}, "layers": [{"digest": digest(LAYER)}]}).encode()


def index(architecture: str) -> bytes:
    manifests = [
        {"digest": digest(b"other"), "platform": {"os": "linux", "architecture": "s390x"}},
        {"digest": digest(IMAGE), "platform": {"os": "linux", "architecture": architecture}},
    ]
    return json.dumps({"manifests": manifests}).encode()


class Registry(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths: dict[str, tuple[str, bytes]] = {
            "/v2/public/manifests/latest": (INDEX, index("amd64")),
            f"/v2/public/manifests/{digest(IMAGE)}": (MANIFEST, IMAGE),
            f"/v2/public/blobs/{digest(CONFIG)}": ("text/plain", CONFIG),
            f"/v2/public/blobs/{digest(LAYER)}": ("text/plain", LAYER),
        }
        self.pushed: list[tuple[str, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Registry

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.headers["Authorization"] != "Bearer anybody" or self.path not in self.server.paths:
            return self.answer(404)
        kind, body = self.server.paths[self.path]
        return self.answer(200, body, Content_Type=kind)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(202, Location="/v2/ours/blobs/uploads/1?state=x")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parts = urlsplit(self.path)
        wanted = parse_qs(parts.query).get("digest", [digest(body)])[0]
        if self.headers["Authorization"] != "Basic us" or digest(body) != wanted:
            return self.answer(400)
        self.server.pushed.append((parts.path, body))
        return self.answer(201)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def ends(registry):
    url = f"http://127.0.0.1:{registry.server_address[1]}/v2"
    return Repository(f"{url}/public", "Bearer anybody"), Repository(f"{url}/ours", "Basic us")


def test_blobs_come_first_and_the_manifest_last_byte_for_byte(registry, ends):
    assert copy(*ends) == digest(IMAGE)
    upload = "/v2/ours/blobs/uploads/1"
    assert registry.pushed == [(upload, CONFIG), (upload, LAYER), ("/v2/ours/manifests/latest", IMAGE)]


@pytest.mark.parametrize("path", [f"/v2/public/blobs/{digest(LAYER)}", f"/v2/public/manifests/{digest(IMAGE)}"])
def test_what_is_not_what_its_digest_says_is_not_pushed(registry, ends, path):
    kind, body = registry.paths[path]
    registry.paths[path] = (kind, body + b" ")
    with pytest.raises(BadImageError, match="something else"):
        copy(*ends)
    assert not [pushed for pushed, _ in registry.pushed if "manifests" in pushed]


def test_an_image_for_other_processors_is_not_taken(registry, ends):
    registry.paths["/v2/public/manifests/latest"] = (INDEX, index("arm64"))
    with pytest.raises(BadImageError, match="linux/amd64"):
        copy(*ends)
