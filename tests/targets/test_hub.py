"""A model on a hub: named, fetched once, then weighed as the folder it is."""

import asyncio
import hashlib
import struct

import pytest
from tests.fakes.hub import COMMIT, FakeHub
from tests.fakes.tiny_model import copy_tiny_model

from qistas.contracts.errors import BadInput, MissingExtra, TargetFailed, UnknownName
from qistas.contracts.exchanges import (
    ChatRequest,
    Decoding,
    FileInspection,
    Message,
    ReleaseFile,
    ScoreRequest,
)
from qistas.contracts.protocols import AuditableTarget, StreamingTarget, Target, call_size_of
from qistas.targets.hub import HubTarget, HubWholeRelease
from qistas.targets.inspection.inspect import inspect_file
from qistas.targets.local import TransformersTarget
from qistas.targets.refs import parse_ref

REQUEST = ChatRequest(messages=(Message("user", "hello"),), decoding=Decoding(max_tokens=5))
FETCHED = [
    "LICENSE",
    "README.md",
    "chat_template.jinja",
    "config.json",
    "docs/data.md",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
]
GGUF = (
    b"GGUF"
    + struct.pack("<IQQ", 3, 0, 1)
    + struct.pack("<Q", 15)
    + b"general.license"
    + struct.pack("<IQ", 8, 3)
    + b"mit"
)
LEFT = ["modeling.py", "onnx/model.safetensors", "pytorch_model.bin", "training.log"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = copy_tiny_model(tmp_path_factory.mktemp("hub") / "tiny")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Tiny\n")
    (folder / "LICENSE").write_text("MIT License\n")
    for name in ("docs/data.md", *LEFT):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"this is {name}")
    return folder


@pytest.fixture
def hub(repository, monkeypatch):
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    with FakeHub("org/tiny", repository).in_thread() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def opened(target):
    async def main():
        info = await target.open()
        found = await target.answer([REQUEST])
        await target.close()
        return info, found

    return asyncio.run(main())


@pytest.mark.parametrize("ref", ["hf:org/tiny", "hf:org/tiny@v1", f"hf:org/tiny@{COMMIT}"])
def test_a_model_is_fetched_and_is_the_folder_it_was_made_from(hub, repository, tmp_path, ref):
    target = HubTarget(parse_ref(ref), cache=tmp_path)
    assert isinstance(target, Target)
    info, found = opened(target)
    local, expected = opened(TransformersTarget(repository, ref=ref, revision=COMMIT))
    assert (info, found) == (local, expected)
    assert sorted(hub.fetched) == FETCHED


def test_scores_are_streamed_and_audited_as_from_the_folder(hub, repository, tmp_path):
    requests = [ScoreRequest(messages=REQUEST.messages, continuation=c) for c in (" Paris", " Rome", "")]

    async def main(target):
        await target.open()
        assert isinstance(target, StreamingTarget)
        assert isinstance(target, AuditableTarget)
        assert call_size_of(target) == 1024
        streamed = [one async for group in target.answers(requests) for one in group]
        found = sorted(streamed), list(await target.audit(requests))
        await target.close()
        return found

    found = asyncio.run(main(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path)))
    assert found == asyncio.run(main(TransformersTarget(repository)))
    with pytest.raises(TargetFailed, match="not opened"):
        asyncio.run(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path).answer(requests))


def test_the_release_lists_everything_and_reads_the_documents(hub, repository, tmp_path):
    target = HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path)
    listing = target.release.listing()
    assert [f.path for f in listing.files] == sorted([*FETCHED, *LEFT])
    assert (listing.source, listing.revision) == ("hf:org/tiny", COMMIT)
    assert listing.texts["README.md"].startswith("---\nlicense: mit")
    files = {f.path: f for f in listing.files}
    weights = (repository / "model.safetensors").read_bytes()
    assert files["model.safetensors"] == ReleaseFile(
        path="model.safetensors", size_bytes=len(weights), sha256=hashlib.sha256(weights).hexdigest()
    )
    assert files["pytorch_model.bin"] == ReleaseFile(path="pytorch_model.bin", size_bytes=25, sha256=None)
    assert sorted(hub.fetched) == FETCHED


def test_the_code_of_the_model_is_fetched_where_it_is_allowed_to_run(hub, tmp_path):
    folder = HubTarget(parse_ref("hf:org/tiny"), trust_remote_code=True, cache=tmp_path).folder
    assert (folder / "modeling.py").is_file()


def test_the_cache_is_enough_without_a_network(hub, tmp_path, monkeypatch):
    first, _ = opened(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path))
    hub.fetched.clear()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    unreachable, _ = opened(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    offline, _ = opened(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path))
    assert first == unreachable == offline
    assert hub.fetched == []


def test_the_listing_of_fetched_files_is_enough_where_the_cache_lost_the_rest(hub, tmp_path, monkeypatch):
    target = HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path)
    assert target.folder.name == COMMIT
    monkeypatch.setattr("huggingface_hub.get_cached_repo_tree", None)
    assert [f.path for f in target.release.listing().files] == FETCHED


@pytest.mark.parametrize("offline", ["0", "1"])
def test_neither_network_nor_cache_is_a_failed_target(hub, tmp_path, monkeypatch, offline):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_OFFLINE", offline)
    with pytest.raises(TargetFailed, match="not in the cache and the hub cannot be reached"):
        opened(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path))


@pytest.mark.parametrize(
    ("ref", "refuse", "error", "words"),
    [
        ("hf:org/other", None, UnknownName, "the hub shows no model 'org/other'"),
        ("hf:org/tiny@v2", None, UnknownName, "'org/tiny' has no revision 'v2'"),
        ("hf:org/tiny", "private", UnknownName, "a private model needs a token in HF_TOKEN"),
        ("hf:org/tiny", "gated", BadInput, "accept its conditions on the hub"),
    ],
)
def test_what_the_hub_refuses_is_said_with_the_next_step(hub, tmp_path, ref, refuse, error, words):
    hub.refuse = refuse
    with pytest.raises(error, match=words) as caught:
        opened(HubTarget(parse_ref(ref), cache=tmp_path))
    assert caught.value.exit_code == 2


def test_a_token_opens_a_gated_model_and_is_never_shown(hub, tmp_path, monkeypatch):
    hub.refuse = "gated"
    monkeypatch.setenv("HF_TOKEN", hub.token)
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "0")
    info, _ = opened(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path))
    assert hub.token not in repr(info)


def test_a_repository_of_pickles_is_refused(tmp_path, monkeypatch):
    folder = copy_tiny_model(tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with FakeHub("org/pickled", folder).in_thread() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        with pytest.raises(BadInput, match="no safetensors weights"):
            opened(HubTarget(parse_ref("hf:org/pickled"), cache=tmp_path / "cache"))
        assert "pytorch_model.bin" not in hub.fetched


def test_a_cache_that_cannot_be_written_is_one_clear_message(hub, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(TargetFailed, match="fetching 'hf:org/tiny' failed: "):
        opened(HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path / "file"))


def test_asking_before_opening_is_an_error_and_closing_is_not():
    target = HubTarget(parse_ref("hf:org/tiny"))
    asyncio.run(target.close())
    with pytest.raises(TargetFailed, match="not opened"):
        asyncio.run(target.answer([REQUEST]))


def test_without_the_hub_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra, match="fetching a model from the hub"):
        asyncio.run(HubTarget(parse_ref("hf:org/tiny")).open())


def looked_at(path, name, *, sha256, seconds):
    assert 0 < seconds <= 10
    return FileInspection(path=name, format="other", size_bytes=path.stat().st_size, sha256=sha256)


def test_openness_is_judged_without_fetching_weights(hub, repository, tmp_path):
    source = HubWholeRelease(parse_ref("hf:org/tiny@v1"), inspect=looked_at, cache=tmp_path)
    listing = source.listing()
    left = ["model.safetensors", "onnx/model.safetensors", "pytorch_model.bin", "training.log"]
    assert sorted(hub.fetched) == sorted([*(name for name in FETCHED if name not in left), "modeling.py"])
    assert listing.listed_only == tuple(left)
    assert [file.path for file in listing.files] == sorted([*FETCHED, *LEFT])
    assert (listing.source, listing.revision, source.notes) == ("hf:org/tiny@v1", COMMIT, ())
    assert {file.path: file for file in listing.files}["model.safetensors"] == ReleaseFile(
        path="model.safetensors",
        size_bytes=(repository / "model.safetensors").stat().st_size,
        sha256=hashlib.sha256((repository / "model.safetensors").read_bytes()).hexdigest(),
    )
    assert "modeling.py" in {one.path for one in listing.inspections}
    assert {"README.md", "LICENSE", "docs/data.md", "config.json"} <= set(listing.texts)


def test_openness_of_what_the_cache_holds_needs_no_network(hub, tmp_path, monkeypatch):
    def listed():
        return HubWholeRelease(parse_ref("hf:org/tiny"), inspect=looked_at, cache=tmp_path).listing()

    first = listed()
    hub.fetched.clear()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    unreachable = listed()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert unreachable == listed()
    assert (unreachable.texts, unreachable.listed_only) == (first.texts, first.listed_only)
    beyond = {one.path for one in first.inspections} - {one.path for one in unreachable.inspections}
    assert beyond == {"model.safetensors", "onnx/model.safetensors"}
    assert hub.fetched == []


def test_headers_of_weights_are_seen_as_in_the_file_and_the_weights_are_not_fetched(
    hub, repository, tmp_path
):
    (repository / "big.gguf").write_bytes(GGUF + bytes(5 * 2**20))
    try:
        source = HubWholeRelease(parse_ref("hf:org/tiny"), inspect=looked_at, cache=tmp_path)
        seen = {one.path: one for one in source.listing().inspections}
        for name in ("big.gguf", "model.safetensors"):
            digest = hashlib.sha256((repository / name).read_bytes()).hexdigest()
            known = digest if name.endswith(".safetensors") else None
            assert seen[name] == inspect_file(repository / name, name, sha256=known)
    finally:
        (repository / "big.gguf").unlink()
    assert seen["big.gguf"].metadata["general.license"] == "mit"
    assert seen["model.safetensors"].tensors > 0
    assert not {"big.gguf", "model.safetensors"} & set(hub.fetched)
    assert max(last - first + 1 for _, first, last in hub.parts) <= 2**20
    assert sum(last - first + 1 for path, first, last in hub.parts if path == "big.gguf") < 4 * 2**20


def test_what_the_hub_says_of_a_repository_is_noted(hub, tmp_path):
    hub.tags, hub.gated, hub.old_names = ("gguf", "license:mit"), "manual", ("old/tiny",)
    source = HubWholeRelease(parse_ref("hf:old/tiny"), inspect=looked_at, cache=tmp_path)
    listing = source.listing()
    assert source.renamed_to == "org/tiny"
    assert [note.en for note in source.notes] == [
        "the hub calls old/tiny org/tiny today",
        "gated on the hub (manual): files are given to those who accept its conditions",
        "the hub's licence tag: mit",
    ]
    assert {"README.md", "LICENSE"} <= set(listing.texts)


def test_a_server_that_gives_no_ranges_gives_no_headers_and_no_weights(hub, tmp_path):
    hub.ranges = False
    source = HubWholeRelease(parse_ref("hf:org/tiny"), inspect=looked_at, cache=tmp_path)
    seen = {one.path for one in source.listing().inspections}
    assert "model.safetensors" not in seen
    assert [note.en for note in source.notes] == [
        "headers of weights not read any further: the hub answered 200 to a range"
    ]


def test_headers_are_not_asked_for_where_only_documents_are_wanted(hub, tmp_path):
    source = HubWholeRelease(parse_ref("hf:org/tiny"), inspect=looked_at, cache=tmp_path, headers=False)
    assert "model.safetensors" not in {one.path for one in source.listing().inspections}
    assert hub.parts == []


def test_weights_that_the_cache_holds_are_inspected(hub, tmp_path):
    target = HubTarget(parse_ref("hf:org/tiny"), cache=tmp_path)
    assert target.folder.name == COMMIT
    listing = HubWholeRelease(parse_ref("hf:org/tiny"), inspect=looked_at, cache=tmp_path).listing()
    assert "model.safetensors" in {one.path for one in listing.inspections}
    assert listing.listed_only == ("onnx/model.safetensors", "pytorch_model.bin", "training.log")


def test_documents_are_fetched_by_name_where_no_listing_is_kept(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.get_cached_repo_tree", None)
    listing = HubWholeRelease(parse_ref("hf:org/tiny"), inspect=looked_at, cache=tmp_path).listing()
    assert set(listing.texts) == {"LICENSE", "README.md", "docs/data.md"}
    assert listing.listed_only == ()
