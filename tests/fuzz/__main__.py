"""``python -m tests.fuzz --cases 100000``: cases of each estimator and function.

With ``--questions 50``, each estimator is asked about as many tables more, which costs little.
"""

import argparse
import signal
import tempfile
import time
from collections import Counter
from multiprocessing import get_context

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.cases import asked_more, cases, estimators
from tests.fuzz.functions import calls, functions
from tests.fuzz.models import uses
from tests.fuzz.oracle import Finding, findings, findings_of_call, findings_of_use

_ROUND = 200
_MOST_SECONDS = 120  # for one case, which its own limit of processor time should end before


def main():
    """Run the campaign that the command line asks for."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="how many in all")
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 2**31, help="of the first round"
    )
    names = [*sorted(estimators()), *functions(), *(f"a fitted {name}" for name in estimators())]
    parser.add_argument("--only", nargs="*", default=names, help="of what")
    parser.add_argument(
        "--questions",
        type=int,
        default=0,
        help="tables that each estimator is asked about besides",
    )
    asked = parser.parse_args()
    print(f"{asked.cases} cases from --seed {asked.seed}", flush=True)
    tried, given, found = Counter(), Counter(), {}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the table comes then, too
    try:
        while tried.total() < asked.cases:
            number = asked.seed + tried.total()
            for name in asked.only:
                n_cases, n_inputs = _round(name, number, found, asked.questions)
                tried[name] += n_cases
                given[name] += n_inputs
    except KeyboardInterrupt:
        pass
    _report(tried, given, found)
    return 1 if found else 0


def _round(name, number, found, questions):
    """Run some cases in a process of their own, so that a crash is a finding too."""
    with tempfile.NamedTemporaryFile("r+") as last:
        context = get_context("fork")
        mine, its = context.Pipe(duplex=False)
        child = context.Process(target=_child, args=(its, name, number, last.name, questions))
        child.start()
        its.close()
        try:
            n, pairs = mine.recv() if _goes_on(mine, last) else ((1, 1), None)
        except EOFError:
            n, pairs = (1, 1), None
        finally:
            child.kill()
            child.join()
        if pairs is None:
            pairs = [(Finding("crash", name, "the process ended, or hung"), _read(last))]
    for finding, case in pairs:
        key = (name, finding.kind, finding.where)
        if key not in found:
            found[key] = [0, finding, case]
            print(
                f"{name}: {finding.kind} at {finding.where}: {finding.text}\n    {case}", flush=True
            )
        found[key][0] += 1
    return n


def _goes_on(pipe, last):
    """Wait for what a child has to say, as long as its cases change."""
    case = None
    while not pipe.poll(_MOST_SECONDS):
        if case == (case := _read(last)):
            return False
    return True


def _read(file):
    file.seek(0)
    return file.read()


def _child(pipe, name, number, path, questions):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pipe.send(_cases_of(name, number, path, questions))
    signal.pause()  # its end by hand would wait for whatever it has begun


def _cases_of(name, number, path, questions):
    """Return how many cases and inputs there were, and what they found."""
    pairs, tried = [], Counter()
    drawn, judge = _what(name)

    @seed(number)
    @settings(
        max_examples=_ROUND,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn)
    def run(case):
        words = repr(case)
        if questions and judge is findings:
            words, case = f"asked_more({words}, {questions})", asked_more(case, questions)
        with open(path, "w") as last:
            last.write(words)
        tried["cases"] += 1
        tried["inputs"] += 1 + (len(case.asked) if judge is findings else 0)
        pairs.extend((finding, words) for finding in judge(case))

    run()
    return (tried["cases"], tried["inputs"]), pairs


def _what(name):
    """Return the strategy for what has a name, and what finds what is wrong with it."""
    if name in functions():
        return calls(name), findings_of_call
    fitted = name.removeprefix("a fitted ")
    return (cases(name), findings) if fitted == name else (uses(fitted), findings_of_use)


def _report(tried, given, found):
    print(f"\n{'of':28} {'cases':>8} {'inputs':>9} {'findings':>9}")
    for name in sorted(tried):
        n = sum(count for key, (count, *_) in found.items() if key[0] == name)
        print(f"{name:28} {tried[name]:8} {given[name]:9} {n:9}")
    n = sum(count for count, *_ in found.values())
    print(f"{'in all':28} {tried.total():8} {given.total():9} {n:9}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
