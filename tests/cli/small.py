"""A small plan of one step, for what the reference plan does not have."""

from __future__ import annotations

from pathlib import Path

from tests.cli.office import ADMINISTRATOR, Office


def opened_small(tmp_path: Path, plan: Path, day: str = "2024-02-02") -> Office:
    office = Office(tmp_path / "small.db")
    office.does("init", "--trial", "--clock", day, as_=ADMINISTRATOR)
    office.does("open", str(plan), as_=ADMINISTRATOR)
    return office


PLAN = """\
duban: 1
id: small
body: small-body
key: small-{year}
name: {zh: 小方案, en: Small plan}
year: 2024
calendar: {base: china, overrides: [{day: 10-12, working: true, source: 某局通知}]}
dates: {cutoff: '17:30'}
sections: [{id: office, name: 办公室}]
posts:
  - {id: head, name: 组长, roles: [leading_group]}
  - {id: bureau, name: 领导小组办公室, roles: [group_office]}
  - {id: office-head, name: 主任, section: office}
categories: [{id: routine, name: 常规}]
sources: [{id: mandate, name: 三定职责}]
methods: [goal_assessment]
ladders:
  standard: [{at: 0, do: late, lamp: 红, tell: [owner]}]
steps:
  - {id: draft, name: {zh: 初稿, en: Draft}, clause: '一、（一）', brings: drafted, due: 2024-12-10,
     ladder: standard}
targets:
  - {id: T-1, name: 目标一, category: routine, section: office, sources: [mandate],
     pace: 按季, quality: 合格, finish_by: 12-01}
"""
