"""What a file is by its bytes. A file may be several things at once; then it is made to be read differently."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from qistas.targets.inspection import gguf, numpies, pickles, safetensors, tars, zips
from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_EXECUTABLES = {
    b"\x7fELF": "ELF",
    b"MZ": "PE",
    b"\xfe\xed\xfa\xce": "Mach-O",
    b"\xfe\xed\xfa\xcf": "Mach-O",
    b"\xce\xfa\xed\xfe": "Mach-O",
    b"\xcf\xfa\xed\xfe": "Mach-O",
    b"#!": "script",
}
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x5d\x00\x00": "lzma"}
_UNREAD_ARCHIVES = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x28\xb5\x2f\xfd": "zstd"}
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")

PICKLE_SUFFIXES = frozenset(
    {
        *(".bin", ".ckpt", ".data", ".dat", ".dill", ".joblib", ".mar", ".model", ".p", ".pck", ".pickle"),
        *(".pkl", ".pt", ".pth", ".pt2", ".sav", ".th"),
    }
)
_TEXT_SUFFIXES = frozenset(
    {
        *(
            ".bib",
            ".c",
            ".cfg",
            ".cpp",
            ".css",
            ".csv",
            ".cu",
            ".h",
            ".html",
            ".ini",
            ".ipynb",
            ".j2",
            ".jinja",
        ),
        *(
            ".jinja2",
            ".js",
            ".json",
            ".jsonl",
            ".md",
            ".py",
            ".pyi",
            ".rst",
            ".sh",
            ".sig",
            ".tex",
            ".toml",
            ".tsv",
        ),
        *(".txt", ".xml", ".yaml", ".yml"),
    }
)
# What a name promises; a name that promises nothing can hold anything.
_PROMISED = {
    ".safetensors": {"safetensors"},
    ".gguf": {"gguf"},
    ".npy": {"numpy"},
    ".npz": {"zip"},
    ".zip": {"zip"},
    ".keras": {"zip"},
    ".h5": {"hdf5"},
    ".hdf5": {"hdf5"},
    ".onnx": {"onnx"},
}
_GIT_LFS = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n")


def suffix_of(name: str) -> str:
    """The end of a name, from its last dot, in small letters."""
    return PurePosixPath(name).suffix.lower()


def is_text(name: str) -> bool:
    """Whether a name is that of a text."""
    return suffix_of(name) in _TEXT_SUFFIXES


def is_pointer(source: Source) -> bool:
    """Whether the file only says where the real one is (Git LFS)."""
    return _GIT_LFS.match(source.at(0, 64)) is not None


def claimed(source: Source, name: str, reading: Reading) -> list[str]:
    """Everything that the bytes can be read as: the format by its first bytes, then others. Empty where none is known."""
    found = [form for form, claims in _FORMATS if claims(source)]
    if not found and suffix_of(name) == ".onnx" and source.at(0, 1) == b"\x08":
        found.append("onnx")
    # A text may begin as an old pickle would; a binary pickle begins as no text does.
    binary = pickles.begins(source)
    lenient = suffix_of(name) in PICKLE_SUFFIXES
    if (binary or not is_text(name)) and pickles.probe(source, reading, lenient=lenient):
        found.append("pickle")
    if "zip" not in found and zips.find_end(source) is not None:
        found.append("zip")
    return found


def promised(name: str, found: list[str]) -> str | None:
    """What the name promises and the bytes do not keep."""
    wanted = _PROMISED.get(suffix_of(name))
    kept = wanted is None or bool(wanted.intersection(found))
    return None if kept else suffix_of(name)


def executable(source: Source) -> str | None:
    """The kind of program that the bytes are."""
    return _by_magic(source, _EXECUTABLES)


def compressed(source: Source) -> str | None:
    """How the bytes are compressed."""
    return "zlib" if source.at(0, 2) in _ZLIB else _by_magic(source, _COMPRESSED)


def unread_archive(source: Source) -> str | None:
    """The kind of archive that is not looked into."""
    return _by_magic(source, _UNREAD_ARCHIVES)


def _by_magic(source: Source, magics: dict[bytes, str]) -> str | None:
    return next((kind for magic, kind in magics.items() if source.at(0, len(magic)) == magic), None)


_FORMATS = (
    ("gguf", gguf.claims),
    ("numpy", numpies.claims),
    ("hdf5", lambda source: source.at(0, 8) == HDF5_MAGIC),
    ("zip", lambda source: source.at(0, 4) == b"PK\x03\x04"),
    ("tar", tars.claims),
    ("safetensors", safetensors.claims),
)
