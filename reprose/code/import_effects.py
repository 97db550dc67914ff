"""Which top-level statements do more, when their module is imported, than give a value to a name."""

import ast
import builtins
from collections.abc import Callable

from reprose.code.names import WHOLE, Program
from reprose.code.references import TYPE_ALIASES
from reprose.code.syntax import Unit
from reprose.code.trees import chain_of, children

# Callables that compute a value and nothing else, given values of builtin types; decorators among them.
VALUE_MAKERS = {
    *("abs", "bool", "bytes", "complex", "dict", "divmod", "enumerate", "float", "frozenset", "int", "len", "list"),
    *("max", "min", "object", "pow", "range", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple"),
    *("zip", "property", "staticmethod", "classmethod", "re.compile", "pathlib.Path", "pathlib.PurePosixPath"),
    *("fractions.Fraction", "decimal.Decimal", "datetime.timedelta", "types.MappingProxyType", "typing.TypeVar"),
    *("typing.ParamSpec", "typing.NewType", "typing.overload", "typing.final", "typing.runtime_checkable"),
    *("dataclasses.dataclass", "dataclasses.field", "functools.wraps", "functools.cache", "functools.lru_cache"),
    *("functools.cached_property", "functools.total_ordering", "contextlib.contextmanager", "abc.abstractmethod"),
    *("numpy.array", "numpy.float64", "torch.no_grad", "torch.inference_mode", "torch.device"),
    "logging.getLogger",
    *(
        "typing.get_args",
        "pydantic.Field",
        "pydantic.ConfigDict",
        "pydantic.model_validator",
        "pydantic.field_validator",
    ),
}
# Classes that can be inherited from without running anything of ours.
QUIET_BASES = {
    *("typing.Generic", "typing.Protocol", "typing.NamedTuple", "typing.TypedDict", "abc.ABC", "pickle.Unpickler"),
    *("torch.nn.Module", "torch.autograd.Function", "torch.utils.data.Dataset", "torch.optim.Optimizer"),
    "pydantic.BaseModel",
}
KNOWN = {*dir(builtins), "__file__"}  # names that need no binding
ENUMS = {"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"}
MEMBERS = {"int", "float", "str", "bytes"}  # what an enumeration may inherit from beside
OPERATIONS = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Subscript, ast.Slice, ast.JoinedStr, ast.FormattedValue),
    *(ast.Attribute, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension),
    ast.Starred,
)
CLASS_HOOKS = {
    *("__init_subclass__", "__class_getitem__", "__set_name__"),
    *("__pydantic_init_subclass__", "__get_pydantic_core_schema__"),
}
INSTANCE_HOOKS = {"__init__", "__new__", "__post_init__", "__setattr__", "__getattribute__", "__hash__"}
UNKNOWN = "?.?"
Function = ast.FunctionDef | ast.AsyncFunctionDef
Meaning = str | tuple[str, Unit]  # dotted name of something that is not ours, or a statement of ours and its module


def has_effects(program: Program, module: str, unit: Unit) -> bool:
    """Return whether executing `unit` can do more than bind its names to values; True where that is unclear."""
    if unit.is_main:
        return False
    if unit not in program.effects:
        here = program.module(module)
        fails = bool(here.unbound(unit)) and not here.postpones_annotations  # it reads a name before that has a value
        program.effects[unit] = fails or not _quiet(program, module, unit.node)
    return program.effects[unit]


def _quiet(program: Program, module: str, node: ast.stmt, in_class: bool = False) -> bool:
    """Return whether executing a statement of a module's or class's body only gives values to names."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return not in_class  # at the top level the caller looks at what is imported
        case ast.Pass() | ast.Global() | ast.Expr(value=ast.Constant()):
            return True
        case _ if isinstance(node, TYPE_ALIASES):
            return True  # its value is computed when it is asked for
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _quiet_function(program, module, node, in_class)
        case ast.ClassDef():
            return _quiet_class(program, module, node)
        case ast.Assign():
            return all(_is_name(target) for target in node.targets) and _inert(
                program, module, node.value, not in_class
            )
        case ast.AnnAssign(target=ast.Name()):
            parts = [(node.annotation, True), (node.value, not in_class)]  # later parts of a class may use its objects
            return all(_inert(program, module, part, instances) for part, instances in parts if part)
    return False


def _is_name(node: ast.expr) -> bool:
    """Return whether assigning to `node` only binds names."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Tuple | ast.List) and all(map(_is_name, node.elts)))


def _quiet_function(program: Program, module: str, node: Function, in_class: bool) -> bool:
    """Return whether a function can be defined without effects: its defaults, annotations and decorators."""
    arguments = node.args
    parts = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    values = [*arguments.defaults, *arguments.kw_defaults, node.returns, *(part.annotation for part in parts if part)]
    return all(_inert(program, module, value, True) for value in values if value) and all(
        _quiet_decorator(program, module, decorator, in_class) for decorator in node.decorator_list
    )


def _quiet_decorator(program: Program, module: str, node: ast.expr, in_class: bool) -> bool:
    """Return whether `node` is one of the decorators that are known to be harmless."""
    if in_class and isinstance(node, ast.Attribute) and node.attr in ("setter", "getter", "deleter"):
        return True  # of a property
    if isinstance(node, ast.Call) and not _inert_call(program, module, node, False):
        return False
    made_by = node.func if isinstance(node, ast.Call) else node
    found = _meanings(program, module, made_by)
    return bool(found) and all(isinstance(meaning, str) and meaning in VALUE_MAKERS for meaning in found)


def _quiet_class(program: Program, module: str, node: ast.ClassDef) -> bool:
    """Return whether a class can be defined without effects: its bases, decorators and body."""
    bases = [_meanings(program, module, base) or [UNKNOWN] for base in node.bases]
    if bases and ENUMS.issuperset(bases[-1]) and all(MEMBERS.issuperset(base) for base in bases[:-1]):
        plain = not node.keywords and not node.decorator_list
        return plain and all(_quiet_in_enum(program, module, statement) for statement in node.body)
    return (
        not node.keywords
        and all(_quiet_decorator(program, module, decorator, False) for decorator in node.decorator_list)
        and all(_quiet_base(program, module, base) for base in node.bases)
        and all(_quiet(program, module, statement, True) for statement in node.body)
    )


def _quiet_in_enum(program: Program, module: str, node: ast.stmt) -> bool:
    """Return whether a statement in the body of an enumeration runs no code of ours while its members are made."""
    match node:
        case ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign([ast.Name(name)], ast.Constant()):
            return not name.startswith("_")
        case ast.Assign([ast.Name(name)], ast.Call(maker, [], [])):
            return not name.startswith("_") and _meanings(program, module, maker) == ["enum.auto"]
        case ast.FunctionDef(name):
            return not name.startswith("_") and _quiet_function(program, module, node, True)
    return False


def _quiet_base(program: Program, module: str, node: ast.expr) -> bool:
    """Return whether inheriting from `node` runs no code but such as is known to be harmless."""
    found = _meanings(program, module, node.value if isinstance(node, ast.Subscript) else node)
    return bool(found) and all(_quiet_meaning(program, meaning) for meaning in found)


def _quiet_meaning(program: Program, meaning: Meaning) -> bool:
    """Return whether inheriting from what a name means runs no code of ours."""
    if isinstance(meaning, str):
        return meaning in QUIET_BASES or "." not in meaning
    module, unit = meaning
    if not isinstance(unit.node, ast.ClassDef) or _methods(unit.node) & CLASS_HOOKS or unit.node.keywords:
        return False
    bases = unit.node.bases
    return _settle(program, "base", unit, lambda: all(_quiet_base(program, module, base) for base in bases))


def _inert(program: Program, module: str, node: ast.expr, instances: bool) -> bool:
    """Return whether evaluating `node` has no effect; `instances`: also where its value is an object of ours."""
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and instances):
        return True
    if chain := chain_of(node):
        return all(_plain(program, meaning, chain[-1]) for meaning in _meanings(program, module, node))
    match node:
        case ast.Call():
            return _inert_call(program, module, node, instances)
        case ast.Tuple() | ast.List():
            return all(_inert(program, module, item, instances) for item in node.elts)
        case ast.Dict():
            keys = all(key is not None and _inert(program, module, key, False) for key in node.keys)
            return keys and all(_inert(program, module, value, instances) for value in node.values)
        case ast.IfExp():
            branches = (node.body, node.orelse)
            return _inert(program, module, node.test, False) and all(
                _inert(program, module, branch, instances) for branch in branches
            )
        case ast.Lambda():
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            return all(_inert(program, module, default, instances) for default in defaults if default)
    parts = [part for part in children(node) if isinstance(part, ast.expr | ast.comprehension)]
    return isinstance(node, OPERATIONS) and all(_inert(program, module, part, False) for part in parts)


def _inert_call(program: Program, module: str, node: ast.Call, instances: bool) -> bool:
    """Return whether a call only makes a value: by a known maker, or as an object of one of our plain dataclasses."""
    if any(keyword.arg == "key" for keyword in node.keywords):  # a function that sorted, min or max call
        return False
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):  # "a b".split()
        return all(_inert(program, module, argument, False) for argument in arguments)
    found = _meanings(program, module, node.func)
    if found and all(isinstance(meaning, str) and meaning in VALUE_MAKERS for meaning in found):
        return all(_inert(program, module, argument, False) for argument in arguments)
    name = chain_of(node.func)[-1:]
    made = all(isinstance(meaning, tuple) and _is_record(program, *meaning, name) for meaning in found)
    return bool(instances and found and made) and all(_inert(program, module, part, True) for part in arguments)


def _plain(program: Program, meaning: Meaning, name: str) -> bool:
    """Return whether `name` means something whose operators, attributes and hash are not our code."""
    if isinstance(meaning, str):
        return meaning != UNKNOWN
    module, unit = meaning
    if isinstance(unit.node, ast.ClassDef):
        return unit.node.name == name and _quiet_meaning(program, meaning)  # not an attribute of the class
    if isinstance(unit.node, ast.Assign | ast.AnnAssign):
        value = unit.node.value
        return value is None or _settle(program, "plain", unit, lambda: _inert(program, module, value, False))
    return isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef)


def _is_record(program: Program, module: str, unit: Unit, name: tuple[str, ...]) -> bool:
    """Return whether `unit` is a dataclass named `name` whose making runs no code of ours."""
    node = unit.node
    if not isinstance(node, ast.ClassDef) or (node.name,) != name or node.bases or _methods(node) & INSTANCE_HOOKS:
        return False
    makers = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list]
    if [_meanings(program, module, maker) for maker in makers] != [["dataclasses.dataclass"]]:
        return False
    defaults = [part.value for part in node.body if isinstance(part, ast.Assign | ast.AnnAssign) and part.value]
    return all(_is_default(program, module, default) for default in defaults)


def _is_default(program: Program, module: str, node: ast.expr) -> bool:
    """Return whether the default of a dataclass's field makes no object of ours."""
    if isinstance(node, ast.Call) and _meanings(program, module, node.func) == ["dataclasses.field"]:
        factories = [keyword.value for keyword in node.keywords if keyword.arg == "default_factory"]
        found = [meaning for factory in factories for meaning in _meanings(program, module, factory) or [""]]
        return all(meaning in VALUE_MAKERS for meaning in found) and _inert(program, module, node, False)
    return _inert(program, module, node, False)


def _meanings(program: Program, module: str, node: ast.AST) -> list[Meaning]:
    """Return what a chain of names means, builtins by their bare names; nothing where `node` is no such chain."""
    chain = chain_of(node)
    if not chain:
        return []
    here = program.module(module)
    if chain[0] not in here.bindings:
        is_known = len(chain) == 1 or chain[0] in KNOWN
        return [".".join(chain) if is_known and not here.stars else UNKNOWN]
    found: list[Meaning] = []
    for owner, name in sorted(program.resolve(module, chain)):
        if not owner:
            found.append(name)
        elif name == WHOLE:
            found.append(UNKNOWN)
        else:
            units = program.module(owner).bindings.get(name, [])
            found += [(owner, unit) for unit in units if not unit.is_import]
    return found


def _methods(node: ast.ClassDef) -> set[str]:
    """Return the names of the methods of a class."""
    return {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}


def _settle(program: Program, question: str, unit: Unit, answer: Callable[[], bool]) -> bool:
    """Return the answer to a question about `unit`, found once; what depends on itself counts as not harmless."""
    if (question, unit) not in program.facts:
        program.facts[(question, unit)] = False
        program.facts[(question, unit)] = answer()
    return program.facts[(question, unit)]
