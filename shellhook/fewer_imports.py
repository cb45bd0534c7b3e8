"""botocore with less of it loaded: a third of what it imports is for documentation and the like."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.abc import Loader, MetaPathFinder

    class _Importer(MetaPathFinder, Loader): ...
else:
    _Importer = object  # importlib.abc takes importlib.resources and tempfile along: 8 ms


@contextlib.contextmanager
def for_botocore() -> Iterator[None]:
    """While this is open, botocore is imported without what no call needs."""
    finder = _Unneeded()
    sys.meta_path.insert(0, finder)
    try:
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


class _Unneeded(_Importer):
    """Finds botocore.docs and everything below it, which writes the docstrings of clients and takes html.parser and 20
    files of its own to do so (botocore/docs/docstring.py). And urllib3.http2, but not what is below it: it looks for
    the version of a package with importlib.metadata, for a protocol that botocore does not speak. Some are there once
    somebody asks something of them: jmespath for waiters and pagination, configparser for the files, which are read
    by ini.py here."""

    def __init__(self) -> None:
        self._later = {"configparser", "jmespath"}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "botocore.docs" or fullname.startswith("botocore.docs."):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if fullname in self._later:
            return importlib.machinery.ModuleSpec(fullname, self)
        if fullname == "urllib3.http2" and path:
            spec = importlib.machinery.ModuleSpec(fullname, self, is_package=True)
            spec.submodule_search_locations = [os.path.join(each, "http2") for each in path]
            return spec
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """An ordinary one."""

    def exec_module(self, module: types.ModuleType) -> None:
        def give(name: str) -> object:
            if name.startswith("__"):
                raise AttributeError(name)
            if module.__name__ not in self._later:
                return _Nothing
            self._later.remove(module.__name__)
            del sys.modules[module.__name__], module.__dict__["__getattr__"]
            real = importlib.import_module(module.__name__)
            module.__dict__.update(real.__dict__)
            return getattr(real, name)

        module.__dict__["__getattr__"] = give
