"""What has to hold whatever the input is: a finite result, or one clear exception."""

import linecache
import signal
import threading
import traceback
import warnings
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from inspect import signature
from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
from joblib import parallel_config
from numpy.exceptions import RankWarning
from scipy import sparse
from sklearn.exceptions import (
    ConvergenceWarning,
    DataConversionWarning,
    EfficiencyWarning,
    FitFailedWarning,
    UndefinedMetricWarning,
)

from skdeep.utils.interface import final_step
from skdeep.utils.threads import _blas
from tests.fuzz.cases import needed, plain_table, plain_target
from tests.fuzz.functions import fitted, functions
from tests.fuzz.models import USES
from tests.fuzz.targets import TARGETS, WEIGHTS
from tests.state import plain

__all__ = ["Finding", "findings", "findings_of_call", "findings_of_use"]

_SECONDS = 10.0
_ALLOWED_WARNINGS = (
    UserWarning,
    ConvergenceWarning,
    DataConversionWarning,
    EfficiencyWarning,
    FitFailedWarning,
    UndefinedMetricWarning,
    RankWarning,
)


@dataclass(frozen=True)
class Finding:
    """What a case did that it should not have: of which kind, where in the code, and in words."""

    kind: str
    where: str
    text: str


class Hang(BaseException):
    """A case has taken too long."""


def findings(case):
    """Run a case, and return all that is wrong with what happens."""
    found = []
    with (
        _global_state(found, random=dict(case.params).get("random_state", 0) is not None),
        _time_limit(found),
        redirect_stdout(StringIO()),
        parallel_config("threading"),  # processes would take seconds to begin
    ):
        _run(case, found)
    return found


def findings_of_call(call):
    """Call a function, and return all that is wrong with what happens."""
    found = []
    function, arguments = functions()[call.function][0], call.arguments()
    model = fitted(call.estimator) if call.estimator else None
    before = None if model is None else _held(model)
    figures = set(plt.get_fignums())  # of other tests
    with (
        _global_state(found, random=dict(call.keywords).get("random_state", 0) is not None),
        _time_limit(found),
        redirect_stdout(StringIO()),
        parallel_config("threading"),
    ):
        result, error = _call(function, arguments, dict(call.keywords), found)
    may = "NaN" in call.X.numbers or not isinstance(result, np.ndarray)
    if error is None and not may and not np.isfinite(result).all():
        found.append(Finding("not finite", call.function, repr(result)[:300]))
    for left in set(plt.get_fignums()) - figures:
        found.append(Finding("figure left", call.function, ""))
        plt.close(left)
    if before is not None and _held(model) != before:
        found.append(Finding("changed by a question", call.function, ""))
        fitted.cache_clear()
    return found


def findings_of_use(use):
    """Use a fitted estimator, and return all that is wrong with what comes of it."""
    found = []
    model = use.fitted()
    if model is None:
        return found

    def call(function, *arguments, may=()):
        return _call(function, arguments, {}, found, may)

    before = _held(final_step(model))
    with (
        _global_state(found, random=True),
        _time_limit(found),
        redirect_stdout(StringIO()),
        parallel_config("threading"),
    ):
        for kind, text in USES[use.use](use, model, call) or ():
            found.append(Finding(kind, use.use, text))
    if _held(final_step(model)) != before:
        found.append(Finding("changed by a use", use.use, ""))
    return found


def _run(case, found):
    model = case.make()
    if case.before:
        X, y = plain_table(case.estimator), TARGETS[plain_target(case.estimator)]
        first = case.make(parameters=False)
        _call(first.fit, (X.make(), y(np.random.RandomState(0), X.n)), {}, found)
        vars(model).update(
            {k: v for k, v in vars(first).items() if k not in model.get_params(deep=False)}
        )
    X, y, weight = case.data()
    method = getattr(model, case.method, None) or model.fit
    keywords = (
        {}
        if weight is None or "sample_weight" not in signature(method).parameters
        else {"sample_weight": weight}
    )
    if case.method == "partial_fit" and "classes" in signature(method).parameters:
        keywords["classes"] = _classes(y)
    params, before = dict(model.get_params()), _held(model)
    error = _call(method, (X, y), keywords, found)[1]
    if any(params[name] is not value for name, value in model.get_params().items()):
        found.append(Finding("changed parameters", case.method, repr(params)))
    if error is not None and _held(model) != before:
        found.append(Finding("half fitted", _place(error), _say(error)))
    if case.refused and method == model.fit:
        _check_refusal(case, error, found)
    if case.before and error is not None:
        model.set_params(**first.get_params(deep=False))
    for name, table in case.asked:
        _ask(model, name, case, table, found, fitted=error is None or case.before)


def _held(model):
    """Return what a model holds, apart from a generator, which draws go on from."""
    return plain({name: value for name, value in vars(model).items() if name != "random_state"})


def _check_refusal(case, error, found):
    if error is None:
        found.append(Finding("refused parameter taken", case.refused[0], repr(case.params)))
    elif isinstance(error, ValueError) and not any(
        f"'{name}'" in str(error) for name in case.refused
    ):
        found.append(Finding("unnamed parameter", _place(error), _say(error)))


def _ask(model, name, case, table, found, fitted):
    try:
        method = getattr(model, name)
    except AttributeError as error:  # scikit-learn's way to say that this one cannot
        if not str(error):
            found.append(Finding("silent attribute", name, repr(error)))
        return
    rng = np.random.RandomState(table.seed)
    given = {"X": table.make, "y": lambda: TARGETS[case.y](rng, table.n)}
    arguments = tuple(given[parameter]() for parameter in needed(method))
    keywords = {}
    if "random_state" in signature(method).parameters:
        keywords["random_state"] = 0
    if "sample_weight" in signature(method).parameters and case.weight != "none":
        keywords["sample_weight"] = WEIGHTS[case.weight](rng, table.n)
    before = set(vars(model))
    result, error = _call(method, arguments, keywords, found)
    if set(vars(model)) != before:
        found.append(Finding("changed by a question", name, repr(set(vars(model)) ^ before)))
    if error is None and not fitted and name not in _FREE:
        found.append(Finding("answer without a fit", name, repr(result)[:200]))
    if error is None:
        for fault in _faults(result, name, case, table):
            found.append(Finding(fault, name, repr(result)[:300]))


# Answered without a fit.
_FREE = {"summary", "forget_training", "densify", "sparsify"}


def _classes(y):
    try:
        return np.unique(np.asarray(y))
    except TypeError:
        return [0, 1]


def _may_be_infinite(name, case, table):
    return (
        name in ("predict_log_proba", "report", "standard_errors", "perplexity")
        or "neighbors" in name  # distances, which may be beyond all floats
        or ("Radius" in case.estimator and name in ("predict", "score"))  # nobody is near
        or ("Scaler" in case.estimator and name == "inverse_transform")  # of the bound
        or ("transform" in name and "NaN" in table.numbers)
        or (name == "score" and (table.n < 2 or "LanguageModel" in case.estimator))  # a logarithm
    )


def _faults(result, name, case, table):
    may = _may_be_infinite(name, case, table)
    for array in _arrays(result):
        if array.dtype.kind in "fc" and not may and not np.isfinite(array).all():
            yield "not finite"
        if name == "predict_proba" and array.dtype.kind == "f":
            if (array < 0).any() or (array > 1 + 1e-6).any():
                yield "no probability"
            if (
                array.ndim == 2
                and array.shape[1] > 1
                and "indicators" not in case.y  # each class by itself
                and (array.sum(1) > 0).all()
                and array.sum(1).min() < 0.9
            ):
                yield "no probability"


def _arrays(result):
    if isinstance(result, (tuple, list)):
        for part in result:
            yield from _arrays(part)
    elif sparse.issparse(result):
        yield result.tocoo().data
    elif isinstance(result, np.ndarray) and result.dtype == object:
        yield from _arrays(list(result.ravel()))
    elif isinstance(result, (np.ndarray, np.generic, float)):
        yield np.asarray(result)


def _call(function, arguments, keywords, found, may=()):
    """Call, and return the result and the error; what else is wrong joins `found`.

    Errors of the types in `may` are right beside the usual ones.
    """
    name = function.__name__
    before = [plain(_content(value)) for value in (*arguments, *keywords.values())]
    result, error = None, None
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = _reporter(found)
        try:
            result = function(*arguments, **keywords)
        except Hang:
            raise
        except BaseException as raised:
            error = raised
            if not isinstance(error, may) and (fault := _fault_of(error)):
                found.append(
                    Finding(f"{fault}: {type(error).__name__}", _place(error), _say(error))
                )
    if before != [plain(_content(value)) for value in (*arguments, *keywords.values())]:
        found.append(Finding("changed input", name, ""))
    return result, error


def _reporter(found):
    def show(message, category, filename, lineno, file=None, line=None):
        where = _innermost(traceback.extract_stack()[:-1])
        if (
            category not in _ALLOWED_WARNINGS and ":" in where and "warn_once" not in where
        ):  # scikit-learn's own
            found.append(Finding(f"leaked {category.__name__}", where, str(message)[:300]))

    return show


def _fault_of(error):
    """Return what is wrong with an exception, or None."""
    if not isinstance(error, (ValueError, TypeError)) or isinstance(
        error, (np.linalg.LinAlgError, UnicodeError)
    ):
        return "wrong type"
    if not 5 < len(str(error)) < 20_000:
        return "no sentence"
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = any(part in last.filename for part in ("/skdeep/", "/sklearn/"))
    raised = linecache.getline(last.filename, last.lineno).strip().startswith("raise")
    checked = any(
        "/sklearn/" in frame.filename for frame in traceback.extract_tb(error.__traceback__)
    )
    return None if (ours and raised) or checked else "unclear"


def _place(error):
    return _innermost(traceback.extract_tb(error.__traceback__))


def _innermost(frames):
    for frame in reversed(frames):
        if "/skdeep/" in frame.filename and "/tests/" not in frame.filename:
            return f"{frame.filename.split('/skdeep/')[-1]}:{frame.lineno}"
    return frames[-1].name if frames else "?"


def _say(error):
    return f"{type(error).__name__}: {error}"[:500]


def _content(data):
    """Return what is in data, so that it can be compared."""
    if sparse.issparse(data):
        coo = data.tocoo()
        return [type(data).__name__, coo.row, coo.col, coo.data]
    if hasattr(data, "to_dict"):
        return repr(
            data.to_dict(as_series=False)
            if type(data).__module__.startswith("polars") and hasattr(data, "columns")
            else data
        )
    if isinstance(data, np.ndarray) and data.dtype == object:
        return repr(data)
    return data


@contextmanager
def _global_state(found, random):
    drawn, errors, threads = repr(np.random.get_state()[:3]), np.geterr(), _threads()
    yield
    if random and repr(np.random.get_state()[:3]) != drawn:
        found.append(Finding("global random state", "", ""))
    if np.geterr() != errors:
        found.append(Finding("changed errstate", "", repr(np.geterr())))
        np.seterr(**errors)
    if _blas.limits:
        found.append(Finding("BLAS held", "", repr(_blas.limits)))
        _blas.limits.clear()
    if _threads() > threads + 4:  # pools keep a few
        found.append(Finding("threads left", "", repr(threading.enumerate())))


def _threads():
    """Return how many threads there are, beside the workers that joblib may keep."""
    return sum("worker" not in thread.name for thread in threading.enumerate())


@contextmanager
def _time_limit(found):
    """Add a finding where the block takes more processor time than a case may."""

    def ring(*_):
        raise Hang

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        yield
    except Hang as hang:
        found.append(Finding("hang", _place(hang), f"more than {_SECONDS:g} s of processor time"))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
