"""Releases weighed on openness, and that as text, JSON or pages."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from qistas.api.reading_on import Read, parents_of, with_policies
from qistas.contracts.documents import Language
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.openness import Assessment
from qistas.report.export import OF_RELEASES

if TYPE_CHECKING:
    from qistas.evaluations.openness.licence_own_texts import OwnTexts
    from qistas.evaluations.openness.record import ReleaseRecord

OPENNESS_FORMATS = ("text", "json", "html", "markdown", *OF_RELEASES)


class OpennessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How releases are read. ``licence_texts``: a folder with the texts of licences (files of LicenseDB), to show where a text departs from
    its own; by default those of the package ``licensedcode-data``, where it is installed.

    ``parents``: what a release was made from, ``org/name`` to where that release is; its lineage is then read on from there.
    A repository that was renamed is given as ``old/name`` to ``new/name``, which is given too.
    ``read_on``: the date for the head of the result, as 2026-01-31; today if absent. Nothing else depends on it.
    ``public_key``: the signer's (PEM); signatures of the releases are verified under it (extra ``signing``).
    ``fetch``: documents that a licence incorporates by reference are fetched from where it says that they stand, and the documents of
    what a release was made from, from the hub. Without it, parents are looked for in the hub's cache on this machine only.
    """

    licence_texts: Path | None = None
    parents: Mapping[str, str] = msgspec.field(default_factory=dict)
    read_on: str | None = None
    public_key: Path | None = None
    fetch: bool = False


def openness(
    *releases: str | os.PathLike[str], settings: OpennessSettings | None = None
) -> tuple[Assessment, ...]:
    """What is open of each release, with the words that say so, in the order given.

    A release is a folder (a git checkout, a snapshot in a hub cache, documents beside a file list ``TREE.txt``), a file,
    ``hf:org/name[@revision]`` (documents and headers of weights; naming it is what allows the network) or ``sanja``.

    Raises:
        BadInput: every release that cannot be read, with all its faults at once.
        TargetFailed: a hub cannot be reached and the cache does not hold the release.
    """
    from qistas.evaluations.openness.assessment import record_of

    chosen = settings or OpennessSettings()
    _check(releases, chosen)
    read_on, own = _date(chosen.read_on), _own_texts(chosen.licence_texts)
    faults: list[Fault] = []
    renamed = {old: new for old, new in chosen.parents.items() if new in chosen.parents}
    there = {name: place for name, place in chosen.parents.items() if name not in renamed}
    parents = {name: one for name, place in there.items() for one in _read(place, None, faults)}
    read = [one for release in releases for one in _read(os.fspath(release), chosen.public_key, faults)]
    if faults:
        raise BadInput(*faults)
    if chosen.fetch:
        read = [with_policies(one) for one in read]
    records = {name: record_of(listing) for name, (listing, _) in parents.items()}
    return tuple(
        _assessed(one, records, renamed, read_on=read_on, own=own, fetch=chosen.fetch) for one in read
    )


def openness_json(made: Sequence[Assessment]) -> bytes:
    """One assessment as an object, several as a list; indented, and the same bytes for the same releases."""
    data = msgspec.json.encode(made[0] if len(made) == 1 else list(made))
    return msgspec.json.format(data, indent=2) + b"\n"


def openness_pages(
    made: Sequence[Assessment],
    format: str = "text",  # noqa: A002 - the command's own word
    lang: Language = "en",
) -> bytes:
    """The assessments as ``text``, ``json``, ``html`` or ``markdown``, or one in a format of ``qistas.report.export``, in bytes."""
    if format == "json":
        return openness_json(made)
    if format == "text":
        from qistas.report.openness_terminal import openness_lines

        return ("\n".join(openness_lines(made, lang)) + "\n").encode()
    if format == "html":
        from qistas.report.openness_html import render_openness_html

        return render_openness_html(made, lang)
    if format == "markdown":
        from qistas.report.openness_markdown import openness_markdown

        return openness_markdown(made, lang).encode()
    if format in OF_RELEASES:
        from qistas.report.export.formats import export_releases

        return export_releases(format, made, lang)
    step = f"one of {', '.join(OPENNESS_FORMATS)}"
    raise BadInput(Fault(f"there is no openness format {format!r}", next_step=step))


def openness_explained(made: Sequence[Assessment], dimension: str, lang: Language = "en") -> str:
    """The ladder of a dimension, the rung that decided, and the evidence with file and line, for each release.

    Raises:
        UnknownName: there is no such dimension; the nearest are named.
    """
    from qistas.report.openness_explained import explained_lines

    return "\n".join(explained_lines(made, dimension, lang)) + "\n"


def parents_in(folder: Path) -> dict[str, str]:
    """The releases in a folder as ``OpennessSettings.parents`` takes them: see ``qistas.targets.release_parents``.

    Raises:
        BadInput: it is no folder, or what it holds cannot be told apart; every fault is said.
    """
    from qistas.targets import release_parents

    return release_parents.parents_in(folder)


def _read(release: str, public_key: Path | None, faults: list[Fault]) -> Iterator[Read]:
    """The listing of a release, and what there is to say about the reading; none where there are faults."""
    from qistas.wiring import whole_release_for

    try:
        source = whole_release_for(release, public_key)
        yield Read(source.listing(), source.notes)
    except BadInput as error:
        faults += error.faults


def _assessed(
    read: Read,
    parents: Mapping[str, ReleaseRecord],
    renamed: Mapping[str, str],
    *,
    read_on: str,
    own: OwnTexts | None,
    fetch: bool,
) -> Assessment:
    from qistas.evaluations.openness.assessment import assess

    found = parents_of(read.listing, parents, fetch=fetch)
    return assess(
        read.listing,
        read_on=read_on,
        notes=(*read.notes, *found.notes),
        own=own,
        parents={**parents, **found.parents} or None,
        renamed={**renamed, **found.renamed},
        sought=found.sought,
    )


def _check(releases: Sequence[str | os.PathLike[str]], chosen: OpennessSettings) -> None:
    """What is wrong before anything is read: an empty name, a key that is none."""
    if any(not os.fspath(release) for release in releases):
        raise BadInput(
            Fault("the name of a release is empty", next_step="give a folder, a file or hf:org/name")
        )
    if chosen.public_key is not None:
        from qistas.wiring import check_public_key

        check_public_key(chosen.public_key)


def _own_texts(folder: Path | None) -> OwnTexts | None:
    from qistas.evaluations.openness.licence_own_texts import OwnTexts

    if folder is None:
        return OwnTexts.installed()
    if not folder.is_dir():
        step = "give --licence-texts a folder of licence texts"
        raise BadInput(Fault("there is no such folder", str(folder), step))
    return OwnTexts(folder)


def _date(on: str | None) -> str:
    if on is None:
        return datetime.now(UTC).date().isoformat()
    try:
        return date.fromisoformat(on).isoformat()
    except ValueError as error:
        raise BadInput(Fault(f"{on!r} is no date", "--read-on", "write it like 2026-01-31")) from error
