"""What gives access to code, docstrings or source texts that no name in the source tells."""

DOC = "__doc__"
EVERY_DOC = ("", "*.__doc__")  # the docstring of something unknown
COMPUTED = "an attribute whose name is computed and has '__' in it"

# Attributes that lead from a value to more than belongs to it.
DOC_ATTRIBUTES = {DOC, "__dict__"}
WATCHED = frozenset(
    {*DOC_ATTRIBUTES, COMPUTED, "__subclasses__", "__globals__", "__builtins__", "__code__", "__loader__", "__spec__"}
    | {"f_globals", "f_locals", "f_builtins"}
)
BUILTIN_IMPORTS = {"exec", "eval", "__import__", "__builtins__", "__loader__", "__spec__"}
DYNAMIC = {
    *("importlib", "imp", "runpy", "pkgutil", "zipimport", "builtins", "sys.modules", "sys._getframe"),
    *("sys._current_frames", "inspect.getmodule", "inspect.currentframe", "inspect.stack", "inspect.trace"),
    *("inspect.getclosurevars", "gc.get_objects", "gc.get_referrers", "gc.get_referents", "types.FunctionType"),
    *("types.LambdaType", "types.CodeType", "pydoc.locate", "timeit.timeit", "timeit.repeat", "timeit.Timer"),
    *("cProfile.run", "profile.run", "doctest", "unittest.mock.patch", "pydantic.ImportString"),
}
STATIC = {"importlib.metadata", "importlib.resources"}
DOC_READERS = {"inspect.getdoc", "inspect.getmembers", "pydoc", "click", "typer", "fire", "docstring_parser"}
SOURCE_READERS = {
    *("inspect.getsource", "inspect.getsourcelines", "inspect.getcomments", "inspect.findsource", "inspect.getblock"),
    *("linecache", "tokenize", "torch.jit", "triton", "dill.source"),
}
# These look names that a text spells up in the globals of the function that calls them.
TEXT_READERS = {
    *("pandas.eval", "numexpr", "duckdb", "patsy", "formulaic", "formulae", "statsmodels", "linearmodels", "bambi"),
    *("lifelines", "plotnine", "pandasql", "polars.sql", "polars.SQLContext", "numpy.bmat", "numpy.matrixlib"),
}


def is_dynamic(dotted: str) -> bool:
    """Return whether a name that is not ours gives access to code by a computed name."""
    parts = dotted.split(".")
    if is_among(dotted, STATIC):
        return False
    if parts[0] == "builtins" and len(parts) > 1:
        return parts[1] in BUILTIN_IMPORTS | WATCHED
    return is_among(dotted, DYNAMIC) or bool(set(parts) & (WATCHED - DOC_ATTRIBUTES))


def is_among(dotted: str, names: set[str]) -> bool:
    """Return whether a name that is not ours is one of `names`, or inside one of them."""
    parts = dotted.split(".")
    return any(".".join(parts[:count]) in names for count in range(1, len(parts) + 1))
