"""Errors, diagnostics and names: each is said in both languages."""

import importlib
import pkgutil
import re
import string
from collections import Counter

import pytest

import adapters
import engine
import workflows
from adapters.error_values import CHOSEN, LISTED, NAMED
from adapters.guard_words import HANDED_IN, LINE
from adapters.messages import Language, Translator, translator
from adapters.words import WORDS
from engine.deadline import Certainty
from engine.definition import Workflow
from engine.errors import EngineError
from engine.events import Kind
from engine.guards import Known
from engine.ladder import Action
from workflows import office
from workflows.appeal import APPEAL
from workflows.assignment import ASSIGNMENT
from workflows.cycle import LINE as LINE_OF_A_YEAR
from workflows.cycle import cycle
from workflows.finding import FINDING
from workflows.plan.diagnostics import CODES, NOWHERE, Diagnostic, Severity
from workflows.roles import DAEMON, ROLES
from workflows.running.obligations import Standing
from workflows.target import TARGET

LANGUAGES: tuple[Language, ...] = ("en", "zh")
MACHINES = (cycle(silence_approves=True), TARGET, ASSIGNMENT, FINDING, APPEAL, office.OFFICE)
HAN = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module", params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Translator:
    return translator(request.param)


def placeholders(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def errors() -> list[type[EngineError]]:
    """Every error class there is, once every module is imported."""
    for package in (engine, workflows, adapters):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name:
                importlib.import_module(module.name)
    found: list[type[EngineError]] = [EngineError]
    for error in found:
        found += (e for e in error.__subclasses__() if e not in found)
    return [error for error in found if not error.__module__.startswith("test")]


def test_every_error_is_said_in_both_languages(words: Translator) -> None:
    for error in errors():
        values: dict[str, object] = {n: f"{{{n}}}" for n in placeholders(error.template) if n}
        if "unmet" in values:
            values["unmet"] = [Known("reply")]
        said = words.error(error(**values))
        assert said.endswith(f" [{error.code}]")
        assert set(re.findall(r"\{\w*\}", said)) <= {f"{{{name}}}" for name in values}, said
        own = re.sub(r"\{\w*\}", "", error.template)
        if own.isascii() and re.search("[a-z]", own):
            assert (words.language == "zh") == bool(HAN.search(said)), said


def test_error_codes_are_unique_and_known_to_the_tables() -> None:
    codes = Counter(e.code for e in errors() if e.__subclasses__() == [])
    assert [code for code, count in codes.items() if count > 1] == []
    by_code = {error.code: error for error in errors()}
    for code, name in {*NAMED, *CHOSEN, *LISTED}:
        assert name in placeholders(by_code[code].template), (code, name)
    assert {kind for kinds in [*NAMED.values(), *CHOSEN.values()] for kind in kinds} <= set(WORDS)


@pytest.mark.parametrize("code", CODES)
def test_every_diagnostic_is_said_in_both_languages(words: Translator, code: str) -> None:
    template = CODES[code].template
    values = {name: "x" for name in placeholders(template) if name}
    said = words.diagnostic(Diagnostic.at(NOWHERE, code, **values))
    assert "{" not in said
    assert (words.language == "zh") == bool(HAN.search(said))


def names() -> dict[str, set[str]]:
    """Every name that the machines that ship bring along, by kind."""
    found: dict[str, set[str]] = {
        "role": {*ROLES, DAEMON},
        "standing": {*Standing},
        "event": {*Kind},
        "certainty": {*Certainty},
        "action": {*Action},
        "severity": {*Severity},
        "machine": {machine.name for machine in MACHINES},
        "choice": {"website", "notice_board"},
    }
    for kind in ("state", "trigger", "record", "field", "join"):
        found[kind] = set()
    for machine in MACHINES:
        found["state"].update(machine.states)
        found["trigger"].update(t.trigger for t in machine.transitions)
        found["role"].update(role for t in machine.transitions for role in t.by)
        found["field"].update(name for name, _ in machine.facts)
        found["join"].update(join.name for join in machine.joins)
        for record in machine.records:
            found["record"].add(record.kind)
            found["field"].update(field.name for field in record.fields)
            found["choice"].update(c for field in record.fields for c in field.choices)
    found["unmet"] = found["join"]
    return found


@pytest.mark.parametrize("kind", names())
def test_every_name_of_the_machines_that_ship_has_a_word(words: Translator, kind: str) -> None:
    for name in sorted(names()[kind]):
        assert name in WORDS[kind], name
        assert bool(HAN.search(words.word(kind, name))) == (words.language == "zh"), name


@pytest.mark.parametrize("kind", WORDS)
def test_no_two_states_or_records_of_a_machine_read_the_same(kind: str) -> None:
    zh = translator("zh")
    if kind in {"state", "trigger"}:
        for machine in MACHINES:
            shown = Counter(zh.word(kind, n, machine.name) for n in names_of(machine, kind))
            assert [word for word, count in shown.items() if count > 1] == []
    elif kind in {"record", "role", "event", "standing"}:
        shown = Counter(zh.word(kind, name) for name in WORDS[kind])
        assert [word for word, count in shown.items() if count > 1] == []


def names_of(machine: Workflow, kind: str) -> set[str]:
    if kind == "state":
        return {*machine.states}
    return {t.trigger for t in machine.transitions}


def test_the_guards_know_the_line_of_a_year_and_what_is_handed_in() -> None:
    assert LINE == LINE_OF_A_YEAR
    assert set(WORDS["record"]) >= HANDED_IN
