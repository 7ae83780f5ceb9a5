"""Constructor keywords declared once: type, rule, default and documentation in one place.

>>> from dataclasses import KW_ONLY
>>> from typing import Annotated
>>> from skdeep.utils.parameters import check_parameters, parameters
>>> from skdeep.utils.params import integer, none, real
>>> @parameters
... class DescentParams:
...     _: KW_ONLY
...     alpha: Annotated[float, real(0), "Strength of the penalty."] = 1e-4
...     max_iter: Annotated[int, integer(1), "Steps at most."] = 200
>>> @parameters
... class Regressor(DescentParams):
...     '''A regressor.'''
...
...     degree: Annotated[int | None, integer(1) | none(), "Of the polynomial."] = None
...     _: KW_ONLY
...     max_iter: int = 50
>>> import inspect
>>> inspect.signature(Regressor)
<Signature (degree: int | None = None, *, alpha: float = 0.0001, max_iter: int = 50) -> None>
>>> print(inspect.getdoc(Regressor))
A regressor.
<BLANKLINE>
Parameters
----------
degree : int >= 1 or None, default=None
    Of the polynomial.
alpha : float >= 0, default=0.0001
    Strength of the penalty.
max_iter : int >= 1, default=50
    Steps at most.
>>> check_parameters(Regressor(alpha=-1.0))
Traceback (most recent call last):
    ...
ValueError: The 'alpha' parameter of Regressor must be a real number in [0, inf). Got -1.0 instead.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterable
from functools import cache
from typing import Annotated, Any, TypeVar, dataclass_transform, get_args, get_origin, overload

from skdeep.utils.docstrings import complete_docstring
from skdeep.utils.params import Rule, check_value

__all__ = ["changed_parameters", "check_parameters", "parameters", "with_values"]

T = TypeVar("T")
_FIELDS = "__dataclass_fields__"


@overload
def parameters(cls: type[T], /) -> type[T]: ...


@overload
def parameters(*, first: type) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(eq_default=False)
def parameters(cls: Any = None, /, *, first: type | None = None) -> Any:
    """Give a class the constructor that its annotated fields describe.

    The fields of the class and of its decorated bases become the parameters of a flat
    ``__init__``, which stores each as given and does nothing else. They are those of
    :func:`dataclasses.dataclass`: what stands after ``_: KW_ONLY`` is passed by keyword, and a
    subclass changes a default by ``name: type = default``, keeping rule and text. The texts of all
    parameters are written into the Parameters section of the docstring, where the class has not
    written its own, and the fitted attributes that bases document into its Attributes section.

    Parameters
    ----------
    cls : type
        Its fields are annotated by ``type``, or by ``Annotated[type, rule, text]`` with a
        :class:`~skdeep.utils.params.Rule` and the documentation, one text or several, one after
        another.
    first : type, default=None
        A base whose keyword-only parameters come before all others. Without it, they come in the
        order of inheritance, those of the class itself first. Positional ones come as in
        dataclasses, those of the last base first.

    Returns
    -------
    type
        The same class.

    Raises
    ------
    TypeError
        If a parameter that is passed by keyword in a base is declared before ``_: KW_ONLY``.
    """
    if cls is None:
        return lambda cls: _declare(cls, first)
    return _declare(cls, first)


def check_parameters(estimator: Any) -> None:
    """Raise ValueError for the first parameter that breaks the rule of its field.

    Parameters
    ----------
    estimator : object
        Of a class that is decorated with :func:`parameters`.

    Raises
    ------
    ValueError
        Names the parameter, the estimator, what is allowed and what was given.
    """
    kind: Any = type(estimator)
    for name, default, rule in _ruled(kind):
        value = getattr(estimator, name)
        if value is not default:  # which is allowed
            check_value(kind.__name__, name, value, [rule])


@cache
def _ruled(kind: Any) -> list[tuple[str, Any, Any]]:
    """Return the name, the default and the rule of each parameter that has one."""
    return [
        (field.name, field.default, field.metadata["rule"])
        for field in dataclasses.fields(kind)
        if "rule" in field.metadata
    ]


def changed_parameters(estimator: Any, names: Iterable[str]) -> list[str]:
    """Return those of the named parameters that are not what the estimator's class has by default.

    Parameters
    ----------
    estimator : object
        Of a class that is decorated with :func:`parameters`.
    names : iterable of str
    """
    defaults = {field.name: field.default for field in dataclasses.fields(estimator)}
    return [name for name in names if getattr(estimator, name) != defaults[name]]


def with_values(estimator: Any, names: Iterable[str]) -> str:
    """Return the named parameters as an error shows them: "alpha=1.0, degree=2"."""
    return ", ".join(f"{name}={getattr(estimator, name)!r}" for name in names)


def _declare(cls: type, first: type | None) -> type:
    declared, has_docstring = _take_metadata(cls), cls.__doc__ is not None
    inherited = _resolve(cls.__mro__[1:])
    dataclasses.dataclass(init=False, repr=False, eq=False, match_args=False)(cls)
    for name, field in _declared(cls).items():
        if name in inherited and inherited[name].kw_only and not field.kw_only:
            raise TypeError(
                f"{name!r} is passed by keyword in a base of {cls.__name__}; declare it after "
                "``_: KW_ONLY``, or it would be the first positional one."
            )
    fields = _in_order(cls, first)
    setattr(cls, _FIELDS, {field.name: field for field in fields})
    for name in declared:  # a default is no attribute of the class
        if name in vars(cls):
            delattr(cls, name)
    cls.__init__ = _constructor(cls, fields)  # type: ignore[misc]
    if not has_docstring:  # dataclasses would put the signature there
        cls.__doc__ = None
    else:
        complete_docstring(cls, [(f.name, _kind(f), f.metadata.get("text", "")) for f in fields])
    return cls


def _take_metadata(cls: type) -> list[str]:
    """Turn ``Annotated`` into the plain type, and what it says into metadata of a field."""
    inherited = _resolve(cls.__mro__[1:])
    annotations = inspect.get_annotations(cls, eval_str=True)
    declared = [name for name, kind in annotations.items() if kind is not dataclasses.KW_ONLY]
    for name in declared:
        metadata = dict(inherited[name].metadata) if name in inherited else {}
        if get_origin(annotations[name]) is Annotated:
            annotations[name], *said = get_args(annotations[name])
            if rules := [item for item in said if isinstance(item, Rule)]:
                metadata["rule"] = rules[-1]
            if texts := [inspect.cleandoc(item) for item in said if isinstance(item, str)]:
                metadata["text"] = "\n".join(texts)
        default = vars(cls).get(name, dataclasses.MISSING)
        setattr(cls, name, dataclasses.field(default=default, metadata=metadata))
    cls.__annotations__ = annotations
    return declared


def _declared(base: type) -> dict[str, dataclasses.Field[Any]]:
    """Return the fields that a class declares itself."""
    fields = vars(base).get(_FIELDS)
    if not fields:
        return {}
    return {name: fields[name] for name in inspect.get_annotations(base) if name in fields}


def _resolve(mro: tuple[type, ...]) -> dict[str, dataclasses.Field[Any]]:
    """Return all fields, last base first, each as the nearest class declares it.

    Dataclasses take all fields of a base, its bases' included, over those of the base after it.
    """
    fields: dict[str, dataclasses.Field[Any]] = {}
    for base in reversed(mro):
        fields |= _declared(base)
    return fields


def _in_order(cls: type, first: type | None) -> list[dataclasses.Field[Any]]:
    """Return the positional fields, then the others in the order that `parameters` describes."""
    fields = _resolve(cls.__mro__)
    home: dict[str, type] = {}  # the base that introduces it: overriding moves nothing
    for base in cls.__mro__:
        home |= dict.fromkeys(_declared(base), base)
    order = [*([] if first is None else [first]), *cls.__mro__]
    positional = [field for field in fields.values() if not field.kw_only]
    by_keyword = [field for field in fields.values() if field.kw_only]
    by_keyword.sort(key=lambda field: order.index(home[field.name]))
    return [*positional, *by_keyword]


def _constructor(cls: type, fields: list[dataclasses.Field[Any]]) -> Any:
    """Return the ``__init__`` that dataclasses write for these fields in this order."""
    parts = [
        (
            field.name,
            field.type,
            dataclasses.field(default=field.default, kw_only=field.kw_only),
        )
        for field in fields
    ]
    options: dict[str, Any] = {"repr": False, "eq": False, "match_args": False}
    namespace = {"__doc__": "Spares dataclasses the writing of one."}
    stand_in = dataclasses.make_dataclass(cls.__name__, parts, namespace=namespace, **options)
    constructor: Any = vars(stand_in)["__init__"]
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"
    constructor.__module__ = cls.__module__
    return constructor


def _kind(field: dataclasses.Field[Any]) -> str:
    """Return a field's type, in words, and its default, as numpydoc has them."""
    rule = field.metadata.get("rule")
    kind = rule.kind if rule is not None else getattr(field.type, "__name__", str(field.type))
    return kind if field.default is dataclasses.MISSING else f"{kind}, default={field.default!r}"
