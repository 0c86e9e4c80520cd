"""No telemetry."""

from __future__ import annotations

import os


def no_telemetry() -> None:
    """Keep the hub's library from telling anyone that it is used.

    It asks its home, whatever ``HF_ENDPOINT`` says, for a list of programs to recognise its caller by, and
    names the caller to every server. The variable counts where it is not imported yet, the constant where it is.
    """
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        from huggingface_hub import constants
    except ImportError:
        return
    constants.HF_HUB_DISABLE_TELEMETRY = True
