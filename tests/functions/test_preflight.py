"""PreflightFunction's handler: what would break, told before it does."""

import preflight
from sandbox.gallery import network as net
from sandbox.gallery.application import Application, deploy
from sandbox.gallery.workbench import Workbench
from tests.functions.deployment import Context

NOTHING = {"clusters": 0, "services": 0, "findings": 0, "posted": 0, "cleared": 0, "failures": 0}


def test_an_empty_region(deployed):
    assert preflight.handler({}, Context("request-1", 900.0)) == NOTHING  # type: ignore[arg-type]


def test_a_trouble_is_told_once(deployed):
    bench = Workbench(deployed.account)
    app = Application("orders", net.with_endpoints(bench, "orders"), create_log_group=False, desired_count=0)
    deploy(bench, app)
    found = NOTHING | {"clusters": 1, "services": 1, "findings": 1}
    assert preflight.handler(None, Context("request-1", 900.0)) == found | {"posted": 1}  # type: ignore[arg-type]
    assert preflight.handler(None, Context("request-2", 900.0)) == found  # type: ignore[arg-type]
    assert len(deployed.messages()) == 1
