"""What Sentry is told of a fault: enough to find it, nothing of a person."""

import json
import subprocess
import sys

from tests.services import ROOT, Installation

SCRIPT = """
import json, sys
from newsroom import faults
from sentry_sdk.transport import Transport

class Kept(Transport):
    def capture_envelope(self, envelope):
        for item in envelope.items:
            sys.stdout.write(json.dumps(item.payload.json) + "\\n")

faults.tell("http://key@sentry.example/1", transport=Kept)
from django.test import Client
from articles.views import machines
from articles import tasks

def fail(*_):
    password = "correct horse"
    raise RuntimeError("out of ink")

machines.static = fail
client = Client(raise_request_exception=False, headers={"user-agent": "Tell/1", "cookie": "sessionid=mine"})
client.get("/favicon.ico?q=secret-word", REMOTE_ADDR="203.0.113.9")
"""


def test_a_fault_is_told_without_what_was_asked_and_by_whom(tmp_path):
    place = Installation(tmp_path)
    done = subprocess.run(
        place.command("shell", "--verbosity", "0", "--command", SCRIPT),
        env={**place.environment, "NEWSROOM_ALLOWED_HOSTS": "testserver"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (event,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert event["exception"]["values"][-1]["value"] == "out of ink"
    assert len(event["tags"]["request_id"]) == 32
    assert "favicon" in event["transaction"]
    for secret in ("secret-word", "203.0.113", "Tell/1", "sessionid", "user"):
        assert secret not in json.dumps({name: event[name] for name in event if name not in ("exception", "modules")})
    assert all("vars" not in frame for frame in event["exception"]["values"][-1]["stacktrace"]["frames"])


def test_the_library_is_not_even_loaded_without_an_address():
    script = "import sys\nfrom newsroom import faults\nfaults.tell('')\nassert 'sentry_sdk' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
