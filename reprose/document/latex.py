"""Templates of LaTeX, whose errors name their line."""

import traceback
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

import jinja2

from reprose.base.errors import ReproseError
from reprose.document.comments import check_comments
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


def environment() -> jinja2.Environment:
    r"""Return the environment of all templates: `\VAR{}`, `\BLOCK{}`, `\#{}`, `%%` and `%#`; strict, and escaping."""
    made = _Environment(
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


def render(source: str, name: str, context: Mapping[str, Any]) -> str:
    """Return the template text `source` filled from `context`; errors name the file `name` and the line."""
    jinja = environment()
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
        raise ReproseError(f"{name}:{error.lineno}: {error.message}") from error
    except FAULTS as error:
        raise ReproseError(f"{name}:{_line(error, name)}: {error}") from error


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


def _line(error: Exception, name: str) -> int:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    return lines[-1] if lines else 0
