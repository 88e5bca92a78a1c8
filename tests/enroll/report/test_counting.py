"""The table of continuous use: every way of counting, a column a run."""

from __future__ import annotations

from enroll.report.counting import counting_table

PAIR = {"account": "a", "intruder": "z", "caught": 1, "of": 2}
RUN = {
    "set": "Somewhere", "mode": "own", "false_locks": 3, "active_hours": 95.83, "sessions_with_false_lock": 2,
    "genuine_sessions": 65, "share_of_days_with_two_or_more": 0.0154,
    "first_locks_shown": {"per_40h": 0.835, "upper_bound_per_40h": 2.63, "shown": True},
    "matched": {"caught": 60, "intrusions": 80, "ania_actions_median": None},
    "longer": [
        *({"within_actions": n, "caught_share": s, "at_risk": r} for n, s, r in ((300, 0.5, 9), (1000, None, 0))),
        *({"within_minutes": n, "caught_share": s, "at_risk": r} for n, s, r in ((30, 0.25, 8), (60, 0.5, 4))),
    ],
    "proven": {
        "false_locks": 4, "share_of_days_with_two_or_more": 0.031,
        "tailgate": [{"after_actions": n, "caught": 3, "of": 4, "worst_pair": PAIR} for n in (0, 30)],
    },
    "takeover": [{"after_actions": 400, "sessions": 5, "intrusions": 10, "caught": 7, "control": 1}],
}  # fmt: skip


def test_a_column_by_hand() -> None:
    lines = dict(line.strip("| ").split(" | ", 1) for line in counting_table([RUN]).splitlines()[2:])
    assert lines["false locks in active hours"] == "3 in 95.8"
    assert lines["sessions with one, of all"] == "2 of 65"
    assert lines["first locks after a login per 40 h; at most (95 %)"] == "0.83; 2.6"
    assert (lines["shown"], lines["sessions with two or more"]) == ("yes", "2 %")
    assert lines["with proofs and baselines: false locks; sessions with two or more"] == "4; 3 %"
    assert lines["matched intrusions caught within 300 actions"] == "60 of 80 (75 %)"
    assert lines["median actions to the lock, matched"] == "never for half"
    assert lines["caught within 300 / 1,000 actions of a whole session (at risk)"] == "50 % (9) / - (0)"
    assert lines["tailgate 0 / 30 actions after a proof"] == "3 of 4 (75 %) / 3 of 4 (75 %)"
    assert lines["worst pair, right after a proof"] == "a by z: 1 of 2"
    assert lines["takeover after 400 own actions: caught; control"] == "7 of 10 (70 %); 1; 5 sessions"


def test_sessions_that_are_too_short_for_a_takeover_are_said_to_be() -> None:
    table = counting_table([RUN | {"takeover": []}, RUN])
    assert "| no session so long | 7 of 10" in table
    assert {line.count("|") for line in table.splitlines()} == {4}
