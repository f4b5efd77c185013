"""What the YAML parser found, in words that are translated; its own are English alone."""

from __future__ import annotations

from typing import Final

from engine.errors import N_, Worded

BEGINNINGS: Final = (
    ("mapping values are not allowed", N_("a colon stands where none can stand")),
    ("sequence entries are not allowed", N_("a dash stands where no list can begin")),
    ("expected ',' or ']'", N_("a list in brackets is not closed")),
    ("expected ',' or '}'", N_("a map in braces is not closed")),
    ("expected <block end>", N_("this line does not stand in one column with those it belongs to")),
    ("expected the node content", N_("nothing stands where a value is expected")),
    ("could not find expected ':'", N_("a colon is missing after a key")),
    ("found unexpected end of stream", N_("a text in quotation marks is not closed")),
    (
        "found unknown escape character",
        N_("what follows a backslash is unknown"),
    ),
    ("found character", N_("a text begins with a character that needs quotation marks, or a tab")),
)
"""How the parser's sentence begins, and what is said instead."""


def in_words(problem: str) -> str:
    """Return ``problem`` in words of our own, or as it is where there are none."""
    words = next((words for said, words in BEGINNINGS if problem.startswith(said)), None)
    return problem if words is None else Worded(words)
