"""Tables of a target file for a server of another layout: its paths, fields, columns and bodies."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, model_validator

from steps.target.description.checks import (
    STRICT,
    check_name,
    check_operation_on_a_task,
    check_operation_on_all,
)
from steps.target.description.placeholders import only_placeholders

Name = Annotated[str, AfterValidator(check_name)]
OperationText = Annotated[str, AfterValidator(check_operation_on_all)]
OperationOnTaskText = Annotated[str, AfterValidator(check_operation_on_a_task)]
BodyFields = Annotated[dict[str, Any], only_placeholders({"user_id"})]


class LayoutTable(BaseModel):
    """One of these tables; an unknown key is an error."""

    model_config = STRICT


class ColumnsTable(LayoutTable):
    """What the columns of the tasks are called, where the database's catalogue does not show it."""

    id: Name = ""
    user_id: Name = ""
    title: Name = ""
    description: Name = ""
    is_completed: Name = ""
    created_at: Name = ""
    updated_at: Name = ""

    @property
    def given(self) -> dict[str, str]:
        """The names that the file gives, by the spec's."""
        return {ours: theirs for ours, theirs in self if theirs}


class FieldsTable(ColumnsTable):
    """What the fields of a task are called in requests and answers, where not as in the spec."""

    @model_validator(mode="after")
    def _check_fields(self) -> FieldsTable:
        ours: dict[str, str] = {}
        for name, given in self:
            theirs = given or name
            if theirs in ours:
                raise ValueError(
                    f"names both {ours[theirs]} and {name} {theirs}: give each a name of its own"
                )
            ours[theirs] = name
        return self


class PathsTable(LayoutTable):
    """Where the six operations are; one that is left out is not offered."""

    list: OperationText = ""
    read: OperationOnTaskText = ""
    create: OperationText = ""
    update: OperationOnTaskText = ""
    toggle: OperationOnTaskText = ""
    delete: OperationOnTaskText = ""

    @model_validator(mode="after")
    def _check_paths(self) -> PathsTable:
        given = [text for _, text in self if text]
        if not given:
            raise ValueError("names no operation: say where they are, or leave the table out")
        for text in given:
            if given.count(text) > 1:
                raise ValueError(f"names {text} twice: each operation has a request of its own")
        return self


class BodiesTable(LayoutTable):
    """Fields that the bodies of the operations need besides those of the spec."""

    create: BodyFields = Field(default={})
    update: BodyFields = Field(default={})
    toggle: BodyFields = Field(default={})
