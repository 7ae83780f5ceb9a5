"""Docstrings of methods that are completed by another's."""

from skdeep.utils.docstrings import documented_like


def fit(X, y=None):
    """Train.

    Parameters
    ----------
    X : list
        Texts.
    y : None
        Ignored.

    Returns
    -------
    self
        The model.

    Raises
    ------
    ValueError
        Of no texts.
    """


def test_what_a_function_does_not_say_the_other_does():
    @documented_like(fit)
    def partial_fit(X, more=1, y=None):
        """Train once.

        Parameters
        ----------
        more : int, default=1
            Epochs.
        """

    rest = fit.__doc__.partition("y : None")[2]
    expected = (
        "Train once.\n\nParameters\n----------\nX : list\n    Texts.\n"
        "more : int, default=1\n    Epochs.\ny : None" + rest.replace("\n    ", "\n")
    )
    assert partial_fit.__doc__.split() == expected.split()
    assert partial_fit.__doc__.splitlines()[4:9] == expected.splitlines()[4:9]


def test_what_it_returns_itself_has_none_of_the_others_errors():
    @documented_like(fit)
    def score(X):
        """Score.

        Returns
        -------
        float
            At most 1.
        """

    assert "y : None" not in score.__doc__
    assert "Raises" not in score.__doc__
    assert score.__doc__.startswith("Score.\n\nParameters\n----------\nX : list\n    Texts.\n\nRet")
