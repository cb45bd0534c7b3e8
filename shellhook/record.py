"""Records: what dataclasses are, without the 16 ms that importing them costs.

A stored session has 30 ms to reach the shell, half of which is Python's own start. `dataclasses` imports `inspect`,
which alone would use up what is left.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from typing_extensions import dataclass_transform

    Self = TypeVar("Self", bound="Record")
else:

    def dataclass_transform(**_options):
        return lambda record: record


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """A frozen value with named fields: annotate them in the class body, give them by keyword.

    A field with a value in the class body is optional. Two records are equal if class and fields are.
    """

    _fields: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        # inspect.get_annotations is the better way, and inspect is what must not be imported here. In Python 3.14
        # annotations are made when they are asked for, which getattr does.
        own = getattr(cls, "__annotations__", {})
        cls._fields = cls._fields + tuple(name for name in own if name not in cls._fields)

    def __init__(self, **values: Any) -> None:
        for name in self._fields:
            if name in values:
                self.__dict__[name] = values.pop(name)
            elif hasattr(type(self), name):
                self.__dict__[name] = getattr(type(self), name)
            else:
                raise TypeError(f"{type(self).__name__} lacks {name}")
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *map(str, self.__dict__.values())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def replace(self: Self, **values: Any) -> Self:
        """The same record with these fields changed."""
        return type(self)(**{**self.__dict__, **values})
