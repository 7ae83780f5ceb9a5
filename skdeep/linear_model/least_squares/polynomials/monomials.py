"""Which monomials a polynomial in several variables has, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import combinations, combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

__all__ = ["Monomials"]

# What a polynomial may have of terms, and the arrays that its fit needs of bytes.
MAX_TERMS, MAX_BYTES = 2_000_000, 2**33


@dataclass(frozen=True)
class Monomials:
    """All monomials of degree 1 to `degree`, in the order of scikit-learn's `PolynomialFeatures`.

    Sorted by total degree, then by the tuple of factors: ``a, b, a^2, a b, b^2``.

    Parameters
    ----------
    n_features : int
        The number of variables.
    degree : int
        The largest total degree.
    interactions : bool
        Whether only products of different variables count.
    """

    n_features: int
    degree: int
    interactions: bool = False

    def __getstate__(self) -> dict[str, object]:
        """Return the fields, without what is computed of them when it is asked for."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def check_size(self, n_rows: int) -> None:
        """Refuse, before any work, what no memory holds.

        Parameters
        ----------
        n_rows : int
            The number of rows that are fitted.

        Raises
        ------
        ValueError
            If there are too many terms.
        """
        n_terms = len(self)
        n_powers = 0 if self.interactions else min(self.degree, MAX_TERMS)
        n_bytes = 8 * max(n_terms * min(n_rows, n_terms), 2 * n_powers**2 * self.n_features)
        if self.degree > 1 and (n_terms > MAX_TERMS or n_bytes > MAX_BYTES):
            many = "more than 1e+18" if n_terms > 10**18 else f"{n_terms:,}"
            raise ValueError(
                f"A polynomial of degree={self.degree} in {self.n_features} feature(s) has {many} "
                f"terms; fitting it to {n_rows} rows needs {n_bytes / 2**30:,.3g} GiB or more. "
                "Lower the degree, take fewer features, or only interactions."
            )

    @cached_property
    def factors(self) -> list[tuple[int, ...]]:
        """The variables that each monomial multiplies, a tuple with repetitions."""
        choose = combinations if self.interactions else combinations_with_replacement
        return [
            term
            for degree in range(1, self._largest_degree + 1)
            for term in choose(range(self.n_features), degree)
        ]

    @cached_property
    def degrees(self) -> NDArray[np.intp]:
        """The total degree of each monomial."""
        if self.degree == 1:
            return np.ones(self.n_features, dtype=np.intp)
        return np.array([len(term) for term in self.factors], dtype=np.intp)

    @property
    def _largest_degree(self) -> int:
        return min(self.degree, self.n_features) if self.interactions else self.degree

    def __len__(self) -> int:
        """Count the terms without listing them, up to 10**18 and a little more."""
        n, count, chosen = self.n_features, 0, 1
        if self.interactions:
            for k in range(1, self._largest_degree + 1):
                chosen = chosen * (n - k + 1) // k
                count += chosen
                if count > 10**18:
                    return 10**18 + 1
            return count
        few, many = sorted((n, self.degree))
        for k in range(1, few + 1):
            chosen = chosen * (many + k) // k
            if chosen > 10**18:
                return 10**18 + 1
        return chosen - 1

    @cached_property
    def runs(self) -> list[tuple[slice, int, int, slice | None]]:
        """How to build each run of columns from earlier ones: (target, feature, power, rest).

        The terms of one degree whose first factor is a given feature, with a given power, are
        that power times the terms of a lower degree in the later features, and these stand side
        by side. `rest` is None where the power stands alone.
        """
        built: list[tuple[slice, int, int, slice | None]] = []
        # first[degree][j]: where the terms of that degree that begin with feature j or later start.
        first: dict[int, list[int]] = {}
        place = 0
        for degree in range(1, self._largest_degree + 1):
            starts = []
            for feature in range(self.n_features):
                starts.append(place)
                for power in range(1 if self.interactions else degree, 0, -1):
                    if power == degree:
                        built.append((slice(place, place + 1), feature, power, None))
                        place += 1
                        continue
                    lower = first[degree - power]
                    rest = slice(lower[feature + 1], lower[self.n_features])
                    count = rest.stop - rest.start
                    if count:
                        built.append((slice(place, place + count), feature, power, rest))
                        place += count
            first[degree] = [*starts, place]
        return built

    @cached_property
    def conversions(self) -> list[tuple[int, int, NDArray[np.intp], list[NDArray[np.intp]]]]:
        """Where each power of a feature stands, and where its lower powers do.

        Each entry is (feature, power, source, targets): lowering that power to ``k`` in the terms
        at the places `source` gives the terms at ``targets[k]``. Place 0 is the constant's.
        """
        index = {(): 0} | {term: place for place, term in enumerate(self.factors, 1)}
        found: dict[tuple[int, int], tuple[list[int], list[list[int]]]] = {}
        for term, place in index.items():
            for feature in dict.fromkeys(term):
                power, begin = term.count(feature), term.index(feature)
                source, targets = found.setdefault(
                    (feature, power), ([], [[] for _ in range(power)])
                )
                source.append(place)
                for k in range(power):
                    targets[k].append(index[term[: begin + k] + term[begin + power :]])
        return [
            (feature, power, np.array(source), [np.array(places) for places in targets])
            for (feature, power), (source, targets) in sorted(found.items())
        ]

    def names(self, features: list[str]) -> list[str]:
        """Return the names of the monomials, such as ``"a"``, ``"a^2"``, ``"a b"``."""
        if self.degree == 1:
            return list(features)
        return [self.name(place, features) for place in range(len(self))]

    def name(self, place: int, features: list[str]) -> str:
        """Return the name of one monomial."""
        if self.degree == 1:
            return str(features[place])
        term = self.factors[place]
        return " ".join(
            features[j] if term.count(j) == 1 else f"{features[j]}^{term.count(j)}"
            for j in dict.fromkeys(term)
        )
