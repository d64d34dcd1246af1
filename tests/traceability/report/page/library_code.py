"""The code of the made-up library: files of functions, each claiming one requirement."""

from __future__ import annotations

import hashlib

from traceability.model import (
    Claim,
    CodePlace,
    Definition,
    SourceFile,
    TracedFile,
    TracedRequirement,
    Verdict,
)

FUNCTION = """\
def {name}(reader: str, copy: str) -> Loan:
    # Implements: {id}
    loan = loans.find(reader, copy)
    if loan is None:
        raise NotLent(copy)
    loan.due = today() + timedelta(days=28)
    return loan


"""
FUNCTION_LINES = FUNCTION.count("\n")
FUNCTIONS_PER_FILE = 12


def code_places(at: int, verdict: Verdict) -> tuple[CodePlace, ...]:
    if verdict in {Verdict.UNTESTED, Verdict.NOT_RUN, Verdict.EXCLUDED}:
        return ()
    path, first = function_place(at)
    lines = (first + 2, first + 3, first + 5, first + 6)
    claimed = CodePlace(path, f"rule_{at}", first, first + 6, True, True, lines, 1.0)
    if verdict is Verdict.UNIMPLEMENTED:
        return (CodePlace(path, f"rule_{at}", first, first + 6, True, False, (), 0.0),)
    path, first = function_place(0)
    shared = CodePlace(path, "rule_0", first, first + 6, False, True, (first + 2, first + 3), 0.05)
    return (claimed, shared) if at % 3 else (claimed,)


def files_with_first_function(count: int) -> list[tuple[str, int]]:
    return [(function_place(at)[0], at) for at in range(0, count, FUNCTIONS_PER_FILE)]


def function_place(at: int) -> tuple[str, int]:
    """Return the file of the function of the requirement at this position, and its first line."""
    return f"library/branch_{at // FUNCTIONS_PER_FILE}.py", 1 + FUNCTION_LINES * (
        at % FUNCTIONS_PER_FILE
    )


def traced_file(
    path: str,
    start: int,
    ids: list[tuple[str, str]],
    traced: list[TracedRequirement],
    injected: str,
) -> TracedFile:
    texts, definitions = [], []
    executable: set[int] = set()
    served: dict[int, tuple[str, ...]] = {}
    for at in range(start, min(start + FUNCTIONS_PER_FILE, len(ids))):
        id_, first = ids[at][1], function_place(at)[1]
        texts.append(FUNCTION.format(name=f"rule_{at}", id=id_))
        body = frozenset({first + 2, first + 3, first + 4, first + 5, first + 6})
        executable |= body
        claim = Claim(id_, path, first + 1)
        definitions.append(Definition(path, f"rule_{at}", first, first + 6, body, (claim,)))
        for place in traced[at].code:
            if place.path == path and place.symbol == f"rule_{at}":
                served |= dict.fromkeys(place.lines, (id_,))
    if start == 0:
        all_ids = tuple(id_ for _, id_ in ids)
        served |= dict.fromkeys((3, 4), all_ids)
    source = SourceFile(
        path, digest(path), frozenset(executable), tuple(definitions), "".join(texts) + injected
    )
    return TracedFile(source, served)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
