"""What a release leads to: policies fetched because that was asked for, and parents that are at hand."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.fakes.hub import FakeHub

import qistas
from qistas import api
from qistas.api import reading_on
from qistas.targets import web_documents

POLICY = b"""<title>Acceptable Use Policy</title><h1>Acceptable Use Policy</h1>
<p>You agree you will not use, or allow others to use, the model to generate, promote or further defamatory content.</p>"""
COMMIT = "55a15ef1d1cc3a779bfef2af7a9fce6657bb833d"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/use-policy"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(POLICY)))
        self.end_headers()
        self.wfile.write(POLICY)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(web_documents, "LOOPBACK", True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path / "cache"


def release(root: Path, card: str, licence: str = "") -> Path:
    root.mkdir(parents=True)
    (root / "README.md").write_text(card)
    if licence:
        (root / "LICENSE").write_text(licence)
    return root


def assessed(root: Path | str, *, fetch: bool = False) -> dict:
    settings = api.OpennessSettings(read_on="2026-01-31", fetch=fetch)
    return json.loads(api.openness_pages(qistas.openness(str(root), settings=settings), "json"))


def card(base: str) -> str:
    return f"---\nlicense: mit\nbase_model: {base}\n---\n# Model\n"


def test_a_policy_is_fetched_only_when_asked_and_joins_the_licence(site: str, tmp_path: Path) -> None:
    refers = "Your use must adhere to the Acceptable Use Policy for the model"
    says = f"EXAMPLE LICENSE AGREEMENT\n\n{refers} (available at {site}/use-policy), which is hereby incorporated by reference.\n"
    says += f"Also the one at {site}/absent, which is incorporated by reference.\n"
    root = release(tmp_path / "model", "---\nlicense: other\n---\n# Model\n", says)
    alone, fetched = assessed(root), assessed(root, fetch=True)

    def policies(made: dict) -> list[tuple[str, bool]]:
        return [(one["file"], bool(one["clauses"])) for one in made["licences"] if one["place"] == "policy"]

    assert policies(alone) == [("LICENSE", False)]
    address = site.removeprefix("http://").replace(":", "_")
    path = f"incorporated/{address}_use-policy.txt"
    assert policies(fetched) == [(path, True)]
    quote = next(one for one in fetched["licences"] if one["place"] == "policy")["evidence"][0]
    assert (quote["file"], quote["origin"]) == (path, f"{site}/use-policy")
    texts = next(one for one in fetched["licences"] if one["file"] == "LICENSE")
    assert path in {clause["file"] for clause in texts["clauses"]}
    assert [note["en"] for note in fetched["release"]["notes"]] == [
        f"{site.removeprefix('http://')}/absent: the server answered 404".replace(
            site.removeprefix("http://"), site
        )
    ]


def test_policies_are_bounded_in_number_and_never_take_each_others_place(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_on, "MOST_POLICIES", 1)
    says = "".join(
        f"The policy at {site}/{name} is incorporated by reference.\n" for name in ("use-policy", "b")
    )
    root = release(tmp_path / "model", says)
    notes = assessed(root, fetch=True)["release"]["notes"]

    assert [note["en"] for note in notes] == ["incorporated documents not fetched: 1"]
    assert reading_on._path_of("x.org/a", {"incorporated/x.org_a.txt": ""}) == "incorporated/x.org_a_2.txt"


def test_parents_in_the_hubs_cache_are_read_up_to_the_root(cache: Path, tmp_path: Path) -> None:
    for name, base in (("org--base", "org/root"), ("org--root", "org/unknown")):
        snapshot = release(cache / f"models--{name}/snapshots/{COMMIT}", card(base))
        (snapshot.parent.parent / "refs").mkdir()
        (snapshot.parent.parent / "refs/main").write_text(COMMIT)
    (cache / "models--org--broken/snapshots/a").mkdir(parents=True)
    (cache / "models--org--broken/snapshots/b").mkdir()
    data = "---\nlicense: mit\nbase_model: org/base\ndatasets: [org/data, org/broken]\n---\n# Model\n"
    (release(cache / f"datasets--org--data/snapshots/{COMMIT}", "---\nlicense: cc-by-4.0\n---\n# Data\n"))
    made = assessed(release(tmp_path / "model", data))

    nodes = {one["id"]: (one["status"], one["licence"]) for one in made["lineage"]["nodes"]}
    assert nodes["org/base"] == nodes["org/root"] == ("read", "MIT")
    assert nodes["datasets/org/data"][0] == "read"
    assert nodes["org/unknown"][0] == "named"  # no hub was asked for it
    assert [note["en"] for note in made["release"]["notes"]] == [
        f"org/base: read from the hub's cache ({COMMIT})",
        f"org/data: read from the hub's cache ({COMMIT})",
        f"org/root: read from the hub's cache ({COMMIT})",
    ]


def test_a_cached_parent_that_cannot_be_read_is_a_note(cache: Path, tmp_path: Path) -> None:
    for commit in "ab":
        (cache / "models--org--base/snapshots" / commit).mkdir(parents=True)
    made = assessed(release(tmp_path / "model", card("org/base")))

    (note,) = made["release"]["notes"]
    assert note["en"].startswith("org/base: not read (")
    assert "2 snapshots, and none is marked as main" in note["en"]


def test_parents_come_from_the_hub_when_asked_by_the_name_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    base = release(tmp_path / "base", card("org/other"))
    child = release(tmp_path / "model", card("old/base"))
    with FakeHub("new/base", base, old_names=("old/base",)).in_thread() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        alone = assessed(child)
        assert hub.fetched == []
        made = assessed(child, fetch=True)

    assert {one["id"] for one in alone["lineage"]["nodes"]} == {"model", "old/base"}
    nodes = {one["id"]: (one["status"], one["renamed_to"]) for one in made["lineage"]["nodes"]}
    assert nodes["old/base"] == ("renamed", "new/base")
    assert nodes["new/base"] == ("read", None)
    assert nodes["org/other"] == ("missing", None)
    assert [note["en"].partition(" (")[0] for note in made["release"]["notes"]] == ["org/other: not read"]


def test_the_hub_is_asked_for_so_many_parents_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(reading_on, "MOST_PARENTS", 1)
    child = release(tmp_path / "model", card("[org/one, org/two]"))
    with FakeHub("org/none", tmp_path).in_thread() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        made = assessed(child, fetch=True)

    assert [note["en"].partition(" (")[0] for note in made["release"]["notes"]] == ["org/one: not read"]
