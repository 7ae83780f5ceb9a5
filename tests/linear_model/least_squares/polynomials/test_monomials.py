"""Which monomials there are, how many, and which numbers of them are refused."""

import numpy as np
import pytest
from sklearn.preprocessing import PolynomialFeatures

from skdeep.linear_model.least_squares.polynomials.monomials import Monomials


@pytest.mark.parametrize("interactions", [False, True])
@pytest.mark.parametrize("degree", [1, 2, 3, 6])
@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_the_terms_and_their_names_are_those_of_scikit_learn(n_features, degree, interactions):
    theirs = PolynomialFeatures(degree, include_bias=False, interaction_only=interactions)
    theirs.fit(np.zeros((1, n_features)))
    names = [f"x{j}" for j in range(n_features)]
    ours = Monomials(n_features, degree, interactions)
    assert ours.names(names) == list(theirs.get_feature_names_out())
    assert len(ours) == len(ours.factors) == theirs.n_output_features_


@pytest.mark.parametrize(
    "monomials",
    [
        Monomials(1, 10**30),
        Monomials(300, 4),
        Monomials(10**6, 10**6),
        Monomials(60, 10**30, interactions=True),
        Monomials(1, 10**5),
    ],
)
def test_what_no_memory_holds_is_refused_before_any_work(monomials):
    with pytest.raises(ValueError, match=r"degree=\d+ in \d+ feature.*terms.* GiB or more.*Lower"):
        monomials.check_size(50)
    assert "factors" not in vars(monomials)


def test_a_degree_beyond_the_number_of_features_adds_no_interactions():
    assert Monomials(4, 10**30, interactions=True).factors == Monomials(4, 4, True).factors
    Monomials(4, 10**30, interactions=True).check_size(50)
