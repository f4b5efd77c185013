"""The one way in which a verification ends badly: an item, a code, and what was found."""

from __future__ import annotations


class Bad(Exception):
    """The first thing that is wrong."""

    def __init__(self, item: str, code: str, detail: str = "") -> None:
        """Name the ``item`` and what is wrong with it, by the code of a sentence in `words`."""
        super().__init__(item, code, detail)
        self.item = item
        self.code = code
        self.detail = detail


def brief(value: object) -> str:
    """Return ``value`` short and printable, wherever it comes from."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in str(value)[:100])
    return shown.encode("utf-8", "replace").decode()
