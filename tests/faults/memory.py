"""``python -m tests.faults.memory``: fits by the hundred, and fits that find no memory."""

import contextvars
import ctypes
import dataclasses
import gc
import random
import sys
import threading
import traceback
import tracemalloc
import warnings

import numpy as np

from tests.faults.cases import cases
from tests.faults.interrupts import PressedAtLine, command_line, disturb, n_lines

_Pointer, _Size = ctypes.c_void_p, ctypes.c_size_t


class _Allocator(ctypes.Structure):
    """The functions of ``PyDataMemAllocator`` of NumPy's C interface."""

    _fields_ = [(name, _Pointer) for name in ("context", "malloc", "calloc", "realloc", "free")]


class _Handler(ctypes.Structure):
    """``PyDataMem_Handler``, where NumPy has the memory of arrays from."""

    _fields_ = [("name", ctypes.c_char * 127), ("version", ctypes.c_uint8), ("own", _Allocator)]


_capsule_at = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_at.restype, _capsule_at.argtypes = _Pointer, [ctypes.py_object, ctypes.c_char_p]
_capsule_of = ctypes.pythonapi.PyCapsule_New
_capsule_of.restype, _capsule_of.argtypes = ctypes.py_object, [_Pointer, ctypes.c_char_p, _Pointer]

_API = ctypes.cast(
    _capsule_at(np._core._multiarray_umath._ARRAY_API, None), ctypes.POINTER(_Pointer)
)
_set_handler = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(_API[304])
_get_handler = ctypes.PYFUNCTYPE(ctypes.py_object)(_API[305])
_NAME = b"mem_handler"  # capsules point at it
_usual = _Handler.from_address(_capsule_at(_get_handler(), _NAME))


def _but_asked(name, *kinds):
    """Return a function of the usual handler which first asks whether there is memory."""
    prototype = ctypes.PYFUNCTYPE(_Pointer, _Pointer, *kinds)
    usual = prototype(getattr(_usual.own, name))
    return prototype(lambda *given: None if NoMemory.now.refuses() else usual(*given))


_MADE = {
    "malloc": _but_asked("malloc", _Size),
    "calloc": _but_asked("calloc", _Size, _Size),
    "realloc": _but_asked("realloc", _Pointer, _Size),
}
# Memory is given back without a look, as arrays may outlive all of this.
_handler = _Handler.from_buffer_copy(_usual)
for _name, _made in _MADE.items():
    setattr(_handler.own, _name, ctypes.cast(_made, _Pointer))
_capsule = _capsule_of(ctypes.addressof(_handler), _NAME, None)


class NoMemory:
    """Has NumPy find no memory for some array, counted while it runs, or for any from there on."""

    now = None

    def __init__(self, number, lasting=False):
        self.left, self.lasting, self.where = number, lasting, ""

    def refuses(self):
        """Tell whether the next array gets no memory."""
        self.left -= 1
        if self.left == 0:
            self.where = "".join(traceback.format_stack()[-6:-2])
        return self.left == 0 or (self.lasting and self.left < 0)

    def during(self, work):
        """Call `work`; return whether it came back, and None."""
        NoMemory.now = self
        threading.setprofile(_set_handler_of_thread)
        try:
            # A handler is the context's, whose end is that of the handler.
            contextvars.copy_context().run(lambda: (_set_handler(_capsule), work()))
            return True, None
        except MemoryError:
            return False, None
        finally:
            threading.setprofile(None)
            self.lasting = False
            self.n_asked, self.left = -self.left, -1


def _set_handler_of_thread(*_):
    sys.setprofile(None)
    _set_handler(_capsule)


def n_arrays(work):
    """Return for how many arrays `work` needs memory."""
    counter = NoMemory(0)
    counter.during(work)
    return counter.n_asked


def ways(short, seed):
    """Yield (case, method, fitted): all ways to train, or one at random of each case if `short`."""
    for case in cases(max_iter=3):
        every = [(case, method, fitted) for method in case.methods for fitted in (False, True)]
        every.append((case, "answer", True))
        if "warm_start" in case.estimator.get_params(deep=False):
            warm = case.fresh().set_params(warm_start=True)
            every.append((dataclasses.replace(case, estimator=warm), "fit", True))
        yield from [random.Random(f"{seed} {case.name}").choice(every)] if short else every


def n_places(way, lines=False):
    """Return for how many arrays a training needs memory, or how many lines it goes through."""
    case, method, fitted = way
    estimator = case.fresh()
    if fitted:
        case.train(estimator, "fit")
    return (n_lines if lines else n_arrays)(lambda: case.train(estimator, method))


def growth(case, times):
    """Return by how much `times` fits are more after the first: objects, bytes traced and held."""

    def held():
        gc.collect()
        return np.array([len(gc.get_objects()), tracemalloc.get_traced_memory()[0], _resident()])

    def work(times):
        for _ in range(times):
            case.answer(case.train(case.fresh(), "fit"))

    tracemalloc.start()
    try:
        work(max(3, times // 10))
        before = held()
        work(times)
        return held() - before
    finally:
        tracemalloc.stop()


def _resident():
    """Return the bytes of memory of the process that are not swapped, 0 where none says."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:
        return 0


def a_press(lines, draw, case, method, fitted):
    """Return what takes the memory away at random places of a training."""
    n = n_places((case, method, fitted), lines)
    if lines:
        return lambda: PressedAtLine(draw.randint(1, n), MemoryError)
    return lambda: NoMemory(draw.randint(1, n), lasting=draw.random() < 0.5)


# Of some hundred fits: what caches of Python and NumPy keep, measured up to 46,000 bytes.
_OBJECTS, _TRACED, _RESIDENT = 20, 100_000, 4_000_000


def fits(asked):
    """Fit each estimator as often as asked; return how many, and findings."""
    n_fits, n_found = 0, 0
    for case in cases():
        if asked.only not in case.name:
            continue
        objects, traced, resident = growth(case, asked.fits)
        n_fits += asked.fits
        print(f"{case.name:45} {objects:6} {traced:9} {resident:9}", flush=True)
        n_found += objects > _OBJECTS or traced > _TRACED or resident > _RESIDENT
    return n_fits, n_found


def main():
    """Ask for memory as often as the command line says."""
    parser = command_line(__doc__)
    parser.add_argument("--fits", type=int, default=0, help="of each estimator, in plenty")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    n_fits, n_grown = fits(asked) if asked.fits else (0, 0)
    n_tried, n_found, _ = disturb(asked, ways, a_press, wants_error=True)
    print(f"{n_fits} fits, {n_grown} estimators that leave memory behind.")
    print(f"{n_tried} times no memory, {n_found} findings.")
    return 1 if n_grown + n_found else 0


if __name__ == "__main__":
    sys.exit(main())
