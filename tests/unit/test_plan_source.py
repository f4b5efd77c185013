"""Strict YAML with positions: what is taken, what is refused, and that refusing costs little."""

from __future__ import annotations

import codecs

import pytest

from workflows.plan.diagnostics import Notes
from workflows.plan.source import (
    DEEPEST,
    LARGEST_FILE,
    LONGEST_WORD,
    Mapping,
    Node,
    Scalar,
    Sequence,
    read_source,
)
from workflows.plan.yaml_problems import BEGINNINGS


def tree(text: str) -> Node:
    notes = Notes()
    node = read_source(text.encode(), notes)
    assert node is not None, notes.all()
    return node


def codes(data: bytes) -> list[str]:
    notes = Notes()
    assert read_source(data, notes) is None
    return [d.code for d in notes.all()]


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: {b: 1",
        "a: b: c",
        "a: 'half",
        '"\\q"',
        "\t- a",
        "a: - b",
        "a: 1\nb",
        "a: ]",
        "- a\nb: 1",
    ],
)
def test_what_the_parser_finds_is_said_in_words_of_our_own(text: str) -> None:
    notes = Notes()
    assert read_source(text.encode(), notes) is None
    (found,) = notes.all()
    assert found.values["problem"] in dict(BEGINNINGS).values()


def test_nodes_know_where_they_stand() -> None:
    root = tree("a: 1\nb:\n  - 甲\n  - {c: 乙}\n")
    assert isinstance(root, Mapping)
    key, value = root.entries["b"]
    assert isinstance(value, Sequence)
    first, second = value.items
    assert isinstance(second, Mapping)
    places = [key.place, first.place, second.entries["c"][1].place]
    assert [(p.line, p.column) for p in places] == [(2, 1), (3, 5), (4, 9)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("007", "007"),
        ("1.5", "1.5"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("9" * 16, "9" * 16),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("~", None),
        ("2024-02-30", "2024-02-30"),
        ("17:30", "17:30"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("''", ""),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_only_words_whole_numbers_and_truth_are_told_apart(text: str, value: object) -> None:
    root = tree(f"a: {text}")
    assert isinstance(root, Mapping)
    node = root.entries["a"][1]
    assert isinstance(node, Scalar)
    assert (node.value, type(node.value)) == (value, type(value))


def test_a_byte_order_mark_is_no_fault() -> None:
    notes = Notes()
    assert read_source(codecs.BOM_UTF8 + b"a: 1\n", notes) is not None
    assert notes.all() == ()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("督办: 一\n".encode("gb18030"), "GB18030"),
        ("督办: 一\n".encode("gbk"), "GB18030"),
        ("a: 督办\n".encode("utf-16"), "UTF-16"),
        ("abcdef: 督办\n".encode("utf-16-le"), "UTF-16"),
        ("abcdef: 督办\n".encode("utf-16-be"), "UTF-16"),
        ("a: 督办\n".encode("utf-32"), "UTF-32"),
        (b"a: \xff\xff\xff", "neither UTF-8 nor any Chinese encoding"),
    ],
)
def test_a_wrong_encoding_is_named(data: bytes, encoding: str) -> None:
    notes = Notes()
    assert read_source(data, notes) is None
    (diagnostic,) = notes.all()
    assert (diagnostic.code, diagnostic.values["encoding"]) == ("P103", encoding)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "P101"),
        (b"\n\n", "P101"),
        (b"---\n", "P101"),
        (b"null", "P101"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "P102"),
        (b"a: \x07b", "P102"),
        (b"a: " + bytes(8), "P102"),
        (b"a: [1, 2", "P105"),
        (b"a: b: c", "P105"),
        (b"a: 'half", "P105"),
        (b"\t- a", "P105"),
        (b'a: "\\UFFFFFFFF"', "P105"),
        (b"%YAML 1." + b"9" * 5000 + b"\n---\na: 1", "P105"),
        (b"a: *b", "P107"),
        (b"a: &b c", "P107"),
        (b"a: !b c", "P109"),
        (b"a: !!python/object:os.system c", "P109"),
        (b"a: 1\n---\nb: 1", "P110"),
        (b"a: 1\n...\n---\nb: 1", "P110"),
        (b"%TAG ! tag:x,2024:\n---\na: 1", "P111"),
        (b'a: "\\0"', "P113"),
        (b'a: "\\ud800"', "P113"),
        (b'"\\0": a', "P113"),
        (b"? {a: b}\n: c", "P114"),
        (b"'': a", "P114"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_sentence(data: bytes, code: str) -> None:
    assert codes(data) == [code]


def test_every_duplicate_key_is_told_and_the_first_value_kept() -> None:
    notes = Notes()
    root = read_source(b"a: 1\na: 2\nb: 1\na: 3\n", notes)
    assert [(d.code, d.line, d.values["first"]) for d in notes.all()] == [
        ("P106", 2, 1),
        ("P106", 4, 1),
    ]
    assert isinstance(root, Mapping)
    value = root.entries["a"][1]
    assert isinstance(value, Scalar)
    assert value.value == 1


def test_nesting_is_taken_to_the_limit_and_no_further() -> None:
    assert isinstance(tree("[" * DEEPEST + "]" * DEEPEST), Sequence)
    assert codes(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)) == ["P108"]


def test_a_file_is_taken_to_the_limit_and_no_further() -> None:
    exact = b"a: 1 #" + b"x" * (LARGEST_FILE - 6)
    notes = Notes()
    assert read_source(exact, notes) is not None
    assert codes(exact + b"x") == ["P104"]


@pytest.mark.parametrize(
    "data",
    [
        b"[" * LARGEST_FILE,
        b"{a: " * (LARGEST_FILE // 4),
        b"- " * (LARGEST_FILE // 2),
        b"a: !" + b"!" * LONGEST_WORD,
        b"a: &" + b"a" * 100_000,
        b"a: *" + b"a" * 100_000,
        b"a: &a [x]\n" + b"".join(b"%c: [*a, *a]\n" % n for n in range(98, 123)),
    ],
    ids=["lists", "maps", "dashes", "tag", "anchor", "alias", "laughs"],
)
def test_what_would_explode_is_refused_early(data: bytes) -> None:
    assert len(codes(data)) == 1
