"""The source text of a definition, for the listings that a handout prints."""

import ast
import difflib
import textwrap
from importlib.util import decode_source
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.notebooks import module_file, module_text
from reprose.code.syntax import Roots


def source_text(name: str, roots: Roots) -> str:
    """Return the source of a function, class or method of the code of `roots`, with its decorators.

    Its name is "module:name" or "module:Class.method"; a method stands at the left margin.
    """
    module, _, wanted = name.partition(":")
    package, _, inner = module.partition(".")
    folder = dict(roots).get(package, Path(package))
    place = folder / inner.replace(".", "/")
    path = module_file(place)
    if not wanted or path is None:
        raise ReproseError(
            f"listing '{name}': found no file {place}.py. Write 'package.module:name' of a module there."
        )
    text = decode_source(module_text(path))  # with another encoding, or with a byte order mark
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
