"""The version of Qistas."""

__version__ = "0.1.0"
