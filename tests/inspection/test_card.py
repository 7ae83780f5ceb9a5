"""Model cards."""

import sys

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import Autoencoder, KNNRegressor, MLPClassifier, Whitener
from skdeep.inspection import model_card
from tests.cheap import cheap_estimators
from tests.data import data_for, iris
from tests.test_common import fit


@pytest.fixture(scope="module")
def network():
    X, y = iris()
    net = MLPClassifier((7,), max_iter=300, tol=1e-2, random_state=0, early_stopping=True)
    return make_pipeline(StandardScaler(), net).fit(X, y)


def test_a_card_tells_data_scores_parameters_architecture_and_training(network):
    X, y = iris()
    card = model_card(network, X, y)
    text = card.to_markdown()
    assert str(card) == text
    accuracy = accuracy_score(y, network.predict(X))
    assert f"| accuracy | {accuracy:.4g} |" in text
    assert f"| log loss | {log_loss(y, network.predict_proba(X)):.4g} |" in text
    assert "| hidden\\_layer\\_sizes | (7,) |" in text
    assert "batch\\_size='auto'" in text
    assert "Dense(units=7)" in text
    assert f"| {network[-1].n_iter_} | " in text
    html = card.to_html()
    for section in card.sections:
        assert f"<h2>{section.title}</h2>" in html
    assert 'src="data:image/svg+xml;base64,' in html
    assert html == model_card(network, X, y).to_html()


def test_a_regressor_and_a_transformer_have_their_own_sections():
    X, y = iris()
    knn = KNNRegressor().fit(X, y)
    card = model_card(knn, X, y)
    error = mean_absolute_error(y, knn.predict(X))
    assert f"| mean absolute error | {error:.4g} |" in card.to_markdown()
    assert [s.title for s in card.sections][-2:] == ["Parameters", "Versions"]
    assert [s.title for s in model_card(Whitener().fit(X)).sections] == [
        "Data",
        "Parameters",
        "Versions",
    ]


@pytest.mark.parametrize("estimator", cheap_estimators(), ids=lambda e: type(e).__name__)
def test_every_estimator_has_a_card_without_matplotlib_too(estimator, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    if hasattr(estimator, "max_iter"):
        estimator.set_params(max_iter=2)
    X, y = data_for(estimator)
    model = fit(estimator, X, y)
    html = model_card(model).to_html()
    assert type(model).__name__ in html
    assert "<img" not in html


def test_a_search_shows_what_it_found():
    X, y = iris()
    search = GridSearchCV(KNNRegressor(), {"n_neighbors": [2, 3]}).fit(X, y)
    assert model_card(search).title == "KNNRegressor"


def test_what_a_card_shows_is_text(network):
    card = model_card(network, title="<b>", notes={"<i>": "a_b <script>"})
    assert "<b>" not in card.to_html()
    assert "<script>" not in card.to_html()
    assert "## \\<i\\>\n\na\\_b \\<script\\>" in card.to_markdown()


def test_what_cannot_be_described_is_refused(network):
    with pytest.raises(NotFittedError):
        model_card(MLPClassifier())
    with pytest.raises(ValueError, match="y is missing"):
        model_card(network, np.zeros((2, 4)))
    with pytest.raises(ValueError, match="Whitener has no score"):
        model_card(Whitener().fit(np.eye(3)), np.eye(3))
    with pytest.raises(TypeError, match="title must be text, got 3"):
        model_card(network, title=3)
    for notes, said in (({"Use": 3}, "texts alone, got 3"), (["Use"], "must be a dict")):
        with pytest.raises(TypeError, match=said):
            model_card(network, notes=notes)


def test_what_needs_no_targets_is_scored_by_samples_alone():
    X, _ = iris()
    model = Autoencoder(2, (4,), max_iter=2, random_state=0).fit(X)
    assert f"| score | {model.score(X):.4g} |" in model_card(model, X).to_markdown()


def test_a_note_has_paragraphs_and_a_title_is_text(network):
    card = model_card(network, title="A_1 # <b>\nnext", notes={"Use": "One.\n\nTwo\nlines.\n"})
    assert card.to_markdown().startswith(
        "# A\\_1 \\# \\<b\\> next\n\n## Use\n\nOne.\n\nTwo lines.\n"
    )
    assert "<p>One.</p>\n<p>Two\nlines.</p>" in card.to_html()


def test_a_target_beyond_all_floats_is_refused_by_name():
    X, y = iris()
    model = KNNRegressor().fit(X, y)
    huge = np.array([2**2000, *y[1:]], dtype=object)
    with pytest.raises(ValueError, match="y has a number beyond all floats"):
        model_card(model, X, huge)
    with pytest.raises(ValueError, match="y has a number beyond all floats"):
        model.score(X, huge)
