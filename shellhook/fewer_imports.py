"""botocore with less of it loaded: of 190 ms to the first call, 60 go into what no call needs."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextlib.contextmanager
def for_botocore() -> Iterator[None]:
    """While this is open, what botocore imports for its documentation is not loaded, and jmespath, which paginators and
    waiters use, when it is first used."""
    finder = _Documentation()
    sys.meta_path.insert(0, finder)
    try:
        if "jmespath" not in sys.modules:
            _load_late("jmespath")
        yield
    finally:
        sys.meta_path.remove(finder)


class _Nothing:
    """Stands for whatever is imported from a module that is not loaded; whatever is done with it gives it again."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __getattr__(self, name: str) -> _Nothing:
        return self

    def __call__(self, *_: object, **__: object) -> _Nothing:
        return self


class _Documentation(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds botocore.docs and everything below it: it writes the docstrings of clients (botocore/docs/docstring.py),
    and takes html.parser and 20 files of its own to do so."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "botocore.docs" or fullname.startswith("botocore.docs."):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        def give(name: str) -> type[_Nothing]:
            if name.startswith("__"):
                raise AttributeError(name)
            return _Nothing

        module.__dict__["__getattr__"] = give


def _load_late(name: str) -> None:
    """The recipe of the standard library's documentation, importlib, "Implementing lazy imports"."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    loader = importlib.util.LazyLoader(spec.loader)
    spec.loader = loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
