"""Templates of LaTeX, whose errors name their line."""

import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import jinja2

from reprose.base.errors import ReproseError
from reprose.document.comments import check_comments
from reprose.document.template_faults import syntax_fault, undefined
from reprose.numbers.printing import Latex, escape

EMPTY_COMMENT = r"\#{}"  # who writes this means the sign of LaTeX
# What an expression of a template may raise: we, Jinja, arithmetic, lists, texts, a macro without end.
FAULTS = (ReproseError, jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)

_rendering: ContextVar[jinja2.Template | None] = ContextVar("rendering", default=None)


class _Environment(jinja2.Environment):
    """Escapes as LaTeX does, also where a template joins texts with ~, with + or by a filter; Jinja knows only HTML."""

    def latex(self) -> tuple[Any, ...]:
        """Return what stands for Jinja's Markup, escape and markup_join in the code of a template."""
        return Latex, escape, joined

    def _generate(self, *source: Any, **options: Any) -> str:
        code = super()._generate(*source, **options)
        return code.replace("\n", "; Markup, escape, markup_join = environment.latex()\n", 1)  # behind the imports


def joined(parts: Iterable[Any], sign: str = "") -> str:
    """Return `parts` as one text: LaTeX if any of them is, the others escaped; else plain."""
    texts = list(parts)
    if any(hasattr(text, "__html__") for text in (*texts, sign)):
        return escape(sign).join(texts)
    return sign.join(map(str, texts))


class _Parts(jinja2.BaseLoader):
    """Finds what templates include: the files that are inputs of the job, and no other."""

    def __init__(self, parts: Mapping[str, Path]) -> None:
        self.parts = parts

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return the text of a file and its path."""
        if template not in self.parts:
            raise ReproseError(
                f"'{template}' is included, but not by its name in quotes, so a change of it would go unseen. Write"
                r' \BLOCK{include "parts/one.tex.j2"}, with a path from report/.'
            )
        path = self.parts[template]
        text = path.read_text(encoding="utf-8")
        check_comments(text, str(path), environment)
        return text, str(path), lambda: True


def environment(parts: Mapping[str, Path] | None = None) -> jinja2.Environment:
    r"""Return the environment of all templates: `\VAR{}`, `\BLOCK{}`, `\#{}`, `%%` and `%#`; strict, and escaping."""
    made = _Environment(
        loader=_Parts(parts or {}),
        block_start_string=r"\BLOCK{",
        block_end_string="}",
        variable_start_string=r"\VAR{",
        variable_end_string="}",
        comment_start_string=r"\#{",
        comment_end_string="}",
        line_statement_prefix="%%",
        line_comment_prefix="%#",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
    )
    made.filters |= {"join": joined, "e": escape, "escape": escape, "forceescape": lambda text: escape(str(text))}
    return made


def render(source: str, name: str, context: Mapping[str, Any], parts: Mapping[str, Path] | None = None) -> str:
    """Return the template text `source` filled from `context`; errors name the file `name` and the line.

    `parts` are the files that it may include, by their names in the template.
    """
    jinja = environment(parts)
    if (place := source.find(EMPTY_COMMENT)) >= 0:
        line = source.count("\n", 0, place) + 1
        raise ReproseError(rf"{name}:{line}: \#{{}} is a comment of the template, which prints nothing. Write {{\#}}.")
    check_comments(source, name, jinja)
    try:
        template = jinja2.Template.from_code(jinja, jinja.compile(source, name=name, filename=name), {})
        token = _rendering.set(template)
        try:
            return template.render(context)
        finally:
            _rendering.reset(token)
    except jinja2.TemplateSyntaxError as error:
        file = error.filename or name
        line, said = syntax_fault(error, source if file == name else error.source or "", jinja)
        raise ReproseError(f"{file}:{line}: {said}") from error
    except FAULTS as error:
        files = {name, *map(str, (parts or {}).values())}
        said = undefined(error, context) if isinstance(error, jinja2.UndefinedError) else error
        raise ReproseError(f"{_place(error, files) or f'{name}:0'}: {said}") from error


def template_line() -> int:
    """Return the line of the template that is calling, for messages; 0 where no template is calling."""
    template = _rendering.get()
    if template is None:
        return 0
    lines = (line for frame, line in traceback.walk_stack(None) if frame.f_code.co_filename == template.filename)
    return template.get_corresponding_lineno(next(lines, 0))


@jinja2.pass_context  # a finalizer that needs the context also sees constants before Jinja escapes them as HTML
def _finalize(context: jinja2.runtime.Context, value: Any) -> Any:
    return value if isinstance(value, jinja2.Undefined) else escape(value)


def _place(error: Exception, files: Collection[str]) -> str:
    """Return the innermost file and line of templates that `error` came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
