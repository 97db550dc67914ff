"""The source text of a definition, for the listings that a handout prints."""

import ast
import difflib
import tokenize
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.code.syntax import Roots


def source_text(name: str, roots: Roots) -> str:
    """Return the source of the function or class "module:name" of the code of `roots`, with its decorators."""
    module, _, wanted = name.partition(":")
    package, _, inner = module.partition(".")
    folder = dict(roots).get(package, Path(package))
    path = folder / f"{inner.replace('.', '/')}.py"
    if not wanted or not path.is_file():
        raise ReproseError(f"listing '{name}': found no file {path}. Write 'package.module:name' of a module there.")
    with tokenize.open(path) as file:  # as Python reads it: with another encoding, or with a byte order mark
        text = file.read()
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    definitions = {node.name: node for node in ast.parse(text, str(path)).body if isinstance(node, kinds)}
    if wanted not in definitions:
        near = difflib.get_close_matches(wanted, definitions, n=3) or sorted(definitions)
        raise ReproseError(f"{path}: no function or class '{wanted}'. Found there: {', '.join(near) or 'none'}.")
    node = definitions[wanted]
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(text.split("\n")[first - 1 : node.end_lineno]) + "\n"
