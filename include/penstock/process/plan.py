"""A plan: the steps of a recipe as passes, checked against the columns that are there, portable as JSON.

Adjacent document steps are one pass over Arrow batches. The JSON names each step's class, so that an executor needs
nothing but importable packages to build the steps again.
"""

from __future__ import annotations

import difflib
import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from penstock.errors import RecipeError
from penstock.process.step import Context, DocumentStep, FrameStep, Step

if TYPE_CHECKING:
    import pyarrow as pa
    from pydantic import SecretStr


@dataclass(frozen=True)
class NamedStep:
    """A step, and the name it has in reasons: its kind, with a number from the second of that kind on."""

    name: str
    step: Step


@dataclass(frozen=True)
class DocumentPass:
    """Document steps that run fused."""

    steps: tuple[NamedStep, ...]
    context: Context

    def to_json(self) -> str:
        """Return the pass as an executor gets it."""
        steps = [
            {
                "name": named.name,
                "class": _path_of(type(named.step)),
                "params": named.step.model_dump(mode="json", by_alias=True),
            }
            for named in self.steps
        ]
        return json.dumps(
            {"context": self.context.model_dump(mode="json"), "steps": steps}, ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str, secrets: Mapping[str, SecretStr] | None = None) -> DocumentPass:
        """Build the steps again; the secrets of the context are not in the text and come apart.

        Raises:
            RecipeError: when a step's class cannot be imported here.
        """
        document = json.loads(text)
        steps = tuple(
            NamedStep(item["name"], _class_at(item["class"]).model_validate(item["params"]))
            for item in document["steps"]
        )
        return cls(steps, Context(**document["context"], secrets=dict(secrets or {})))

    @property
    def document_steps(self) -> tuple[tuple[str, DocumentStep], ...]:
        """The steps with their names."""
        return tuple((named.name, cast("DocumentStep", named.step)) for named in self.steps)

    def reads(self) -> set[str]:
        """Return the columns that the steps read or replace."""
        names = {self.context.text_column}
        for named in self.steps:
            names |= {*named.step.reads(), *named.step.adds()}
        return names

    def adds(self) -> dict[str, pa.DataType]:
        """Return the columns that the steps set, with their Arrow types; the last step that sets one decides."""
        return {name: kind for named in self.steps for name, kind in named.step.adds().items()}


@dataclass(frozen=True)
class FramePass:
    """One frame step."""

    named: NamedStep

    @property
    def step(self) -> FrameStep:
        """The step."""
        return cast("FrameStep", self.named.step)


Pass = DocumentPass | FramePass


def build_passes(steps: Sequence[Step], context: Context) -> list[Pass]:
    """Fuse adjacent document steps.

    Raises:
        RecipeError: when a step is of neither kind.
    """
    passes: list[Pass] = []
    for is_document, group in groupby(
        named_steps(steps), key=lambda named: isinstance(named.step, DocumentStep)
    ):
        if is_document:
            passes.append(DocumentPass(tuple(group), context))
        else:
            passes += [FramePass(_checked_frame_step(named)) for named in group]
    return passes


def check_columns(
    steps: Sequence[Step], columns: Sequence[str], *, where: str, text_column: str
) -> tuple[str, ...]:
    """Return the columns after the last step, as far as the steps declare them.

    Raises:
        RecipeError: naming the step and the nearest column when it reads one that is not there.
    """
    there = list(columns)
    for named in named_steps(steps):
        wanted = named.step.reads()
        if isinstance(named.step, DocumentStep) and named.step.reads_text:
            wanted = (text_column, *wanted)
        for name in wanted:
            if name not in there:
                raise RecipeError(_missing(named.name, name, there, where))
        there = [name for name in there if name not in named.step.removes()]
        there += [name for name in named.step.adds() if name not in there]
    return tuple(there)


def needed_models(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the names of the models that the steps use, each once."""
    return tuple(dict.fromkeys(name for step in steps for name in step.needs()))


def needed_secrets(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the connections whose passwords the steps use, each once."""
    return tuple(dict.fromkeys(name for step in steps for name in step.secrets()))


def _missing(step: str, column: str, there: Sequence[str], where: str) -> str:
    near = difflib.get_close_matches(column, there, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(there)}"
    return (
        f"{where}: process step {step} expected a column {column!r}, but nothing before it makes one; {hint} "
        "(put the step that adds it first, or name the column in the transfer section)"
    )


def named_steps(steps: Sequence[Step]) -> list[NamedStep]:
    """Return the steps with their names in reasons."""
    named: list[NamedStep] = []
    seen: dict[str, int] = {}
    for step in steps:
        kind = str(getattr(step, "kind", type(step).__name__))
        seen[kind] = seen.get(kind, 0) + 1
        named.append(NamedStep(kind if seen[kind] == 1 else f"{kind}_{seen[kind]}", step))
    return named


def _checked_frame_step(named: NamedStep) -> NamedStep:
    if isinstance(named.step, FrameStep):
        return named
    message = (
        f"process step {named.name}: expected a DocumentStep or a FrameStep, got {type(named.step).__name__}; "
        "derive the class from one of the two (penstock.process.step)"
    )
    raise RecipeError(message)


def _path_of(cls: type[Step]) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _class_at(path: str) -> type[Step]:
    module, _, name = path.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        message = (
            f"process: expected the step class {path} to be importable where Spark's Python runs, got "
            f"{type(error).__name__}: {error}; install the package that holds it there, in the same version"
        )
        raise RecipeError(message) from error
    if not (isinstance(found, type) and issubclass(found, Step)):
        message = (
            f"process: expected {path} to be a step class, got {type(found).__name__}; derive it from Step"
        )
        raise RecipeError(message)
    return found
