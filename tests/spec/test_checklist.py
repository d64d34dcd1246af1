"""The points of the requirements checklist that a program can check.

A check takes a text and returns its complaints, so that the last test can hand it a damaged copy.
The parsing is simple and its own: it must not share a mistake with the traceability tool.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "specs" / "002-backend-api-db"
SPEC = (FOLDER / "spec.md").read_text(encoding="utf-8")
CHECKLIST = (FOLDER / "checklists" / "requirements.md").read_text(encoding="utf-8")

Complaints = list[str]

COUNTS = {"EC": (6, 2), "FR": (20, 3), "SR": (12, 3), "SC": (12, 3), "A": (10, 3)}
COUNTS |= {
    "D": (7, 3),
    "C": (10, 3),
    "OS": (20, 2),
    "CL": (36, 2),
}  # kind: (how many, digits of the number)
EXPECTED = [f"US{story}-AS{scenario}" for story in range(1, 6) for scenario in range(1, 5)] + [
    f"{kind}-{number:0{digits}}"
    for kind, (count, digits) in COUNTS.items()
    for number in range(1, count + 1)
]
NOT_TESTABLE = {"C-001", "C-002", "C-003", "C-010"}
HEADINGS = [
    "## User Scenarios & Testing *(mandatory)*",
    "### Edge Cases",
    "## Requirements *(mandatory)*",
    "### Functional Requirements",
    "### Security Requirements",
    "### Key Entities",
    "## Success Criteria *(mandatory)*",
    "## Assumptions",
    "## Dependencies",
    "## Constraints",
    "## Out of Scope",
    "## Clarifications",
]
FRAMEWORK = re.compile(
    r"FastAPI|Starlette|SQLModel|SQLAlchemy|Pydantic|psycopg|PyJWT|uvicorn", re.IGNORECASE
)
SOURCE_FILE = re.compile(r"[\w/-]+\.(?:py|sql|toml|ini|ya?ml|feature|sh|ts|js)\b")
VAGUE = re.compile(
    r"\b(?:should|could|might|appropriate(?:ly)?|adequate|robust|fast|quick(?:ly)?|easy|easily"
    r"|user-friendly|intuitive|etc|and so on|as needed|if possible|reasonable)\b",
    re.IGNORECASE,
)
MEASURE = re.compile(r"\bunder \d+ m?s\b|\b100 %|\bzero\b")
OUTCOME = re.compile(r"\bthe answer is [1-5]\d\d\b|\bwins\b")
REFERENCE = re.compile(r"\b(?:US\d+-AS\d+|(?:EC|FR|SR|SC|OS|CL|A|D|C)-\d+)\b")
CHECK_NAME = re.compile(r"`(test_\w+)`")


def items(text: str) -> list[tuple[str, str]]:
    """Id and text, unwrapped to one line, of every list item that begins with a bold id."""
    found = re.findall(
        r"^(?:-|\d+\.) \*\*([A-Z]+\d*-[^*]+)\*\*: (.*(?:\n +\S.*)*)", text, re.MULTILINE
    )
    return [(id_, " ".join(body.split())) for id_, body in found]


def of_kind(text: str, *kinds: str) -> list[tuple[str, str]]:
    return [(id_, body) for id_, body in items(text) if id_.rpartition("-")[0] in kinds]


def section(text: str, heading: str) -> str:
    """The text below a heading, down to the next one of its level or above; empty if none."""
    level = heading.index(" ")
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found[1].strip() if found else ""


def stories(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^### (User Story .*)\n((?:(?!##).*\n)*)", text, re.MULTILINE)


def check_sections(text: str) -> Complaints:
    wrong = [f"empty or missing: {heading}" for heading in HEADINGS if not section(text, heading)]
    fields = ("Feature Branch", "Created", "Status", "Input")
    wrong += [
        f"no {name}"
        for name in fields
        if not re.search(rf"^\*\*{name}\*\*: \S", text, re.MULTILINE)
    ]
    places = [text.find(f"\n{heading}\n") for heading in HEADINGS]
    return wrong + (["sections out of order"] if places != sorted(places) else [])


def check_implementation(text: str) -> Complaints:
    allowed = (section(text, "## Dependencies"), section(text, "## Constraints"))
    elsewhere = text
    for part in allowed:
        elsewhere = elsewhere.replace(part, "")
    return [f"names {name}" for name in FRAMEWORK.findall(elsewhere)] + [
        f"names the file {found[0]}" for found in SOURCE_FILE.finditer(text)
    ]


def check_ids(text: str) -> Complaints:
    found = [id_ for id_, _ in items(text)]
    return (
        [f"{id_} is missing" for id_ in EXPECTED if id_ not in found]
        + [f"{id_} is unknown" for id_ in found if id_ not in EXPECTED]
        + [
            f"{id_} is defined {found.count(id_)} times"
            for id_ in set(found)
            if found.count(id_) > 1
        ]
    )


def check_placeholders(text: str) -> Complaints:
    prose = re.sub(r"`[^`]*`", "", text)  # brackets in code are JSON
    markers = re.findall(r"NEEDS CLARIFICATION|\b(?:TODO|TBD|FIXME|XXX)\b|\?\?\?|<!--", prose)
    return markers + re.findall(r"\[[^\]]+\](?!\()", prose)


def check_references(text: str) -> Complaints:
    return [f"{id_} does not exist" for id_ in REFERENCE.findall(text) if id_ not in EXPECTED]


def check_coverage(text: str) -> Complaints:
    scenarios = [body for id_, body in items(text) if id_.startswith("US")]
    shown = " ".join(scenarios + [body for _, body in of_kind(text, "EC")])
    requirements = dict(items(text))
    codes = re.findall(r"\b[1-5]\d\d\b", requirements.get("FR-018", ""))
    operations = re.findall(r"\bon ([A-Z]+) to\b", " ".join(requirements.values()))
    wrong = [f"{code} is in no scenario" for code in codes if not re.search(rf"\b{code}\b", shown)]
    wrong += [
        f"{verb} is in no scenario" for verb in operations if not re.search(rf"\b{verb}\b", shown)
    ]
    if len(codes) != 8 or len(operations) != 6:
        wrong.append(f"{len(codes)} status codes and {len(operations)} operations, not 8 and 6")
    return wrong


def check_clarifications(text: str) -> Complaints:
    entries = re.split(
        r"^- (?:\*\*CL-\d+\*\*: )?", section(text, "## Clarifications"), flags=re.MULTILINE
    )[1:]
    wrong = [] if entries else ["no clarification"]
    for entry in entries:
        question, _, rest = " ".join(entry.split()).partition("→ A: ")
        if not question.startswith("Q: "):
            wrong.append(f"no question: {question}")
        answer, _, rest = rest.partition("- Reason: ")
        reason, _, ids = rest.partition("- Makes precise: ")
        parts = {"question": question, "answer": answer, "reason": reason}
        wrong += [f"no {name}: {question}" for name, part in parts.items() if len(part.split()) < 2]
        wrong += [] if REFERENCE.search(ids) else [f"no id: {question}"]
    return wrong


def check_stories(text: str) -> Complaints:
    wrong = [] if len(stories(text)) == 5 else [f"{len(stories(text))} stories, not 5"]
    for number, (title, body) in enumerate(stories(text), start=1):
        if not re.fullmatch(rf"User Story {number} - \S.* \(Priority: P[1-4]\)", title):
            wrong.append(f"no number, title or priority: {title}")
        for part in ("Why this priority", "Independent Test", "Acceptance Scenarios"):
            if not re.search(rf"^\*\*{part}\*\*:\s+\S", body, re.MULTILINE):
                wrong.append(f"no {part}: {title}")
        scenarios = items(body)
        if [id_ for id_, _ in scenarios] != [f"US{number}-AS{n}" for n in range(1, 5)]:
            wrong.append(f"not its four scenarios: {title}")
        form = r"\*\*Given\*\* \S.*, \*\*When\*\* \S.*, \*\*Then\*\* \S.*\."
        wrong += [
            f"{id_} is not Given, When, Then" for id_, s in scenarios if not re.fullmatch(form, s)
        ]
    return wrong


def check_requirements(text: str) -> Complaints:
    checked = of_kind(text, "FR", "SR")
    return [f"{id_} obliges nobody" for id_, body in checked if "MUST" not in body] + [
        f"{id_} says {found[0]}" for id_, body in checked for found in VAGUE.finditer(body)
    ]


def check_untestable(text: str) -> Complaints:
    reason = re.compile(r".*\S \*\(Not testable: \w+(?: [^()]+){3,}\.\)\*")
    marked = {id_: body for id_, body in items(text) if "not testable" in body.lower()}
    return [
        f"{id_} gives no reason" for id_, body in marked.items() if not reason.fullmatch(body)
    ] + [
        f"{id_} is wrongly testable or not"
        for id_ in sorted(NOT_TESTABLE.symmetric_difference(marked))
    ]


def check_criteria(text: str) -> Complaints:
    return [f"{id_} has no figure" for id_, body in of_kind(text, "SC") if not MEASURE.search(body)]


def check_edge_cases(text: str) -> Complaints:
    cases = of_kind(text, "EC")
    return [f"{id_} names no condition" for id_, body in cases if not body.startswith("When ")] + [
        f"{id_} names no outcome" for id_, body in cases if not OUTCOME.search(body)
    ]


def check_scope(text: str) -> Complaints:
    wrong, subjects = [], []
    for id_, body in of_kind(text, "OS"):
        subject, _, absence = body.partition(". ")
        subjects.append(subject.lower())
        # One "and" joins two words for one thing; a list is several subjects.
        if re.search(r"[,;:/]", subject) or subject.count(" and ") > 1 or len(subject.split()) > 6:
            wrong.append(f"{id_} has several subjects")
        if len(absence.split()) < 3:
            wrong.append(f"{id_} does not say what its absence looks like")
    repeated = {subject for subject in subjects if subjects.count(subject) > 1}
    return wrong + [f"two items have the subject {subject}" for subject in repeated]


def check_checklist(text: str) -> Complaints:
    points = re.findall(r"^- \[(.)\] (.*(?:\n +\S.*)*)", text, re.MULTILINE)
    wrong = [] if points else ["no points"]
    for tick, body in points:
        point = " ".join(body.split())
        if tick != "x":
            wrong.append(f"not ticked: {point}")
        if not re.search(r"\. Checked by (?:`test_\w+`\.|reading: \w+ \S.*\.)$", point):
            wrong.append(f"does not say how: {point}")
    named = CHECK_NAME.findall(text)
    wrong += [f"{name} does not exist" for name in named if name not in TEST_NAMES]
    return wrong + [f"{name} is not named" for name in TEST_NAMES if name not in named]


def test_sections_are_complete() -> None:
    assert check_sections(SPEC) == []


def test_implementation_stays_out() -> None:
    assert check_implementation(SPEC) == []


def test_ids_are_complete_and_unique() -> None:
    assert check_ids(SPEC) == []


def test_no_placeholder_is_left() -> None:
    assert check_placeholders(SPEC) == []


def test_references_lead_somewhere() -> None:
    assert check_references(SPEC) == []


def test_operations_and_codes_occur_in_scenarios() -> None:
    assert check_coverage(SPEC) == []


def test_clarifications_give_reasons_and_ids() -> None:
    assert check_clarifications(SPEC) == []


def test_stories_are_testable() -> None:
    assert check_stories(SPEC) == []


def test_requirements_are_unambiguous() -> None:
    assert check_requirements(SPEC) == []


def test_untestable_items_say_why() -> None:
    assert check_untestable(SPEC) == []


def test_criteria_are_measurable() -> None:
    assert check_criteria(SPEC) == []


def test_edge_cases_have_outcomes() -> None:
    assert check_edge_cases(SPEC) == []


def test_scope_items_have_one_subject() -> None:
    assert check_scope(SPEC) == []


def test_checklist_is_complete() -> None:
    assert check_checklist(CHECKLIST) == []


TEST_NAMES = [name for name in globals() if name.startswith("test_")]
"""The tests above: those that a point of the checklist has to name."""


SEEDED: list[tuple[Callable[[str], Complaints], str, str, str]] = [
    (check_sections, "## Dependencies\n", "## Needs\n", "missing: ## Dependencies"),
    (check_sections, "## Clarifications\n", "## Clarifications\n\n## Else\n", "missing: ## Clar"),
    (check_sections, "**Status**: Ready for planning", "**Status**:", "no Status"),
    (
        check_sections,
        "## Assumptions\n",
        "## Out of Scope\nNone.\n## Assumptions\n",
        "out of order",
    ),
    (check_implementation, "create a task on", "create a SQLModel row on", "names SQLModel"),
    (check_implementation, "never issues one.", "(tokens.py).", "the file tokens.py"),
    (check_ids, "- **FR-013**:", "- FR-013:", "FR-013 is missing"),
    (check_ids, "- **SC-004**:", "- **SC-003**:", "SC-003 is defined 2 times"),
    (check_ids, "- **OS-20**:", "- **OS-21**:", "OS-21 is unknown"),
    (check_ids, "- **FR-020**:", "- **FR-20**:", "FR-20 is unknown"),
    (check_ids, "1. **US2-AS1**:", "1. **US2-AS01**:", "US2-AS1 is missing"),
    (check_placeholders, "newest\nfirst.", "[NEEDS CLARIFICATION: order?].", "NEEDS CLARIFICATION"),
    (check_placeholders, "A user ticks", "TODO A user ticks", "TODO"),
    (check_placeholders, "Backend API and Database", "[FEATURE NAME]", "[FEATURE NAME]"),
    (check_references, "FR-006 to FR-011", "FR-006 to FR-031", "FR-031 does not exist"),
    (check_coverage, "answer is 204 without", "answer is empty, without", "204 is in no scenario"),
    (check_coverage, "422 or 500.", "422.", "7 status codes"),
    (check_coverage, "task on POST to", "task by POST to", "5 operations"),
    (check_clarifications, "  - Reason: One quick call", "  - One quick call", "no reason"),
    (check_clarifications, "- Makes precise: SC-009", "- Makes precise: all", "no id"),
    (check_clarifications, "→ A: The slowest of many.", "", "no answer"),
    (check_clarifications, "**: Q: ", "**: ", "no question"),
    (check_ids, "- **CL-07**: ", "- ", "CL-07 is missing"),
    (check_stories, " (Priority: P4)", "", "no number, title or priority"),
    (check_stories, "### User Story 5", "### Story 5", "4 stories, not 5"),
    (check_stories, "**Why this priority**: Tasks change", "Tasks change", "no Why this priority"),
    (check_stories, "1. **US4-AS1**:", "1. **US4-AS5**:", "not its four scenarios"),
    (check_stories, "**Given** user A with", "Given user A with", "US2-AS4 is not Given"),
    (check_requirements, "API MUST check the expiry", "API can check the expiry", "FR-003 obliges"),
    (check_requirements, "MUST be logged for", "MUST be quickly logged for", "SR-011 says quickly"),
    (
        check_untestable,
        "this is a rule of process, and running code does not show how it came to be",
        "so",
        "C-010 gives no reason",
    ),
    (
        check_untestable,
        "issues one.",
        "issues one. *(Not testable: it is so to us.)*",
        "C-004 is wrong",
    ),
    (check_untestable, "*(Not testable: no client", "*(No client", "C-001 is wrongly testable"),
    (check_criteria, "answered in under 3 s", "answered soon, FR-006", "SC-001 has no figure"),
    (check_criteria, "100 % of the requests without", "Requests without", "SC-003 has no figure"),
    (
        check_edge_cases,
        "When a body is malformed",
        "A body is malformed",
        "EC-06 names no condition",
    ),
    (check_edge_cases, "the last write wins", "they are merged", "EC-05 names no outcome"),
    (check_scope, "Rate limiting.", "Rate limiting, quotas.", "OS-12 has several subjects"),
    (
        check_scope,
        "Soft delete and archive.",
        "Pagination.",
        "two items have the subject pagination",
    ),
    (check_scope, "No request takes a file.", "", "OS-16 does not say"),
    (check_checklist, "- [x] No placeholder", "- [ ] No placeholder", "not ticked"),
    (check_checklist, "Checked by reading: each decision", "Each decision", "does not say how"),
    (
        check_checklist,
        "`test_criteria_are_measurable`",
        "`test_criteria`",
        "test_criteria does not",
    ),
    (
        check_checklist,
        "`test_stories_are_testable`",
        "`test_sections_are_complete`",
        "is not named",
    ),
]


@pytest.mark.parametrize(("check", "sound", "damaged", "complaint"), SEEDED)
def test_seeded_defect_is_noticed(
    check: Callable[[str], Complaints], sound: str, damaged: str, complaint: str
) -> None:
    text = CHECKLIST if check is check_checklist else SPEC
    assert sound in text, "the seeded defect has nothing to replace"
    assert complaint
    assert complaint in " | ".join(check(text.replace(sound, damaged, 1)))
