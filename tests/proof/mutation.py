"""Small faults, one at a time, in a module's syntax tree: what a test has to notice.

Left out by construction, since no reader would call them bugs: annotations, docstrings, what only type checkers see,
and text for people (three words or more, and what is said of an error), whose wording is judged where it is shown.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}
_CLEANED = {"strip", "lstrip", "rstrip", "lower", "upper", "casefold"}


class Mutant(NamedTuple):
    """A module with one fault: its syntax tree, and where it is and what, as `line of source => what became of it`."""

    module: str
    line: int
    name: str
    tree: ast.Module


def mutants(path: Path, module: str) -> Iterator[Mutant]:
    """Every fault of a file."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    tree = ast.parse(text)
    for place, (field, index, node) in enumerate(_places(tree)):
        for changed in _changes(node):
            faulty = copy.deepcopy(tree)
            where = list(_parents(faulty))[place]
            assert (field, index) == where[1:]
            _put(*where, changed)
            ast.fix_missing_locations(faulty)
            before, after = (" ".join(ast.unparse(each).split()) for each in (node, changed))
            if before == after:
                continue  # `while True`
            line = node.target.lineno if isinstance(node, ast.comprehension) else node.lineno
            name = f"{lines[line - 1].strip()} => {_short(before)} -> {_short(after)}"
            yield Mutant(module, line, name, faulty)


def _short(text: str) -> str:
    return text if len(text) < 60 else f"{text[:57]}..."


def _parents(tree: ast.AST, raised: bool = False) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where each node stands that can be changed: parent, field, and place in it."""
    raised = raised or isinstance(tree, ast.Raise)
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        children = (
            [(None, value)] if isinstance(value, ast.AST) else list(enumerate(value)) if isinstance(value, list) else []
        )
        for index, child in children:
            said = raised and isinstance(tree, ast.JoinedStr) and isinstance(child, ast.Constant)
            if isinstance(child, ast.AST) and not said and not _is_for_readers(child, field):
                yield tree, field, index
                yield from _parents(child, raised)


def _places(tree: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for parent, field, index in _parents(tree):
        value = getattr(parent, field)
        yield field, index, value if index is None else value[index]


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _is_for_readers(node: ast.AST, field: str) -> bool:
    """A docstring, or what is there for type checkers and linters."""
    if isinstance(node, ast.Expr):
        return field == "body" and isinstance(node.value, ast.Constant)
    first = ast.unparse(node).splitlines()[0] if isinstance(node, ast.Assign | ast.If) else ""
    return first.startswith(("TYPE_CHECKING =", "if TYPE_CHECKING", "__all__ ="))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARED:
            yield ast.Compare(node.left, [_COMPARED[type(operator)]()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp(op=operator) if type(operator) in _COUNTED:
            yield ast.BinOp(node.left, _COUNTED[type(operator)](), node.right)
        case ast.If() | ast.While():
            yield from (_with(node, test=ast.Constant(value)) for value in (True, False))
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.Return(value=ast.expr()) if not _is_none(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Continue() | ast.Break() | ast.AugAssign() | ast.Expr():
            yield ast.Pass()
        case ast.Call(func=ast.Attribute(attr=name)) if name in _CLEANED:
            yield node.func.value
        case ast.Constant():
            yield from _constants(node.value)


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and len(value.split()) < 3:
        yield ast.Constant("" if value else "mutant")


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
