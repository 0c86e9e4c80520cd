"""The public surface changes only on purpose."""

import importlib
import pkgutil

import pytest

import qistas
from qistas.contracts.version import __version__

PUBLIC = ["__version__", "compare", "measure", "openness", "report", "verify", "weigh"]


def test_qistas_exports_exactly_its_verbs() -> None:
    assert sorted(qistas.__all__) == PUBLIC
    assert all(callable(getattr(qistas, name)) for name in PUBLIC if name != "__version__")
    assert qistas.__version__ == __version__


def test_the_verb_report_stays_the_verb_when_the_room_of_that_name_is_imported() -> None:
    importlib.import_module("qistas.report.json")
    assert callable(qistas.report)
    assert qistas.report.__module__ == "qistas.api.reporting"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="weight"):
        qistas.weight  # noqa: B018 - the access is what is tested


def test_every_exported_name_of_every_module_exists() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(qistas.__path__, "qistas.")
        if "__main__" not in module.name
    ]
    missing = [
        f"{name}.{export}"
        for name in names
        for module in [importlib.import_module(name)]
        for export in getattr(module, "__all__", [])
        if not hasattr(module, export)
    ]

    assert len(names) > 30
    assert missing == []
