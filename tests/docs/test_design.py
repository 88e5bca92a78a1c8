"""The map in docs/design.md against the code: every room, every thread, and every file of the walk is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from agent.engine.events import Cause
from tests.docs.fences import REPOSITORY

PAGE = (REPOSITORY / "docs" / "design.md").read_text(encoding="utf-8")
TOP = ("_fastfeat", "agent", "enroll", "bench", "packaging")
SOURCE = ("agent", "enroll")


def section(title: str) -> str:
    """The text from a heading to the next."""
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def first_column(table: str) -> set[str]:
    """What stands in backticks in the first column of a table."""
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def rooms() -> set[str]:
    """Every folder of the project that is a Python package, and the top level."""
    packages = {
        path.parent.relative_to(REPOSITORY).as_posix() + "/"
        for room in SOURCE
        for path in (REPOSITORY / room).rglob("__init__.py")
    }
    return (packages | {f"{name}/" for name in TOP}) - {"agent/"}


def thread_names(tree: ast.AST) -> Iterator[str]:
    """The names of the threads that a file makes: `Thread(name=…)`, and `_Poll(NAME, …)` that passes its own on.

    What is filled in stands as capitals.
    """
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "_Poll":
            yield ast.literal_eval(node.args[0])
        if called == "Thread":
            named = [keyword.value for keyword in node.keywords if keyword.arg == "name"]
            assert named, f"a thread without a name, line {node.lineno}"
            if not isinstance(named[0], ast.Name):
                yield filled(named[0], constants)


def filled(name: ast.expr, constants: dict[str, object]) -> str:
    """A name as text; in an f-string, constants with their text and the rest in capitals."""
    if isinstance(name, ast.Constant):
        return str(name.value)
    assert isinstance(name, ast.JoinedStr)
    parts = []
    for part in name.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        assert isinstance(part, ast.FormattedValue)
        text = ast.unparse(part.value)
        parts.append(str(constants.get(text, text.rsplit(".", 1)[-1].upper())))
    return "".join(parts)


def test_every_room_is_on_the_map_and_no_other() -> None:
    assert first_column(PAGE.split("## ")[0]) == rooms()


def test_every_thread_is_on_the_map_and_no_other() -> None:
    made = {
        name
        for path in (REPOSITORY / "agent").rglob("*.py")
        for name in thread_names(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert first_column(section("Threads")) == made


def test_the_walk_from_an_event_to_the_lock_names_files_and_definitions_that_exist() -> None:
    walk = section("From an event to the lock")
    places = [
        REPOSITORY / (name if name.startswith("agent/") else f"agent/runtime/{name}")
        for name in re.findall(r"`([a-z_/]+\.py)`", walk)
    ]
    assert len(places) == 10
    text = "".join(path.read_text(encoding="utf-8") for path in places)
    for name in re.findall(r"`([A-Za-z.]+)`", walk):
        if "/" not in name and not name.endswith(".py"):
            assert re.search(rf"(class|def) {name.rsplit('.', 1)[-1]}\b", text), name


def test_every_boundary_is_on_the_map_with_what_it_does() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section("Boundaries").splitlines()]
    on_page = {
        label: tuple(row[1:]) for row in rows if len(row) == 4 for label in re.findall(r"`([^`]+)`", row[0])
    }
    in_code = {c.label: (c.on_action.value, c.on_window.value, c.on_trust.value) for c in Cause}
    assert on_page == in_code


def test_the_reader_of_thread_names_sees_what_it_should() -> None:
    source = 'PRE = "a-"\nThread(name="b")\nthreading.Thread(name=f"{PRE}{job.name}")\n_Poll("c", 1)\n'
    assert set(thread_names(ast.parse(source))) == {"b", "a-NAME", "c"}
