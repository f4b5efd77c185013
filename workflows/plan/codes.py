"""The table of diagnostic codes; a code keeps its meaning for ever.

P1xx: the form of the file. P2xx: what it means. P3xx: whether it can be carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from engine.errors import N_


class Severity(StrEnum):
    """How much a diagnostic matters."""

    ERROR = "error"
    """The plan cannot be opened."""
    WARNING = "warning"
    """It can, and something will not work as one would expect."""
    QUESTION = "question"
    """It may be meant so; somebody should know."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for."""

    severity: Severity
    template: str


def _error(template: str) -> Code:
    return Code(Severity.ERROR, template)


def _warning(template: str) -> Code:
    return Code(Severity.WARNING, template)


def _question(template: str) -> Code:
    return Code(Severity.QUESTION, template)


_FORM = {
    "P101": _error(N_("The file is empty. Begin with the line: duban: 1")),
    "P102": _error(
        N_("This is no text: it contains the character {character}. A plan is a YAML file.")
    ),
    "P103": _error(
        N_("The file is not in UTF-8; it seems to be {encoding}. Save it as UTF-8 and try again.")
    ),
    "P104": _error(
        N_("The file has {size} bytes; a plan has at most {limit}. Was another file meant?")
    ),
    "P105": _error(
        N_("This is not valid YAML: {problem}. Look at this line and at the one before it.")
    ),
    "P106": _error(N_("{key} stands here for the second time, first on line {first}. Keep one.")),
    "P107": _error(N_("Anchors (&) and aliases (*) are not used in plans. Write the value out.")),
    "P108": _error(
        N_("Lists and maps are nested deeper than {limit} levels here; no part of a plan is.")
    ),
    "P109": _error(N_("Tags such as {tag} are not used in plans. Leave it out.")),
    "P110": _error(N_("A second document begins here (---). One file holds one plan.")),
    "P111": _error(N_("YAML directives (%) are not used in plans. Leave the line out.")),
    "P112": _error(N_("The file has more than {limit} values; a plan has fewer.")),
    "P113": _error(
        N_("This text holds a character that cannot be kept, written as an escape. Leave it out.")
    ),
    "P114": _error(N_("A key must be a plain word. Check the indentation and the colons here.")),
    "P115": _error(N_("A plan is a map of keys, such as id: and name:; this is {found}.")),
    "P119": _error(N_("There are {count} errors up to here; the rest was not read. Mend these.")),
    "P120": _error(
        N_("The version of the plan language is missing. Begin the file with: duban: 1")
    ),
    "P121": _error(
        N_("This plan asks for version {version} of the plan language; this duban reads {known}.")
    ),
    "P122": _error(N_("{element} has no key {key}. Did you mean: {known}?")),
    "P123": _error(N_("{element} needs the key {key}, which is missing.")),
    "P124": _error(N_("{key} should be {expected}; this is {found}.")),
    "P125": _error(
        N_(
            "{id} cannot be an id: use up to {longest} Latin letters, digits, - _ or . "
            "and begin with a letter or digit."
        )
    ),
    "P126": _error(N_("{key} is longer than {limit} characters. Shorten it.")),
    "P127": _error(
        N_("{text} is no date. Write it as 2024-07-10, or 07-10 for the year of the cycle.")
    ),
    "P128": _error(N_("There is no day {text} in the calendar. Correct the date.")),
    "P129": _error(N_("{key} is {number}; it must be from {low} to {high}.")),
    "P130": _error(N_("{key} cannot be {value}. Did you mean: {known}?")),
    "P131": _error(N_("{key} has no Chinese text. Give it as zh: …")),
    "P132": _error(N_("The id {id} is taken, on line {first}, by another {noun}. Choose another.")),
    "P133": _error(
        N_("Cannot read the place of this rung, {text}. Examples: -3 working days, 0, +5 days")
    ),
    "P134": _error(N_("{text} is no time of day. Write it as 17:30.")),
    "P135": _error(N_("There is no time zone {zone}. Did you mean: {known}?")),
    "P136": _error(
        N_("A condition is a map with exactly one of these keys: {known}. This has: {found}.")
    ),
    "P137": _error(
        N_("A comparison is a list of fact, operator and value, such as [score, '>=', 60].")
    ),
    "P138": _error(N_("{key} has more than {limit} items; no machine that people run has.")),
    "P139": _error(
        N_("Quiet from {hour} until {hour} would be always. Name two hours, or leave both out.")
    ),
    "P140": _error(N_("The template {key} has no field {field}. It can have: {known}")),
    "P141": _error(
        N_(
            "The braces of the template {key} cannot be read, at {text}. A field is a name in "
            "braces and nothing more; a brace itself is written twice."
        )
    ),
    "P142": _error(N_("The template {key} has to be one line.")),
    "P143": _error(
        N_(
            "The template {key} leaves out {missing}: a notice says what, whose, until when, "
            "what to do next and who else was told."
        )
    ),
    "P144": _error(N_("{key} cannot be {text}. Say how many days: 3 working days, or 5 days.")),
    "P145": _error(
        N_(
            "A rung cannot ask for {text}. Write: behind, behind by 10, no progress, or one of the "
            "conditions that machines have."
        )
    ),
    "P150": _error(
        N_("{ending} is no ending of a file name. Write up to ten Latin letters or digits: pdf")
    ),
}

_MEANING = {
    "P201": _error(N_("This plan is for any year. Say for which, with --year.")),
    "P202": _error(N_("This plan is for {year}; {asked} was asked for. Leave out --year.")),
    "P203": _error(N_("{year} cannot be the year of a cycle; it must be from {low} to {high}.")),
    "P210": _error(N_("There is no section {id}. Did you mean: {known}?")),
    "P211": _error(N_("There is no role or post {id}. Did you mean: {known}?")),
    "P212": _error(N_("There is no role {id}. Did you mean: {known}?")),
    "P213": _error(N_("The machine {machine} has no state {id}. Did you mean: {known}?")),
    "P214": _error(N_("The machine {machine} has no record {id}. Did you mean: {known}?")),
    "P215": _error(N_("The machine {machine} has no trigger {id}. Did you mean: {known}?")),
    "P216": _error(N_("There is no ladder {id}. Did you mean: {known}?")),
    "P217": _error(N_("There is no category {id}. Did you mean: {known}?")),
    "P218": _error(N_("There is no step {id}. Did you mean: {known}?")),
    "P219": _error(N_("There is no source {id}. Did you mean: {known}?")),
    "P220": _error(N_("There is no outside body {id}. Did you mean: {known}?")),
    "P221": _error(N_("There is no machine {id}. Did you mean: {known}?")),
    "P222": _error(N_("The machine {machine} has no fact {id}. Did you mean: {known}?")),
    "P223": _error(N_("The machine {machine} has no join {id}. Did you mean: {known}?")),
    "P224": _error(N_("The record {machine} has no field {id}. Did you mean: {known}?")),
    "P225": _error(N_("There is no section, post or role {id}. Did you mean: {known}?")),
    "P226": _warning(
        N_(
            "Step {step} waits for {id}, which no machine of the plan records. "
            "Say under events what it stands for. Maybe: {known}?"
        )
    ),
    "P227": _error(
        N_("{name} would stand for {id}, which no machine records. Did you mean: {known}?")
    ),
    "P230": _error(
        N_("Step {step} has no date. Give one as due: …, or say that there is none: due: undated")
    ),
    "P231": _error(N_("The deadline cannot be read: {problem}.")),
    "P232": _error(
        N_("Step {step} must have exactly one of brings, records, hand_in, attend; found: {found}.")
    ),
    "P233": _error(
        N_("Step {step} is on {scope}, where {key} does not go. There it can have: {known}.")
    ),
    "P234": _error(N_("{id} is the name of a role. Choose another id.")),
    "P235": _error(N_("Category {id} has parts of its own. Name one of them: {known}.")),
    "P236": _error(N_("{person} would hold {post} until {until}, before {since}. Swap the dates.")),
    "P240": _error(N_("The machine {workflow} contradicts itself: {problem}.")),
    "P241": _warning(N_("The machine {workflow} can be run, but looks odd: {problem}.")),
    "P242": _error(N_("These steps wait for each other: {steps}. Break the circle.")),
    "P243": _error(
        N_("{trigger} cannot happen by date: the machine {machine} does not give it to time.")
    ),
    "P244": _error(
        N_("Dynamic target {target} needs the document that brought it about, as basis: … (R-11)")
    ),
    "P245": _error(
        N_("{target} is dynamic and shares source {source} with {other}; they overlap (R-12).")
    ),
    "P246": _error(N_("Step {step} is due {due}, after {successor}, due {before}, that needs it.")),
    "P247": _error(N_("{value} cannot be the value of {fact}: {problem}.")),
    "P248": _error(N_("Ladder {ladder}: a rung before the date cannot record that it was missed.")),
    "P249": _error(
        N_("Ladder {ladder} moves by date, but step {step} says no trigger in fires: …")
    ),
    "P250": _warning(
        N_("No join of the cycle counts what {step} asks for; gate: {gate} has no effect.")
    ),
    "P251": _warning(
        N_(
            "State {state} is beside the main line of machine {machine}; "
            "step {step} counts as done only while it is there."
        )
    ),
    "P252": _error(N_("{kind} is recorded once for each {per}; say which, as in {example}.")),
    "P253": _error(N_("What was done as {kind} also needs: {missing}. Give it under values:")),
    "P254": _warning(
        N_(
            "Ladder {ladder} chases answers to slips; its own slip at {at} is noted, but asks for "
            "no answer: one matter has one slip."
        )
    ),
    "P255": _error(
        N_(
            "Step {step} climbs ladder {ladder}, which asks who is behind; "
            "no progress can be recorded on machine {machine}."
        )
    ),
    "P256": _error(
        N_(
            "Step {step} climbs ladder {ladder}, which asks who is behind; but its date hangs on "
            "an event, and nothing says when its time begins. Write the date as a window."
        )
    ),
    "P257": _error(
        N_("Ladder {ladder} chases answers to slips, and asks who is behind; no answer is.")
    ),
}

_FEASIBILITY = {
    "P301": _warning(N_("Nobody can be {role}: no post has that role. It is needed for {use}.")),
    "P302": _warning(N_("Section {section} has no post; nobody there can be told or act.")),
    "P303": _warning(
        N_("No vice leader is in charge of section {section}, whom ladder {ladder} would tell.")
    ),
    "P304": _warning(N_("Target {target} comes from no source (R-09).")),
    "P305": _warning(N_("No target comes from source {source} (R-09).")),
    "P306": _question(N_("Targets {target} and {other} have nearly the same name. Is it one?")),
    "P307": _warning(
        N_("Target {target} lacks {missing}; that will block its publication (R-36).")
    ),
    "P308": _question(
        N_(
            "Step {step} was due {due}, before the plan was issued on {issued}. "
            "Say when it was done, with done: here or with duban backfill."
        )
    ),
    "P309": _question(
        N_("Step {step} recurs and nothing waits for it: the cycle can end while it is open.")
    ),
    "P310": _warning(N_("Ladder {ladder}: the rung at {at} tells nobody.")),
    "P311": _question(
        N_("There are too many names to compare them all; look for overlaps by hand (R-12).")
    ),
    "P312": _warning(N_("Step {step} has a ladder, but no date; it will never act.")),
    "P313": _warning(N_("No step uses ladder {ladder}.")),
    "P314": _warning(N_("The plan has no steps; nothing would ever be due.")),
    "P315": _question(N_("Nobody is told when step {step} is late: it has no ladder.")),
    "P316": _question(
        N_("Step {step} is due {due}, a day off. Is that meant? With roll it moves to a workday.")
    ),
    "P317": _question(N_("{owner} has to do {steps} on one day, {due}. Can that be done at once?")),
    "P318": _warning(
        N_("Step {step} needs {needs} working days; from {since} to {due} there are {there}.")
    ),
    "P319": _warning(
        N_(
            "Step {step} is due {due}, but {needed}, due {before}, lies with {body} first: "
            "the body outside is left no working day."
        )
    ),
    "P320": _question(
        N_(
            "The date of step {step}, {due}, counts days of a year that is not announced yet; "
            "it is provisional until duban calendar import."
        )
    ),
    "P321": _question(
        N_("Nothing on paper will prove that step {step} was done. Say what will, with proof:")
    ),
    "P322": _question(N_("Step {step} submits something, but names nobody who answers (wait).")),
    "P323": _question(
        N_("four_eyes leaves out {missing}: by that, one person alone could get around the rest.")
    ),
    "P324": _question(
        N_(
            "Step {step} is said to come again and again, but has no interval; nobody is ever "
            "asked for it. Write one, such as: every quarter plus 10 days"
        )
    ),
}

CODES: Mapping[str, Code] = MappingProxyType(_FORM | _MEANING | _FEASIBILITY)
"""Every code, with its severity and the sentence that it says."""
