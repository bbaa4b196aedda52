"""What leaves the machine leaves through one guarded door: no other module can so much as open a connection."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOOR = ROOT / "articles" / "fetch.py"
MODULES = sorted(path for room in ("articles", "newsroom") for path in (ROOT / room).rglob("*.py") if path != DOOR)

# Whatever can carry bytes away: clients of the web, of mail and files, plain sockets, and programs that would do it.
CLIENTS = {
    *("aiohttp", "asyncio", "curl_cffi", "ftplib", "h2", "http.client", "httplib2", "httpx", "imaplib", "nntplib"),
    *("paramiko", "poplib", "pycurl", "requests", "requests_hardened", "smtplib", "socket", "socketserver", "ssl"),
    *("telnetlib", "treq", "urllib.request", "urllib3", "websocket", "websockets", "xmlrpc", "django.core.mail"),
    *("subprocess", "os.popen", "os.system", "webbrowser", "importlib.import_module"),
}
OURSELVES = {  # start this program again, as a process of its own
    ROOT / "articles" / "tasks" / "offering.py": "subprocess",
    ROOT / "articles" / "ingest" / "apart.py": "subprocess",
}


def reached(source: str) -> set[str]:
    """Full dotted names that a module imports, or reaches through what it imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names.add(ast.unparse(node))
        elif isinstance(node, ast.Name) and node.id in ("__import__", "eval", "exec"):
            names.add("importlib.import_module")
    return names


def clients_in(source: str) -> set[str]:
    return {name for name in reached(source) for client in CLIENTS if f"{name}.".startswith(f"{client}.")}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_but_the_door_can_open_a_connection(module):
    found = {name for name in clients_in(module.read_text("utf-8")) if name.split(".")[0] != OURSELVES.get(module)}
    assert not found, "ask articles.fetch, which checks where it leads"


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "from requests import get",
        "import urllib.request as anything",
        "from urllib import request",
        "import urllib\nurllib.request.urlopen('https://elsewhere.example/')",
        "from http.client import HTTPSConnection",
        "def late():\n    import socket",
        "__import__('requests')",
        "import subprocess",
        "from django.core.mail import send_mail",
    ],
)
def test_each_way_out_is_seen(source):
    assert clients_in(source)


@pytest.mark.parametrize("source", ["from urllib.parse import urlsplit", "import http", "from articles import fetch"])
def test_what_opens_nothing_is_left_alone(source):
    assert not clients_in(source)


def test_the_door_is_where_the_clients_are():
    assert {"requests", "socket"} <= clients_in(DOOR.read_text("utf-8"))
