"""The verifier as one file: its parts put one behind the other, imports first."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from adapters.bundle import verifier

PARTS = (
    "trouble",
    "sm3",
    "ed25519",
    "canon",
    "tree",
    "notes",
    "stamps",
    "archive",
    "machines",
    "persons",
    "seals",
    "numbers",
    "notices",
    "checks",
    "sentences",
    "running",
)
"""In the order in which each needs only those before it."""

HEAD = '''\
#!/usr/bin/env python3
"""Verify an evidence bundle of duban: python3 verify.py BUNDLE.zip

验证 duban 证据包：python3 verify.py BUNDLE.zip

Needs Python 3.9 or newer and nothing else: no package, no network, no database.
Ends with 0 when all is proven, with 3 naming the first thing that is wrong, with 4 when
nothing is wrong but some events had not been sealed.
"""
'''


@cache
def program() -> bytes:
    """Return the source of `verify.py`, the same bytes always."""
    folder = Path(verifier.__file__).parent
    imports: set[str] = set()
    bodies = []
    for part in PARTS:
        source = (folder / f"{part}.py").read_text(encoding="utf-8")
        mine, body = _apart(source)
        imports |= mine
        bodies.append(f"# --- {part} {'-' * (74 - len(part))}\n\n{body.strip()}\n")
    first = sorted(imports, key=lambda line: (not line.startswith("import"), line))
    text = "\n".join([HEAD, "from __future__ import annotations\n", *first, "\n", *bodies])
    return text.encode()


def _apart(source: str) -> tuple[set[str], str]:
    """Return the imports of the standard library, and what is no import nor the docstring."""
    lines = source.splitlines()
    imports = set()
    for node in ast.parse(source).body:
        is_docstring = isinstance(node, ast.Expr) and node.lineno == 1
        if isinstance(node, ast.Import):
            imports |= {f"import {alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.module != "__future__" and not _ours(node.module or ""):
                imports |= {f"from {node.module} import {alias.name}" for alias in node.names}
        elif not is_docstring:
            continue
        for number in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[number] = ""
    return imports, "\n".join(lines)


def _ours(module: str) -> bool:
    return module.startswith("adapters.")
