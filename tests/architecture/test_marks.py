"""What the code marks for people: it is in the catalogues, and every name it uses has a word."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from babel.util import pathmatch

from adapters.error_values import MARKED
from adapters.words import WORDS

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "adapters" / "locale" / "zh" / "LC_MESSAGES" / "duban.po"


def sources() -> Iterator[tuple[Path, ast.AST]]:
    files = [*ROOT.glob("cli.py")]
    for package in ("engine", "workflows", "adapters"):
        files += sorted((ROOT / package).rglob("*.py"))
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from ((path, node) for node in ast.walk(tree))


def called(node: ast.AST) -> str:
    """The name of the function that a node calls; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def literal(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


MAPPINGS = tomllib.loads((ROOT / "babel.toml").read_text(encoding="utf-8"))["mappings"]


def marks(path: Path) -> set[str]:
    """The calls whose first argument is a message in that file, as babel.toml says."""
    name = path.relative_to(ROOT).as_posix()
    mapping = next(m for m in MAPPINGS if any(pathmatch(p, name) for p in m["pattern"]))
    return {"N_"} | {keyword for keyword in mapping.get("keywords", ()) if ":" not in keyword}


def keywords(node: ast.AST, name: str) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (k.value for k in node.keywords if k.arg == name)


def test_every_mark_is_in_the_catalogue_wherever_it_stands() -> None:
    with CATALOGUE.open("rb") as file:
        known = {message.id for message in read_po(file)}
    marked = {
        literal(node.args[0]): path.name
        for path, node in sources()
        if isinstance(node, ast.Call) and node.args and called(node) in marks(path)
    }
    del marked[""]
    assert len(marked) > 300
    missing = {m: name for m, name in marked.items() if m not in known}
    assert missing == {}, "run: make messages; a mark within an f-string also goes to UNSEEN"


def test_values_that_are_marked_have_a_name_by_which_they_are_translated() -> None:
    rendering = {"text", "note", "add", "at"} | {
        node.name
        for _, node in sources()
        if isinstance(node, ast.ClassDef) and "template = " in ast.unparse(node)
    }
    assert len(rendering) > 30
    given = {
        (called(node), str(keyword.arg))
        for _, node in sources()
        if isinstance(node, ast.Call) and called(node) in rendering
        for keyword in node.keywords
        if called(keyword.value) == "N_"
    }
    assert len(given) > 10
    assert [one for one in given if one[1] not in MARKED] == []


def test_what_is_missing_or_taken_has_a_word() -> None:
    asked = {
        literal(value)
        for _, node in sources()
        if called(node) in {"NotFound", "AlreadyExists"}
        for value in keywords(node, "what")
    }
    assert len(asked) > 5
    assert asked - {""} - set(WORDS["what"]) == set()


def test_what_is_asked_has_a_word() -> None:
    asked = {literal(value) for _, node in sources() for value in keywords(node, "act")}
    for _, node in sources():
        if called(node) in {"permit", "_permitted"} and isinstance(node, ast.Call):
            asked |= {literal(a) for a in node.args if literal(a) not in {"", "self"}}
    assert len(asked) > 5
    assert asked - {""} - set(WORDS["act"]) - set(WORDS["trigger"]) == set()


def test_numbers_of_deadlines_have_a_word() -> None:
    asked = {
        literal(node.args[1])
        for _, node in sources()
        if called(node) == "within" and isinstance(node, ast.Call) and len(node.args) > 1
    }
    assert len(asked) > 5
    assert asked - {""} - set(WORDS["deadline"]) == set()
