"""One small, sound plan, and for each diagnostic code one way to break it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.plan.diagnostics import MOST_ERRORS
from workflows.plan.element import LONGEST_TEXT
from workflows.plan.read_definition import MOST_PARTS
from workflows.plan.source import DEEPEST, LARGEST_FILE, MOST_NODES

SOUND = """\
duban: 1
id: small
body: small-body
key: small-{year}
name: {zh: 小方案, en: Small plan}
year: 2024
zone: Asia/Shanghai
document: {number: 泉国资办〔2024〕197号, issuer: 某局, issued: 2024-01-02}
calendar: {base: china, overrides: [{day: 05-02, working: true, source: 某通知}]}
dates: {inclusive: true, cutoff: '17:30'}
catch_up: {working_days: 2, notices: 50}
sections:
  - {id: office, name: 办公室}
  - {id: reform, name: 改革科}
posts:
  - {id: head, name: 组长, roles: [leading_group], holders: [{person: zhang, since: 01-01}]}
  - {id: deputy, name: 副组长, roles: [vice_leader], in_charge_of: [office, reform]}
  - {id: bureau, name: 领导小组办公室, roles: [group_office]}
  - {id: office-head, name: 主任, section: office}
  - {id: reform-head, name: 科长, section: reform}
outside: [{id: city, name: 市绩效办, duty: 批复}]
quiet: {from: '18:00', until: '08:30', working_days_only: true}
categories:
  - {id: functional, name: 职能, children: [{id: routine, name: 常规}]}
  - {id: dynamic, name: 动态, dynamic: true}
sources:
  - {id: mandate, name: 三定职责}
methods: [goal_assessment]
ladders:
  standard:
    - {at: -3 working days, tell: [owner]}
    - {at: 0, do: late, lamp: 红, tell: [owner, vice_leader]}
steps:
  - {id: a, name: 初稿, brings: drafted, due: 03-01, ladder: standard, proof: 初稿}
  - {id: b, name: 报批, records: [submitted_for_reply], due: 03-11, after: [a], ladder: standard,
     wait: {body: city, record: reply}, done: [{on: 03-09, document: 请示1号}]}
  - {id: c, name: 自评, on: targets, brings: self_assessed, due: 12-31, ladder: standard}
  - {id: d, name: 材料, on: sections, hand_in: true, gate: self_assessed, due: 12-31,
     ladder: standard}
targets:
  - {id: T-1, name: 目标一, category: routine, section: reform, sources: [mandate],
     pace: 按季, quality: 合格, finish_by: 12-01}
"""

MACHINE = """\
machines:
  appeal:
    states: [lodged, decided]
    initial: lodged
    final: [decided]
    records: [{kind: ruling, by: [group_office], fields: [{name: score, type: integer}]}]
    joins: [{name: findings, counted: [{machine: finding, arrived: [closed]}]}]
    transitions:
      - {trigger: decide, from: [lodged], to: decided, by: [leading_group],
         guard: {all: [{known: ruling}, {compare: [ruling.score, '>=', 60]}, {joined: findings}]}}
"""

FOUR_EYES = """\
four_eyes: {acts: [force, amend, posts], within: 3 working days, break_glass: true}
"""

PACED = SOUND.replace(
    "steps:\n", "  p:\n    - {at: 0, lamp: 黄, do: late, when: behind, tell: [owner]}\nsteps:\n"
).replace("due: 12-31, ladder: standard}\n  - {id: d", "due: 12-31, ladder: p}\n  - {id: d")

SILENT_CYCLE = "machines: {cycle: {silence_approves: true}}\n"


@dataclass(frozen=True)
class Sample:
    """A broken plan, and the line that the diagnostic must name."""

    data: bytes
    line: int
    year: int | None = None


def broken(
    old: str, new: str = "", *, base: str = SOUND, year: int | None = None, later: int = 0
) -> Sample:
    """Return the sound plan with ``old`` replaced; the fault is on that line, or some lines on."""
    assert base.count(old) == 1, (base.count(old), old)
    line = base[: base.index(old)].count("\n") + 1
    return Sample(base.replace(old, new).encode(), line + later, year)


def added(text: str, line: int = 1, base: str = SOUND) -> Sample:
    """Return the sound plan with ``text`` added; the fault is on that line of it."""
    return Sample((base + text).encode(), base.count("\n") + line)


def machine(old: str, new: str, later: int = 0) -> Sample:
    """Return a plan with a machine of its own, broken."""
    return broken(old, new, base=SOUND + MACHINE, later=later)


QUIET = "quiet: {from: '18:00'"
STEP_A = "{id: a, name: 初稿, brings: drafted, due: 03-01, ladder: standard, proof: 初稿}"
DYNAMIC = "  - {id: D-1, name: %s, category: dynamic, section: reform, %s pace: a, quality: b,\n"
DYNAMIC_END = "     finish_by: 12-01}\n"


def dynamic(name: str, more: str, line: int = 1) -> Sample:
    """Return the sound plan with a dynamic target."""
    return added(DYNAMIC % (name, more) + DYNAMIC_END, line)


SAMPLES: dict[str, Sample] = {
    "P101": Sample(b"# only a comment\n", 1),
    "P102": broken("小方案", "小\0方案"),
    "P103": Sample(SOUND.encode("gb18030"), 1),
    "P104": Sample(b" " * (LARGEST_FILE + 1), 0),
    "P105": broken("zone: Asia/Shanghai", "zone: [Asia/Shanghai", later=1),
    "P106": broken("zone: Asia/Shanghai", "id: small"),
    "P107": broken("zone: Asia/Shanghai", "zone: &z Asia/Shanghai"),
    "P108": added("basis: " + "[" * DEEPEST),
    "P109": broken("year: 2024", "year: !!int 2024"),
    "P110": added("---\n"),
    "P111": Sample(b"%YAML 1.1\n---\n" + SOUND.encode(), 2),
    "P112": added("basis: [" + "a," * MOST_NODES + "]\n"),
    "P113": broken("zh: 小方案", r'zh: "\0"'),
    "P114": broken("zone: Asia/Shanghai", "? [zone]\n: x"),
    "P115": Sample(b"- duban: 1\n", 1),
    "P119": added("".join(f"k{n}: 1\n" for n in range(MOST_ERRORS + 9)), MOST_ERRORS),
    "P120": broken("duban: 1\n", "basis: x\n"),
    "P121": broken("duban: 1", "duban: 2"),
    "P122": broken("zone: Asia", "zome: Asia"),
    "P123": broken("- {id: office, name: 办公室}", "- {id: office}"),
    "P124": broken("methods: [goal_assessment]", "methods: {a: b}"),
    "P125": broken("id: small\n", "id: 小\n"),
    "P126": broken("目标一", "目" * (LONGEST_TEXT + 1)),
    "P127": broken("issued: 2024-01-02", "issued: soon"),
    "P128": broken("issued: 2024-01-02", "issued: 2024-02-30"),
    "P129": broken("notices: 50", "notices: -1"),
    "P130": broken("do: late", "do: laet"),
    "P131": broken("{zh: 小方案, en: Small plan}", "{en: Small plan}"),
    "P132": broken("{id: reform, name: 改革科}", "{id: office, name: 改革科}"),
    "P133": broken("at: -3 working days", "at: before"),
    "P134": broken("'17:30'", "'25:30'"),
    "P139": broken("until: '08:30'", "until: '18:00'"),
    "P144": broken("within: 3 working days", "within: soon", base=SOUND + FOUR_EYES),
    "P145": broken("at: -3 working days, tell", "at: -3 working days, when: slow, tell"),
    "P150": added("evidence: {types: [p/df]}\n"),
    "P135": broken("Asia/Shanghai", "Asia/Shanghia"),
    "P136": machine("{known: ruling}", "{knows: ruling}"),
    "P137": machine("[ruling.score, '>=', 60]", "[ruling.score, 60]"),
    "P138": machine("[lodged, decided]", str([f"s{n}" for n in range(MOST_PARTS + 1)])),
    "P140": broken(QUIET, f"notices: {{subject: '{{step}}'}}\n{QUIET}"),
    "P141": broken(QUIET, f"notices: {{heading: '{{late.__class__}}'}}\n{QUIET}"),
    "P142": broken(QUIET, f'notices: {{subject: "逾期{{late}}项\\n请办理"}}\n{QUIET}'),
    "P143": broken(QUIET, f"notices: {{matter: '{{step}}，{{due}}，{{next}}'}}\n{QUIET}"),
    "P201": broken("year: 2024\n", "basis: x\n", later=-5),
    "P202": Sample(SOUND.encode(), 6, year=2025),
    "P203": broken("year: 2024\n", "basis: x\n", later=-5, year=1066),
    "P210": broken("section: reform}", "section: refrom}"),
    "P211": broken("tell: [owner]", "tell: [ovner]"),
    "P212": broken("roles: [group_office]", "roles: [group_offices]"),
    "P213": broken("brings: drafted", "brings: draftet"),
    "P214": broken("records: [submitted_for_reply]", "records: [submitted]"),
    "P215": broken("brings: drafted", "brings: drafted, fires: publsh"),
    "P216": broken(
        "brings: drafted, due: 03-01, ladder: standard",
        "brings: drafted, due: 03-01, ladder: standart",
    ),
    "P217": broken("category: routine", "category: rotine"),
    "P218": broken("after: [a]", "after: [z]"),
    "P219": broken("sources: [mandate]", "sources: [mandat]"),
    "P220": broken("body: city,", "body: town,"),
    "P221": machine("machine: finding", "machine: findings"),
    "P222": machine("{known: ruling}", "{known: rulling}"),
    "P223": machine("{joined: findings}", "{joined: finding}"),
    "P224": broken("document: 请示1号", "values: {documents: 请示1号}"),
    "P225": broken("brings: drafted", "brings: drafted, owner: offica"),
    "P226": broken("due: 03-11", "due: 10 days after congress"),
    "P227": broken(QUIET, f"events: {{人代会闭会: congress}}\n{QUIET}"),
    "P230": broken("brings: drafted, due: 03-01,", "brings: drafted,"),
    "P231": broken("due: 03-01", "due: 02-30"),
    "P232": broken("brings: drafted", "attend: true, brings: drafted"),
    "P233": broken("hand_in: true", "records: [handed_in]"),
    "P234": broken("id: bureau", "id: group_office"),
    "P235": broken("category: routine", "category: functional"),
    "P236": broken("since: 01-01", "since: 02-01, until: 01-01"),
    "P240": machine(
        "joins: [",
        "cascades: [{trigger: decide, child: finding, child_trigger: x}]\n    joins: [",
        later=-5,
    ),
    "P241": machine("[lodged, decided]", "[lodged, decided, lost]", later=-1),
    "P242": broken(STEP_A, STEP_A.replace("due", "after: [b], due")),
    "P243": broken("brings: drafted", "brings: drafted, fires: publish"),
    "P244": dynamic("应急", "", 1),
    "P245": dynamic("应急", "basis: 某通知, sources: [mandate],"),
    "P246": broken("due: 03-11", "due: 02-10", later=-1),
    "P247": broken("document: 请示1号", "values: {document: '%s'}" % ("长" * (LONGEST_TEXT + 1))),
    "P248": broken("at: 0, do: late", "at: -1 day, do: late", later=-2),
    "P249": broken("{at: -3 working days, tell", "{at: 0, do: move, tell", later=4),
    "P250": broken("gate: self_assessed", "gate: evaluated"),
    "P251": broken("brings: self_assessed", "brings: withdrawn"),
    "P252": broken("records: [submitted_for_reply]", "records: [publication]"),
    "P253": broken("document: 请示1号", "record: reply"),
    "P254": broken(
        "at: -3 working days, tell: [owner]",
        "at: +3 days, do: slip, reply: 2 days, reply_ladder: standard, tell: [owner]",
        later=-1,
    ),
    "P255": broken("at: -3 working days, tell", "at: -3 working days, when: behind, tell", later=3),
    "P256": broken(
        "due: 12-31, ladder: p}\n  - {id: d",
        "due: 30 days after circular, ladder: p}\n  - {id: d",
        base=PACED,
    ),
    "P257": broken(
        "lamp: 黄, do: late",
        "lamp: 黄, do: slip, reply: 2 days, reply_ladder: p",
        base=PACED,
        later=-1,
    ),
    "P301": broken("roles: [vice_leader]", "roles: [reviewer]", later=13),
    "P302": broken("主任, section: office", "主任", later=-6),
    "P303": broken("in_charge_of: [office, reform]", "in_charge_of: [office]", later=-3),
    "P304": broken("sources: [mandate],\n     pace", "\n     pace"),
    "P305": broken("sources: [mandate],\n     pace", "\n     pace", later=-14),
    "P306": dynamic("目标一", "basis: 某通知,"),
    "P307": broken("quality: 合格, ", "", later=-1),
    "P308": broken("issued: 2024-01-02", "issued: 2024-03-05", later=26),
    "P309": broken("gate: self_assessed, due: 12-31", "due: every quarter plus 10 days"),
    "P310": broken("at: -3 working days, tell: [owner]", "at: -3 working days", later=-1),
    "P311": added(
        "".join(
            f"  - {{id: D-{n}, name: 急{n}, category: dynamic, section: reform, basis: x}}\n"
            f"  - {{id: P-{n}, name: 常{n}, category: routine, section: reform}}\n"
            for n in range(400)
        )
    ),
    "P312": broken("brings: drafted, due: 03-01", "brings: drafted, due: undated"),
    "P313": broken("  standard:\n", "  spare: [{at: 0, do: late, tell: [owner]}]\n  standard:\n"),
    "P314": Sample(SOUND[: SOUND.index("steps:")].encode() + b"steps: []\n", 33),
    "P315": broken("due: 03-01, ladder: standard", "due: 03-01"),
    "P316": broken("due: 03-11", "due: 03-10"),
    "P317": broken("due: 03-11", "due: 03-01"),
    "P318": broken("due: 03-11", "takes: 20, due: 03-11"),
    "P319": broken(
        "  - {id: c, name",
        "  - {id: e, name: 备案, records: [filing], due: 03-11, after: [b], ladder: standard}\n"
        "  - {id: c, name",
    ),
    "P320": broken("due: 03-11", "due: 30 working days after step c"),
    "P321": broken(", proof: 初稿", ""),
    "P323": broken("force, amend, posts", "force", base=SOUND + FOUR_EYES),
    "P324": broken(
        "{id: a, name: 初稿, brings: drafted, due: 03-01, ladder: standard,",
        "{id: a, name: 定期调度, brings: drafted, due: undated,",
    ),
    "P322": broken(",\n     wait: {body: city, record: reply}", ""),
}
