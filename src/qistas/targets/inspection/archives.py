"""What lies in an archive: pickles under any name, arrays of objects, code and descriptions of layers."""

from __future__ import annotations

from collections.abc import Iterable

from qistas.targets.inspection import hdf5, kinds, numpies, pickles, second_opinion, tars, zips
from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

_PICKLE_NAMES = (".pkl", ".pickle", ".ckpt", ".pth", ".pt", ".bin")


def read_zip(source: Source, reading: Reading) -> int | None:
    """Looks at every member; where the archive begins, or ``None`` where it cannot be read."""
    archive = zips.Archive(source, reading)
    if not archive.open():
        return None
    reading.say("zip.members", len(archive.names()))
    _members(archive.members(), reading)
    return archive.start


def read_tar(source: Source, reading: Reading) -> None:
    """Looks at every member."""
    _members(tars.members(source, reading), reading)


def _members(members: Iterable[zips.Member], reading: Reading) -> None:
    found = [member.name for member in members if _holds_pickle(member, reading)]
    own = [name for name in found if name.rpartition("/")[2] == "data.pkl"]
    if own:
        reading.say("pickle.kind", "torch-zip")
        for name in found:
            if name not in own[:1]:
                reading.fault("archive-second-pickle", f"{name!r} is a pickle beside the checkpoint's own")


def _holds_pickle(member: zips.Member, reading: Reading) -> bool:
    """Looks at one member; whether it is a pickle."""
    name, source = member
    if numpies.claims(source):
        numpies.read(source, reading, name)
    elif name.endswith(".json"):
        hdf5.find_lambda(source.at(0, 2**20), reading, name)
    elif name.endswith(".py"):
        reading.fault("archive-code", f"{name!r} is code")
    elif source.at(0, 4) == b"PK\x03\x04" or tars.claims(source):
        reading.fault("archive-nested", f"{name!r} is an archive that was not looked into")
    elif source.at(0, 8) == kinds.HDF5_MAGIC:
        hdf5.read(source, reading)
    elif pickles.probe(source, reading, lenient=_called_pickle(name)):
        if not _called_pickle(name):
            reading.fault("archive-hidden-pickle", f"{name!r} is a pickle and is not called one")
        reading.fault("pickle-format", f"{name!r} is a pickle; loading it follows what it says")
        pickles.read(source, reading, name)
        second_opinion.ask(source, reading, name)
        return True
    return False


def _called_pickle(name: str) -> bool:
    return name == "pickle" or name.lower().endswith(_PICKLE_NAMES)
