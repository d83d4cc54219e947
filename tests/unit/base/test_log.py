# SPDX-License-Identifier: Apache-2.0
import logging
import subprocess
import sys

import pytest

from nova_lite.base import log

SCRIPT = """
import logging, sys
from nova_lite.base import concurrency
concurrency.patch(sys.argv[1])
from nova_lite.base import conf, context, log
conf.setup(["--config-file", "/dev/null"], "nova-lite-test")
log.setup(conf.CONF, "nova-lite-test")
LOG = logging.getLogger("nova_lite.somewhere")
LOG.info("before")
asked = context.RequestContext(
    request_id="req-1", global_request_id="req-0", user_id="u1", project_id="p1",
    user_domain_id="d1", project_domain_id="d2", auth_token="TOP-SECRET",
)
with context.use(asked):
    LOG.info("inside %s", asked)
    LOG.warning("of one", extra={"instance_uuid": "i-1"})
    task = concurrency.spawn(context.bound(lambda: LOG.info("bound")))
    task.wait(5)
    concurrency.spawn(lambda: LOG.info("unbound")).wait(5)
LOG.info("after, password='hunter2' url=rabbit://me:hunter2@host/")
LOG.info("wrong %d arguments", "x")
"""


@pytest.mark.parametrize("backend", ["eventlet", "threading"])
def test_lines(backend):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, backend],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    lines = {
        word: [line for line in done.stdout.splitlines() if f" {word}" in line]
        for word in ("before", "inside", "of one", "bound", "unbound", "after")
    }
    who = "[req-0 req-1 u1 p1 - - d1 d2]"
    assert "INFO nova_lite.somewhere [-] before" in lines["before"][0]
    assert f"INFO nova_lite.somewhere {who} inside" in lines["inside"][0]
    assert f"WARNING nova_lite.somewhere {who} [instance: i-1] of one" in lines["of one"][0]
    assert f"{who} bound" in lines["bound"][0]
    assert "[-] unbound" in lines["unbound"][0]
    assert "[-] after" in lines["after"][0]
    assert "TOP-SECRET" not in done.stdout
    assert "hunter2" not in done.stdout
    assert "Eventlet is deprecated" not in done.stdout


@pytest.mark.parametrize(
    "text, masked",
    [
        ("plain", "plain"),
        ("mysql+pymysql://nova:pw@db/nova", "mysql+pymysql://nova:***@db/nova"),
        ("amqp://a:b@h1,rabbit://c:d@h2", "amqp://a:***@h1,rabbit://c:***@h2"),
        ("http://host/path:with@at", "http://host/path:with@at"),
        ("see http://host and mail me@home", "see http://host and mail me@home"),
        ("{'adminPass': 'x1'}", "{'adminPass': '***'}"),
    ],
)
def test_mask(text, masked):
    assert log.mask(text) == masked


def test_a_record_with_wrong_arguments_passes_the_filter():
    record = logging.LogRecord("n", logging.INFO, "f", 1, "%d secret", ("x",), None)
    assert log._Mask().filter(record)
