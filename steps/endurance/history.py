"""What one client has sent, and what it was told: the truth that the database must agree with.

A client sends one request at a time, so its tasks have one certain state each. A write without an
acknowledgement may be stored or not; from then on the task has two possible states, and the client
only reads it: a delayed write may arrive after any later one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from steps.endurance.fault import Outcome


class Content(NamedTuple):
    """What a user says of a task."""

    title: str
    description: str | None
    completed: bool


@dataclass(frozen=True)
class Wrong:
    """Something that must not be."""

    kind: str
    """lost, resurrected, foreign, half, duplicate, toggle, changed, or let in."""
    sentence: str


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it. Times are those of `time.monotonic`."""

    operation: str
    sent: float
    ended: float
    outcome: Outcome
    expected: frozenset[int]

    @property
    def good(self) -> bool:
        """Whether the answer was one of those that the specification allows."""
        return self.outcome in self.expected


@dataclass
class Task:
    """A task that the client knows by its id."""

    possible: list[Content | None]
    """The states that it may be in; None: it is not there."""
    created_at: str
    updated_at: str
    earlier: list[Content] = field(default_factory=list)
    """States that later acknowledged writes have replaced."""

    @property
    def certain(self) -> bool:
        """Whether every write to it was acknowledged."""
        return len(self.possible) == 1


@dataclass
class History:
    """All that one client knows."""

    user: str
    mark: str
    """A word in every text of this run."""
    tasks: dict[str, Task] = field(default_factory=dict)
    deleted: dict[str, Content] = field(default_factory=dict)
    """Tasks whose deletion was acknowledged, with their last content."""
    unacknowledged: set[Content] = field(default_factory=set)
    """What was to be created, and may exist under an unknown id."""
    exchanges: list[Exchange] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    """What answers have shown."""
    writes: int = 0

    def next_content(self) -> Content:
        """Return a content that no other write of any client has."""
        self.writes += 1
        return Content(*texts(self.mark, self.user, self.writes), completed=False)

    def find(self, kind: str, sentence: str) -> None:
        """Keep something that an answer has shown to be wrong."""
        self.wrong.append(Wrong(kind, f"{self.user}: {sentence}"))

    def created(self, content: Content, answer: Mapping[str, Any] | None) -> None:
        """Learn what came of a creation; `answer` is None when it was not acknowledged."""
        if answer is None:
            self.unacknowledged.add(content)
            return
        identity = str(answer.get("id"))
        if identity in self.tasks or identity in self.deleted:
            self.find("duplicate", f"the id {identity} was given to two tasks")
        self.tasks[identity] = Task(
            [content], str(answer.get("created_at")), str(answer.get("updated_at"))
        )
        self._compare_answer("created", identity, answer)

    def changed(self, identity: str, content: Content, answer: Mapping[str, Any] | None) -> None:
        """Learn what came of a replacement or a toggle, to `content`."""
        task = self.tasks[identity]
        if answer is None:
            task.possible.append(content)
            return
        task.earlier += [one for one in task.possible if one is not None]
        task.possible = [content]
        if str(answer.get("updated_at")) <= task.updated_at:
            self.find("changed", f"updated_at of {identity} did not advance with a write")
        task.updated_at = str(answer.get("updated_at"))
        self._compare_answer("changed", identity, answer)

    def removed(self, identity: str, *, acknowledged: bool) -> None:
        """Learn what came of a deletion."""
        if not acknowledged:
            self.tasks[identity].possible.append(None)
            return
        last = self.tasks.pop(identity).possible[0]
        assert last is not None, "a client deletes only tasks of whose existence it is certain"
        self.deleted[identity] = last

    def read(self, identity: str, answer: Mapping[str, Any]) -> None:
        """Compare an answer with what is known."""
        self._compare_answer("read", identity, answer)

    def listed(self, answer: list[Mapping[str, Any]]) -> None:
        """Compare a list with what is known."""
        found = {str(item.get("id")): item for item in answer}
        if len(found) < len(answer):
            self.find("duplicate", "a list has a task twice")
        order = [(str(item.get("created_at")), str(item.get("id"))) for item in answer]
        if order != sorted(order, reverse=True):
            self.find("changed", "a list is not sorted by created_at and id, newest first")
        for identity, task in self.tasks.items():
            if identity in found:
                self._compare_answer("listed", identity, found[identity])
            elif None not in task.possible:
                self.find("lost", f"{identity} is missing from a list")
        for identity in found.keys() & self.deleted.keys():
            self.find("resurrected", f"{identity}, deleted before, is in a list")
        for identity in found.keys() - self.tasks.keys() - self.deleted.keys():
            if content_of(found[identity])._replace(completed=False) not in self.unacknowledged:
                self.find("foreign", f"{identity}, which this user never made, is in a list")

    def seen(self, body: bytes) -> None:
        """Find names of other users in an answer."""
        family = self.user.rpartition("-")[0]
        others = set(re.findall(rb"\b%s-\d+\b" % family.encode(), body)) - {self.user.encode()}
        if others:
            self.find("foreign", f"an answer names {min(others).decode()}")

    def _compare_answer(self, how: str, identity: str, answer: Mapping[str, Any]) -> None:
        """Compare one task in an answer with its possible states."""
        if answer.get("user_id") != self.user:
            self.find("foreign", f"{identity}, as {how}, belongs to {answer.get('user_id')}")
        task = self.tasks[identity]
        if answer.get("id") != identity or content_of(answer) not in task.possible:
            self.find("changed", f"{identity}, as {how}, is {content_of(answer)}")
        if answer.get("created_at") != task.created_at:
            self.find("changed", f"{identity}, as {how}, has another created_at")


def texts(mark: str, user: str, number: int) -> tuple[str, str]:
    """Return title and description of one write: unique, and each tells whose it is."""
    return f"{mark} title {number} of {user}", f"{mark} description {number} of {user}"


def content_of(answer: Mapping[str, Any]) -> Content:
    """Return the content of a task in an answer."""
    description = answer.get("description")
    return Content(
        str(answer.get("title")),
        None if description is None else str(description),
        answer.get("is_completed") is True,
    )
