"""What goes over the wire: the body of a task sent, and of a task answered."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

# The title's rule for readers of the contract: `maxLength` would count stripped characters, too.
_SPACE = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_VISIBLE = rf"[^\u0000{_SPACE}]"
TITLE = rf"^[{_SPACE}]*{_VISIBLE}([^\u0000]{{0,198}}{_VISIBLE})?[{_SPACE}]*$"


def _storable(value: str) -> str:
    # Implements: SC-010
    if "\x00" in value:
        raise PydanticCustomError("null_character", "Text must not contain the character U+0000")
    return value


def _canonical(value: str) -> str:
    # Implements: SC-010
    # Pydantic accepts braces and URNs, too, and its message quotes the input.
    try:
        if str(UUID(value)) == value.lower():
            return value
    except ValueError:
        pass
    raise PydanticCustomError("uuid_parsing", "A task id must be a UUID of the form 8-4-4-4-12")


TaskId = Annotated[UUID, BeforeValidator(_canonical)]
# RFC 3339 in UTC, always with six digits: texts of one width sort as the moments do.
UtcText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Title = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_storable),
    WithJsonSchema({"type": "string", "pattern": TITLE}),
]
Description = Annotated[
    str,
    StringConstraints(strict=True, max_length=2000),
    AfterValidator(_storable),
    Field(json_schema_extra={"pattern": r"^[^\u0000]*$"}),
]


class TaskInput(BaseModel):
    """What a user says about a task. Fields of any other name are ignored (SR-002)."""

    title: Title = Field(
        description="Surrounding white space is stripped, then 1 to 200 code points.",
        examples=["Buy milk"],
    )
    description: Description | None = Field(
        default=None,
        description="Kept as sent, up to 2000 code points.",
        examples=["Two litres, the fresh one"],
    )


class TaskRead(BaseModel):
    """A task, whole."""

    id: UUID
    user_id: str
    title: str
    description: str | None
    is_completed: bool
    created_at: UtcText
    updated_at: UtcText


TASKS = TypeAdapter(list[TaskRead])


class NotJsonError(ValueError):
    """Refuse NaN and Infinity, which the standard library reads and RFC 8259 does not have."""


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Implements: EC-06
    if len(dict(pairs)) < len(pairs):
        raise NotJsonError("a name occurs twice in one object")
    return dict(pairs)


def _no_number(name: str) -> None:
    # Implements: EC-06
    raise NotJsonError(f"{name} is no number")


def parse_task(content_type: str, body: bytes) -> TaskInput:
    """Read the body of a request. Raises `RequestValidationError` with the place and the reason."""
    # Implements: FR-013, FR-014, EC-03, EC-06, US2-AS3, SC-010
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise _invalid("content_type", "The body must be sent as application/json")
    try:
        fields = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique_names, parse_constant=_no_number
        )
    except UnicodeDecodeError:
        raise _invalid("json_invalid", "The body is not valid JSON: it is not UTF-8") from None
    except RecursionError:
        raise _invalid("json_invalid", "The body is not valid JSON: nested too deep") from None
    except json.JSONDecodeError as error:
        place = f"{error.msg.partition(' (')[0]} at line {error.lineno} column {error.colno}"
        raise _invalid("json_invalid", f"The body is not valid JSON: {place}") from None
    except NotJsonError as error:
        raise _invalid("json_invalid", f"The body is not valid JSON: {error}") from None
    except ValueError:  # the interpreter's own limit, whose message speaks of the interpreter
        raise _invalid("json_invalid", "A number in the body has too many digits") from None
    if not isinstance(fields, dict):
        raise _invalid("dict_type", "The body must be a JSON object")
    try:
        return TaskInput.model_validate(fields)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
    raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in errors])


def _invalid(kind: str, message: str) -> RequestValidationError:
    # Implements: EC-06
    return RequestValidationError([{"loc": ("body",), "msg": message, "type": kind}])
