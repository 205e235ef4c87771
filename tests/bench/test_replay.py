"""What the measurements stand on: recorded answers come back unchanged, late, and only where they were recorded."""

import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.replay import Replay, dependent_waves

BODY = bytes(range(256)) * 3
DELAY = 0.05


class Numbering(BaseHTTPRequestHandler):
    """Answers every request with other bytes than the one before."""

    protocol_version = "HTTP/1.1"
    numbers = count()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = BODY + str(next(self.numbers)).encode()
        self.send_response(418 if "teapot" in self.path else 200)
        self.send_header("x-amzn-RequestId", "as recorded")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST  # noqa: N815 - as the library calls them

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Numbering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def running(upstream) -> Iterator[Replay]:
    with Replay.start(upstream, f"{upstream}/slack/api/") as replay:
        yield replay


@pytest.fixture
def replay(running: Replay) -> Replay:
    running.record()
    running.forget()
    running.clear()
    return running


def signed(service: str, **more: str) -> dict[str, str]:
    scope = f"AKIA/20260101/eu-west-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"} | more


def json_call(service: str, operation: str, **more: str) -> dict[str, str]:
    return signed(
        service, **{"X-Amz-Target": f"Service.{operation}", "Content-Type": "application/x-amz-json-1.1"}, **more
    )


def form_call(service: str) -> dict[str, str]:
    return signed(service, **{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})


def ask(
    replay: Replay, headers: dict[str, str], body: str = "", *, path: str = "/", method: str = "POST"
) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection(urlsplit(replay.url).netloc, timeout=20)
    try:
        connection.request(method, path, body.encode(), headers)
        response = connection.getresponse()
        return response.status, response.headers.get("x-amzn-RequestId"), response.read()
    finally:
        connection.close()


def test_answers_come_back_byte_for_byte(replay):
    asked = [
        (json_call("ecs", "DescribeTasks"), '{"tasks": ["a"]}', "/", "POST"),
        (json_call("ecs", "DescribeTasks"), '{"tasks": ["b"]}', "/", "POST"),
        (json_call("ecs", "DescribeServices"), '{"tasks": ["a"]}', "/", "POST"),
        (json_call("logs", "DescribeTasks"), '{"tasks": ["a"]}', "/", "POST"),
        (form_call("ec2"), "Action=DescribeVpcs&VpcId.1=vpc-1", "/", "POST"),
        (form_call("ec2"), "Action=DescribeVpcs&VpcId.1=vpc-2", "/", "POST"),
        (signed("elasticfilesystem"), "", "/2015-02-01/mount-targets?FileSystemId=fs-1", "GET"),
        (signed("elasticfilesystem"), "", "/2015-02-01/mount-targets?FileSystemId=fs-2", "GET"),
        (signed("s3"), "", "/teapot", "HEAD"),
    ]
    recorded = [ask(replay, headers, body, path=path, method=method) for headers, body, path, method in asked]
    assert len(set(recorded)) == len(asked)
    replay.freeze(delay=0)
    for _ in range(2):
        again = [ask(replay, headers, body, path=path, method=method) for headers, body, path, method in asked]
        assert again == recorded
    assert recorded[0] == (200, "as recorded", recorded[0][2])
    assert recorded[0][2].startswith(BODY)
    assert recorded[-1][0] == 418
    assert replay.refused() == []


def test_what_changes_with_every_request_is_no_part_of_the_question(replay):
    first = ask(replay, json_call("ecs", "RunTask", **{"X-Amz-Date": "1"}), '{"clientToken": "one", "cluster": "shop"}')
    second = ask(replay, form_call("ec2"), "Action=CreateVpcEndpoint&ClientToken=one&VpcId=vpc-1")
    third = ask(replay, json_call("cloudtrail", "LookupEvents"), '{"StartTime": 1, "EndTime": 2, "MaxResults": 50}')
    replay.freeze(delay=0)
    later = {"X-Amz-Date": "2", "amz-sdk-invocation-id": "another"}
    assert ask(replay, json_call("ecs", "RunTask", **later), '{"cluster": "shop", "clientToken": "two"}') == first
    assert ask(replay, form_call("ec2"), "VpcId=vpc-1&Action=CreateVpcEndpoint&ClientToken=two") == second
    late = '{"StartTime": 3, "EndTime": 4, "MaxResults": 50}'
    assert ask(replay, json_call("cloudtrail", "LookupEvents"), late) == third


def test_an_unknown_question_is_refused_and_counted(replay):
    ask(replay, json_call("ecs", "DescribeTasks"), '{"tasks": ["a"]}')
    replay.freeze(delay=0)
    status, _, body = ask(replay, json_call("ecs", "DescribeTasks"), '{"tasks": ["b"]}')
    assert status == 599
    assert json.loads(body)["__type"] == "NotRecorded"
    [refused] = replay.refused()
    assert (refused["service"], refused["operation"]) == ("ecs", "DescribeTasks")
    assert len(replay.calls()) == 2
    replay.clear()
    assert replay.calls() == []


def test_boto3_takes_a_refusal_for_an_error_and_does_not_try_again(replay):
    replay.freeze(delay=0)
    client = boto3.client(
        "ecs",
        endpoint_url=replay.url,
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "max_attempts": 3}),
    )
    with pytest.raises(ClientError):
        client.describe_tasks(cluster="shop", tasks=["a"])
    assert len(replay.refused()) == 1


def test_answers_are_late_by_at_least_the_delay_and_at_the_same_time(replay):
    questions = [(json_call("ecs", "DescribeTasks"), json.dumps({"tasks": [str(number)]})) for number in range(8)]
    for headers, body in questions:
        ask(replay, headers, body)
    replay.clear()
    replay.freeze(delay=DELAY)
    with ThreadPoolExecutor(len(questions)) as pool:
        list(pool.map(lambda question: ask(replay, *question), questions))
    calls = replay.calls()
    assert len(calls) == len(questions)
    # The event loop's timers may fire a clock tick early.
    assert min(call["ended"] - call["started"] for call in calls) >= DELAY - 0.001


def test_requests_that_write_get_their_answers_in_order_whatever_they_hold(replay):
    table = json_call("dynamodb", "UpdateItem")
    first = ask(replay, table, '{"TableName": "ledger", "Key": {"pk": {"S": "one"}}, "at": 1}')
    second = ask(replay, table, '{"TableName": "ledger", "Key": {"pk": {"S": "one"}}, "at": 2}')
    other = ask(replay, table, '{"TableName": "another", "Key": {"pk": {"S": "one"}}, "at": 1}')
    posted = ask(replay, {}, "text=one", path="/slack/api/chat.postMessage")
    for _ in range(2):
        replay.freeze(delay=0)
        assert ask(replay, table, '{"TableName": "another", "at": 7}') == other
        answers = [ask(replay, table, json.dumps({"TableName": "ledger", "at": 8 + number})) for number in range(3)]
        assert answers == [first, second, second]
        assert ask(replay, {}, "text=two", path="/slack/api/chat.postMessage") == posted
    assert ask(replay, table, '{"TableName": "unheard_of"}')[0] == 599
    assert ask(replay, {}, "text=two", path="/slack/api/chat.update")[0] == 599


def test_the_same_question_with_several_answers_gets_them_in_order(replay):
    item = (json_call("dynamodb", "GetItem"), '{"TableName": "ledger", "Key": {"pk": {"S": "one"}}}')
    before, after = ask(replay, *item), ask(replay, *item)
    assert before != after
    replay.freeze(delay=0)
    assert [ask(replay, *item) for _ in range(3)] == [before, after, after]
    replay.clear()
    assert ask(replay, *item) == before


def call(started: float, ended: float) -> dict[str, float]:
    return {"started": started, "ended": ended}


@pytest.mark.parametrize(
    ("calls", "waves"),
    [
        ([], 0),
        ([call(0, 1)], 1),
        ([call(0, 1), call(0.2, 1.2), call(0.9, 2)], 1),
        ([call(0, 1), call(1.1, 2.1)], 2),
        ([call(0, 1), call(0, 5), call(1.1, 2.1), call(2.2, 3.2), call(5.1, 6)], 4),
        ([call(2.2, 3.2), call(1.1, 2.1), call(0, 1)], 3),
    ],
)
def test_waves_are_counted_by_what_began_after_something_had_ended(calls, waves):
    assert dependent_waves(calls) == waves


def test_it_ends_when_it_is_told_to(upstream):
    replay = Replay.start(upstream)
    replay.stop()
    replay.stop()
    with pytest.raises(ConnectionError):
        ask(replay, {})
