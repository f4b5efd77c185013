"""The parser's tables, computed once and kept beside the grammar, which costs every command less.

They serve only the very grammar and release of lark from which they were made; for any other the
parser is built from the grammar, as it would be without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

GRAMMAR: Final = "grammar.lark"
TABLES: Final = "grammar.json"
PLACE: Final = Path(__file__).with_name(TABLES)


def parser() -> Lark:
    """Return the parser of deadlines."""
    kept = _kept()
    if kept is None:
        return built()
    load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001 - as lark's own standalone parsers do
    return load(*_numbered(kept["tables"]))


def built() -> Lark:
    """Return the parser, its tables computed from the grammar."""
    return Lark(_source(), parser="lalr", maybe_placeholders=True)


def document() -> str:
    """Return what is to be kept beside the grammar: what is, where it was made from the same.

    Computed anew, equal tables come out in another order.
    """
    if _kept() is not None:
        return PLACE.read_text(encoding="utf-8")
    tables = built().memo_serialize([TerminalDef, Rule])
    kept = {"made_from": _made_from(), "tables": tables}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n"


def are_kept() -> bool:
    """Return whether what is kept was made from this grammar by this release of lark."""
    return _kept() is not None


def _kept() -> dict[str, Any] | None:
    try:
        found = json.loads(files(__package__).joinpath(TABLES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    kept: dict[str, Any] | None = found if found["made_from"] == _made_from() else None
    return kept


def _source() -> str:
    return files(__package__).joinpath(GRAMMAR).read_text(encoding="utf-8")


def _made_from() -> dict[str, str]:
    return {"lark": lark.__version__, "grammar": sha256(_source().encode()).hexdigest()}


def _numbered(value: Any) -> Any:
    """Return JSON with the numbers that were keys made numbers again."""
    if isinstance(value, dict):
        return {int(k) if k.isdigit() else k: _numbered(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbered(v) for v in value]
    return value
