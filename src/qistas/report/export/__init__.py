"""What was found, in the formats of others: bills of materials, model cards, collections of results.

``OF_RUNS``: what a ledger can be written as, ``OF_RELEASES``: what the openness of a release can be written as.
"""

OF_RUNS = (
    "cyclonedx",
    "spdx3",
    "model-index",
    "eval-results",
    "every-eval-ever",
    "mof",
    "card-section",
)
OF_RELEASES = ("cyclonedx", "spdx3", "mof", "card-section")
