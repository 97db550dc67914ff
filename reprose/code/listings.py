"""The source text of a definition, for the listings that a handout prints."""

import ast
import difflib
import textwrap
import tokenize
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.code.syntax import Roots


def source_text(name: str, roots: Roots) -> str:
    """Return the source of a function, class or method of the code of `roots`, with its decorators.

    Its name is "module:name" or "module:Class.method"; a method stands at the left margin.
    """
    module, _, wanted = name.partition(":")
    package, _, inner = module.partition(".")
    folder = dict(roots).get(package, Path(package))
    path = folder / f"{inner.replace('.', '/')}.py"
    if not wanted or not path.is_file():
        raise ReproseError(f"listing '{name}': found no file {path}. Write 'package.module:name' of a module there.")
    with tokenize.open(path) as file:  # as Python reads it: with another encoding, or with a byte order mark
        text = file.read()
    body = ast.parse(text, str(path)).body
    for part in wanted.split("."):
        node = _definition(body, part, path)
        body = node.body
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return textwrap.dedent("\n".join(text.split("\n")[first - 1 : node.end_lineno])) + "\n"


def _definition(body: list[ast.stmt], name: str, path: Path) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    definitions = {node.name: node for node in body if isinstance(node, kinds)}
    if name not in definitions:
        near = difflib.get_close_matches(name, definitions, n=3) or sorted(definitions)
        raise ReproseError(f"{path}: no function or class '{name}'. Found there: {', '.join(near) or 'none'}.")
    return definitions[name]
