"""``python -m tests.faults.interrupts``: Ctrl-C at random moments of every fit."""

import argparse
import copy
import dis
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings

from tests.faults.cases import cases, contents, half_of, surroundings, wait_for_threads

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + "/skdeep/"

_LOAD_CONST, _SWAP = dis.opmap["LOAD_CONST"], dis.opmap.get("SWAP")


class Pressed:
    """Sends this process SIGINT, once, after so many seconds."""

    def __init__(self, seconds):
        self.seconds, self.arrived, self.where = seconds, None, ""
        self.thread = threading.Thread(target=self._press)

    def _press(self):
        time.sleep(self.seconds)
        os.kill(os.getpid(), signal.SIGINT)

    def _arrive(self, number, frame):
        self.arrived = time.perf_counter()
        self.where = "".join(traceback.format_stack(frame)[-3:])
        raise KeyboardInterrupt

    def during(self, work):
        """Call `work`; return whether it came back, and the seconds from the signal till then."""
        before = signal.signal(signal.SIGINT, self._arrive)
        came_back = False
        try:
            self.thread.start()
            work()
            came_back = True
            self.thread.join()
            while self.arrived is None:
                time.sleep(1e-3)
        except KeyboardInterrupt:
            pass
        ended = time.perf_counter()
        self.thread.join()
        signal.signal(signal.SIGINT, before)
        return came_back, ended - self.arrived


class PressedAtLine:
    """Raises an exception at some line of the package, counted while it runs."""

    def __init__(self, line, error=KeyboardInterrupt):
        self.left, self.error, self.where = line, error, ""

    def _trace(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        if event == "line" and not _leaves_a_block(frame):
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                self.where = "".join(traceback.format_stack(frame)[-3:])
                raise self.error
        return self._trace

    def during(self, work):
        """Call `work`; return whether it came back, and None."""
        came_back = False
        sys.settrace(self._trace)
        try:
            work()
            came_back = True
        except self.error:
            pass
        finally:
            sys.settrace(None)
        return came_back, None


def _leaves_a_block(frame):
    """Tell whether `with` is about to call ``__exit__``, before which no signal comes."""
    code, first = frame.f_code.co_code, frame.f_lasti
    first += 2 * (code[first] == _SWAP)  # below what is to be returned
    pairs = zip(code[first : first + 6 : 2], code[first + 1 : first + 6 : 2], strict=False)
    constants = [frame.f_code.co_consts[i] for operation, i in pairs if operation == _LOAD_CONST]
    return constants == [None] * 3


def n_lines(work):
    """Return how many lines of the package `work` goes through."""
    counter = PressedAtLine(0)
    counter.during(work)
    return -counter.left


def findings(case, method, fitted, press, wants_error=False):
    """Press Ctrl-C while a case trains; return what is wrong afterwards, in words, and seconds.

    Parameters
    ----------
    case : Case
    method : str
    fitted : bool
        Whether the estimator has been fitted before.
    press : object
        With `during`.
    wants_error : bool, default=False
        Whether the call may not come back, and has to leave the estimator as it was.
    """
    estimator = case.fresh()
    if fitted:
        case.train(estimator, "fit")
    before, around = contents(estimator), surroundings()
    came_back, seconds = press.during(lambda: case.train(estimator, method))
    wants_error &= bool(press.where)  # a fit may end before it comes to that
    found = []
    wait_for_threads(around)
    for name, value in surroundings().items():
        if value != around[name]:
            found.append(f"{name}: {around[name]} became {value}")
    if came_back and wants_error:
        found.append("the error was swallowed")
    if came_back or contents(estimator) != before:
        try:
            case.answer(estimator)
        except Exception as error:
            found.append(f"half fitted: {type(error).__name__}: {error}")
        if half := half_of(estimator):
            found.append(f"half a history: {half}")
        if wants_error:
            found.append("not as it was")
    try:
        if "partial_fit" in case.methods:
            case.answer(case.train(copy.copy(estimator), "partial_fit"))
        again = case.answer(case.train(estimator, "fit"))
        if not estimator.get_params().get("warm_start") and again != case.expected:
            found.append("another fit afterwards comes to something else")
    except Exception:
        found.append(f"what was left behind cannot go on: {traceback.format_exc(-2)}")
    return [f"{what}\n{press.where}" for what in found], seconds


def ways(short, seed):
    """Yield (case, method, fitted): all ways to train, or one at random of each case if `short`."""
    for case in cases(max_iter=4 if short else 8):
        all_ways = [(case, method, fitted) for method in case.methods for fitted in (False, True)]
        yield from [random.Random(f"{seed} {case.name}").choice(all_ways)] if short else all_ways


def a_press(lines, draw, case, method, fitted):
    """Return what makes presses at random moments of a training."""
    estimator = case.fresh()
    if fitted:
        case.train(estimator, "fit")
    if lines:
        n = n_lines(lambda: case.train(estimator, method))
        return lambda: PressedAtLine(draw.randint(1, n))
    begin = time.perf_counter()
    case.train(estimator, method)
    whole = time.perf_counter() - begin
    return lambda: Pressed(draw.uniform(0, whole))


def command_line(description):
    """Return a parser of what all who disturb trainings are asked."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--times", type=int, default=1, help="for each way to train an estimator")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of an estimator's name")
    parser.add_argument("--lines", action="store_true", help="between any two lines of the package")
    parser.add_argument("--short", action="store_true", help="one way to train for each estimator")
    return parser


def disturb(asked, ways, a_press, wants_error=False):
    """Disturb each training as often as asked, by what `a_press` makes.

    Return how often, how many findings there were, and the longest answer with its name.
    """
    n_pressed, n_found, slowest = 0, 0, (0.0, "")
    for way in ways(asked.short, asked.seed):
        case, method, fitted = way
        if asked.only not in case.name:
            continue
        name = f"{method} of {case.name}, {'fitted' if fitted else 'fresh'}"
        draw = random.Random(f"{asked.seed} {name}")
        press = a_press(asked.lines, draw, *way)
        for _ in range(asked.times):
            found, seconds = findings(*way, press(), wants_error)
            n_pressed, n_found = n_pressed + 1, n_found + len(found)
            slowest = max(slowest, (seconds or 0.0, name))
            for what in found:
                print(f"{name}: {what}", flush=True)
    return n_pressed, n_found, slowest


def main():
    """Press Ctrl-C as often as the command line asks."""
    asked = command_line(__doc__).parse_args()
    warnings.simplefilter("ignore")
    n_pressed, n_found, slowest = disturb(asked, ways, a_press)
    print(f"{n_pressed} times Ctrl-C, {n_found} findings.")
    if slowest[1]:
        print(f"The slowest answer took {slowest[0]:.3f} s: {slowest[1]}.")
    return 1 if n_found else 0


if __name__ == "__main__":
    sys.exit(main())
