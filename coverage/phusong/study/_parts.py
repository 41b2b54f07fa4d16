"""What every section of study.toml is made of."""

from collections import Counter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from .._text import LONGEST_TEXT, text_fault, tidy


def fault(key: str, **values: Any) -> PydanticCustomError:
    """Return a validation error that carries one of our message keys."""
    return PydanticCustomError(f"study.{key}", f"study.{key}", values)


def not_blank(value: str) -> str:
    """Refuse a text of nothing but spaces."""
    if not value.strip():
        raise fault("blank")
    return value


def readable(value: str) -> str:
    """Refuse a text that holds what no text of an input may."""
    if unfit := text_fault(value):
        raise fault(unfit, limit=LONGEST_TEXT)
    return not_blank(value)


def composed(value: str) -> str:
    """Return the text as names in the tables are, which those of a study must match."""
    return readable(tidy(value))


def as_table(value: Any) -> Any:
    """Read a bare path as a table with that path."""
    return {"path": value} if isinstance(value, str) else value


def as_list(value: Any) -> Any:
    """Read one value as a list of one."""
    return [value] if isinstance(value, str | dict) else value


Text = Annotated[str, AfterValidator(composed)]
FileName = Annotated[str, AfterValidator(not_blank)]
Share = Annotated[float, Field(ge=0, le=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,30}$")]


class Settings(BaseModel):
    """One section: frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def distinct(names: list[str]) -> None:
    """Refuse repeated names."""
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise fault("repeated", names=", ".join(repeated))
