"""Any screen as of any moment, as it was and as it was known."""

from __future__ import annotations

import pytest

from tests.cli.office import SECTION, Office

SCREENS = (
    ("status",),
    ("list",),
    ("show", "qz-2024"),
    ("due",),
    ("history", "qz-2024"),
    ("replay",),
    ("proposals",),
    ("audit", "anomalies"),
    ("audit", "alone"),
    ("evidence", "list"),
    ("calendar", "show", "2024-07"),
    ("post", "list"),
    ("coverage",),
    ("due", "--explain", "s4"),
)


def said(moment: str) -> str:
    return f"{moment.replace(' ', 'T')}:00+08:00"


@pytest.fixture
def worked(public: Office) -> Office:
    """October: a self-report came in late in the day, and was entered three days later."""
    public.at("2024-10-09 09:00")
    public.does("daemon", "--once")
    public.at("2024-10-12 09:00")
    words = ("qz-2024/T-001", "self_report", "--occurred-at", "2024-10-09 10:00")
    public.does("record", *words, "--field", "completion=95", as_=SECTION)
    return public


def test_every_screen_of_the_past_says_so_on_top(worked: Office) -> None:
    top = "PAST: as it was at 2024-07-20 Sat 23:59, by all that is recorded today\n"
    both = "回看：截至 2024-07-20 周六 23:59 的情况，按 2024-07-21 周日 23:59 时已录入的信息"
    for words in SCREENS:
        assert top in worked.does(*words, "--as-of", "2024-07-20").split("drafting")[0], words
        moments = ("--as-of", "2024-07-20", "--known-at", "2024-07-21")
        assert both in worked.does(*words, *moments, language="zh"), words


JSON = (
    *SCREENS,
    ("sheet",),
    ("replay", "qz-2024", "--step"),
)


def test_every_answer_for_programs_says_which_moments_it_is_for(worked: Office) -> None:
    worked.does("evidence", "add", "qz-2024/T-001", __file__, as_=SECTION)
    asked = ("--as-of", "2024-10-12 09:00", "--known-at", "2024-10-12 09:00")
    then = {"as_of": said("2024-10-12 09:00"), "known_at": said("2024-10-12 09:00")}
    for words in JSON:
        for moments, options in ((then, asked), (dict.fromkeys(then), ())):
            found = worked.json(*words, *options)
            rows = found if isinstance(found, list) else found.get("instances", [found])
            assert all(row.items() >= moments.items() for row in rows), words
            assert rows or words in (("proposals",), ("audit", "alone")), words


def test_the_past_of_what_was_proposed_handed_in_and_sealed(worked: Office) -> None:
    worked.does("evidence", "add", "qz-2024/T-001", __file__, as_=SECTION)
    worked.does("seal")
    first = worked.does("checkpoint")
    worked.at("2024-10-14 09:00")
    assert worked.json("evidence", "list", "--as-of", "2024-10-11") == []
    assert len(worked.json("evidence", "list", "qz-2024/T-001", "--as-of", "2024-10-12")) == 1
    both = ("--kind", "back_dated", "--as-of", "2024-10-12")
    assert [a["details"] for a in worked.json("audit", "anomalies", *both)] == [{"days": 2}]
    assert worked.json("audit", "anomalies", *both, "--known-at", "2024-10-11") == []
    worked.does("record", "qz-2024/T-001", "progress", "--field", "percent=10", as_=SECTION)
    worked.does("seal")
    assert worked.does("checkpoint", "--as-of", "2024-10-13") == first
    assert worked.does("checkpoint") != first
    assert "[not-found]" in worked.refused("checkpoint", "--as-of", "2024-10-01")
    assert "one of them" in worked.wrong("checkpoint", "--list", "--as-of", "2024-10-01")


SEEN = (
    ("list",),
    ("due",),
    ("sheet",),
    ("coverage",),
    ("post", "list"),
    ("evidence", "list"),
    ("proposals", "--all"),
    ("audit", "alone"),
    ("audit", "anomalies"),
    ("calendar", "show", "2024-10"),
    ("history", "qz-2024/T-001"),
)


def test_a_screen_is_the_one_that_was_seen_then(public: Office) -> None:
    """By brute force: what each screen showed at a moment, kept until it is past."""
    seen = {}
    for moment in ("2024-08-20 09:00", "2024-10-12 09:00"):
        public.at(moment)
        public.does("daemon", "--once")
        seen[moment] = [public.json(*words) for words in SEEN]
        public.at(moment.replace(":00", ":01"))
        public.does("record", "qz-2024/T-001", "progress", "--field", "percent=10", as_=SECTION)
        public.does("evidence", "add", "qz-2024/T-001", __file__, as_=SECTION)
        public.does("post", "assign", "reform-head", f"li-{moment[:7]}", as_="admin")
        public.does("post", "assign", "reform-head", SECTION, as_="admin")
    for moment, screens in seen.items():
        for words, screen in zip(SEEN, screens, strict=True):
            found = public.json(*words, "--as-of", moment, "--known-at", moment)
            then = {"as_of": said(moment), "known_at": said(moment)}
            rows = screen if isinstance(screen, list) else [screen]
            assert (found if isinstance(found, list) else [found]) == [r | then for r in rows], (
                words
            )


def test_what_was_entered_later_was_true_but_not_known(worked: Office) -> None:
    def state(*words: str) -> str:
        found = worked.json("show", "qz-2024/T-001", "--as-of", "2024-10-10", *words)
        return str(found["state"])

    assert state() == "self_assessed"
    assert state("--known-at", "2024-10-11") == "published"


def test_a_date_is_the_one_that_was_in_force(worked: Office) -> None:
    worked.does("extend", "qz-2024/T-004", "s4", "--until", "2025-01-15", "--reason", "审计顺延")
    due = {
        day: next(o for o in worked.json("show", "qz-2024/T-004", "--as-of", day)["obligations"])
        for day in ("2024-10-11", "2024-10-12")
    }
    assert due["2024-10-11"]["due_at"].startswith("2025-01-01")
    assert due["2024-10-12"]["due_at"].startswith("2025-01-16")
    assert (due["2024-10-11"]["own"], due["2024-10-12"]["own"]) == (False, True)


def test_who_held_a_post_is_said_by_its_days_as_far_as_was_known(worked: Office) -> None:
    worked.does("post", "assign", "reform-head", "li", "--since", "2024-10-01", as_="admin")

    def answers(*words: str) -> set[str]:
        lines = worked.json("due", "--within", "200d", *words)
        return {line["person"] for line in lines if line["owner"] == "reform"}

    assert answers("--as-of", "2024-10-05") == {"li"}
    assert answers("--as-of", "2024-10-05", "--known-at", "2024-10-11") == {"chen"}
    assert answers("--as-of", "2024-09-30") == {"chen"}
    assert [t["person"] for t in worked.json("post", "list", "--known-at", "2024-10-11")] == [
        *("admin", "wang", "chen")
    ]


def test_a_back_dated_record_shows_as_such(worked: Office) -> None:
    (line,) = [
        line
        for line in worked.does("history", "qz-2024/T-001").splitlines()
        if "self-assessment report" in line
    ]
    assert "2024-10-09 10:00" in line
    assert "2024-10-12 09:00  back-dated; degree of completion: 95" in line


def test_a_past_before_the_beginning_and_a_future_are_refused(worked: Office) -> None:
    assert "[not-there-yet]" in worked.refused("status", "--as-of", "2024-01-01")
    assert "[not-there-yet]" in worked.refused("show", "qz-2024", "--known-at", "2024-01-01")
    assert "duban status --now 2025-01-01" in worked.refused("list", "--as-of", "2025-01-01")
    assert "look back" in worked.wrong("status", "--as-of", "2024-09-01", "--now", "2024-09-01")
    assert "duban show qz-2024/T-001" in worked.refused("show", "T-001", "--as-of", "2024-09-01")
    today = worked.does("status", "--as-of", "2024-10-12")
    assert "PAST: as it was at 2024-10-12 Sat 09:00" in today


def test_what_changed_is_told_with_who_did_it(worked: Office) -> None:
    found = worked.json("diff", "qz-2024", "2024-10-08", "2024-10-12")
    assert found["from"] == {
        "as_of": "2024-10-08T23:59:59.999999+08:00",
        "known_at": "2024-10-12T09:00:00+08:00",
    }
    changes = {(c["instance"], c["what"], c["name"]): c for c in found["changes"]}
    state = changes["qz-2024/T-001", "state", ""]
    assert (state["before"], state["after"]) == ("published", "self_assessed")
    assert state["event"]["actor"] == "daemon"
    assert (state["act"]["actor"], state["act"]["acting_for"]) == (SECTION, "reform-head")
    assert changes["qz-2024/T-001", "fact", "self_report.completion"]["after"] == 95
    screen = worked.does("diff", "qz-2024", "2024-10-08", "2024-10-12")
    assert "2024-10-09 10:00  chen for reform-head" in screen
    assert "recorded 2024-10-12 09:00" in screen


def test_dates_excuses_and_holders_are_compared(worked: Office) -> None:
    worked.does("extend", "qz-2024/T-004", "s4", "--until", "2025-01-15", "--reason", "审计顺延")
    worked.does("excuse", "qz-2024/T-003", "s4", "--reason", "合并到其他目标")
    worked.does("post", "assign", "reform-head", "li", "--since", "2024-10-12", as_="admin")
    lines = worked.does("diff", "qz-2024", "2024-10-11", "2024-10-12").splitlines()
    assert any("date s4" in n and "2024-12-31 Tue" in n and "2025-01-15 Wed" in n for n in lines)
    assert any("excuse s4" in n and "合并到其他目标" in n for n in lines)
    assert any("holder Head of Reform" in n and "chen" in n and "li" in n for n in lines)


def test_what_was_entered_in_between_shows_where_each_moment_is_as_seen(worked: Office) -> None:
    dates = ("2024-10-10", "2024-10-12")
    told = worked.json("diff", "qz-2024", *dates)["changes"]
    seen = worked.json("diff", "qz-2024", *dates, "--as-seen")["changes"]
    assert "state" not in {c["what"] for c in told if c["instance"] == "qz-2024/T-001"}
    assert "state" in {c["what"] for c in seen if c["instance"] == "qz-2024/T-001"}


def test_moments_that_cannot_be_compared_are_refused(worked: Office) -> None:
    assert "lies after" in worked.wrong("diff", "qz-2024", "2024-10-10", "2024-10-01")
    dates = ("2024-10-01", "2024-10-02", "--as-seen", "--known-at", "2024-10-03")
    assert "leave --known-at out" in worked.wrong("diff", "qz-2024", *dates)
    assert "[not-there-yet]" in worked.refused("diff", "qz-2024", "2024-01-01", "2024-01-02")
    assert "Nothing changed." in worked.does("diff", "qz-2024", "2024-09-10", "2024-09-11")
