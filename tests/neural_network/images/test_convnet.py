"""Convolutional estimators: the forms of X, the architectures, training and features."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skdeep import ConvNetClassifier, ConvNetRegressor
from skdeep.neural_network.images.notation import parse
from skdeep.nn import Conv2D, MaxPool2D, Sequence

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
X, Y = X[:200].astype(np.float32), Y[:200]
SMALL = {"architecture": "8 | 16", "max_iter": 3, "random_state": 0}
COLOURS = np.random.RandomState(0).randint(256, size=(40, 6, 8, 3)).astype(np.uint8)


def test_pictures_and_rows_of_a_table_are_the_same():
    rows = ConvNetClassifier(**SMALL).fit(X, Y)
    assert rows.image_shape_ == (8, 8, 1)
    assert rows.n_features_in_ == 64
    expected = rows.predict_proba(X)
    for pictures in (X.reshape(-1, 8, 8), X.reshape(-1, 8, 8, 1), X.reshape(-1, 8, 8).tolist()):
        model = ConvNetClassifier(**SMALL, dtype="float32").fit(pictures, Y)
        np.testing.assert_allclose(model.predict_proba(pictures), expected, atol=1e-5)
        np.testing.assert_allclose(rows.predict_proba(pictures), expected, atol=1e-5)


def test_channels_that_seem_to_come_first_are_warned_of():
    pictures = X.reshape(-1, 1, 8, 8)
    with pytest.warns(UserWarning, match="1 x 8 pixels with 8 channels.*channels_first=True"):
        model = ConvNetClassifier(**SMALL).fit(pictures, Y)
    lines = str(model.network_.summary()).splitlines()
    assert max(map(len, lines)) < 160
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        ConvNetClassifier(**SMALL, image_shape=(1, 8, 8)).fit(pictures, Y)
        ConvNetClassifier(**SMALL, channels_first=True).fit(pictures, Y)


def test_channels_first_is_another_order_of_the_same_pixels():
    y = np.arange(40) % 2
    last = ConvNetClassifier(**SMALL).fit(COLOURS, y)
    first = ConvNetClassifier(**SMALL, channels_first=True)
    pictures = COLOURS.transpose(0, 3, 1, 2)
    first.fit(pictures, y)
    assert last.image_shape_ == first.image_shape_ == (6, 8, 3)
    np.testing.assert_allclose(
        last.predict_proba(COLOURS), first.predict_proba(pictures), atol=1e-6
    )
    rows = pictures.reshape(40, -1)
    np.testing.assert_allclose(first.predict_proba(rows), first.predict_proba(pictures))


def test_a_weight_of_a_class_counts_in_the_moments_of_pixels():
    y = Y[:60] % 2
    net = ConvNetClassifier(**SMALL, class_weight={0: 2, 1: 1}).fit(X[:60], y)
    weighted = ConvNetClassifier(**SMALL).fit(X[:60], y, np.where(y == 0, 2, 1))
    np.testing.assert_array_equal(net.predict_proba(X), weighted.predict_proba(X))


def test_integer_pixels_stay_integers_also_on_disk(tmp_path):
    y = np.arange(40) % 2
    kept = np.memmap(tmp_path / "pixels", np.uint8, "w+", shape=COLOURS.shape)
    kept[...] = COLOURS
    model = ConvNetClassifier(**SMALL).fit(kept, y)
    assert model.network_.dtype is np.float32
    rows = model._check_X(kept, reset=False)
    assert rows.dtype == np.uint8
    assert np.shares_memory(rows, kept)
    np.testing.assert_allclose(
        model.predict_proba(kept), model.predict_proba(COLOURS.astype(np.float32)), atol=1e-6
    )


def test_the_unit_of_the_pixels_does_not_matter():
    one = ConvNetClassifier(**SMALL).fit(X, Y)
    other = ConvNetClassifier(**SMALL).fit(X / 16 + 3, Y)
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X / 16 + 3), atol=1e-2)


def test_it_works_in_pipelines_and_searches():
    pipe = make_pipeline(
        StandardScaler(),
        ConvNetClassifier(
            **SMALL | {"max_iter": 15, "learning_rate_init": 0.02}, image_shape=(8, 8, 1)
        ),
    )
    search = GridSearchCV(pipe, {"convnetclassifier__architecture": ["4", "4 | 8"]}, cv=2, n_jobs=1)
    assert search.fit(X, Y).best_score_ > 0.2
    features = make_pipeline(ConvNetClassifier(**SMALL | {"max_iter": 12}), SVC())
    assert features.fit(X, Y).score(X, Y) > 0.9


def test_the_features_are_what_the_last_layer_reads():
    model = ConvNetClassifier(**SMALL).fit(X, Y)
    features = model.transform(X)
    assert features.shape == (200, 16)
    last = model.network_.layers()[-1]
    z = features @ last.weight + last.bias
    np.testing.assert_array_equal(model.predict(X), model.classes_[z.argmax(axis=1)])
    assert list(model.get_feature_names_out()[:2]) == ["convnetclassifier0", "convnetclassifier1"]


@pytest.mark.parametrize(
    "architecture",
    [
        "lenet5",
        "2x4, 4",
        "4 | 8, 6",
        [Conv2D(4, 3, padding=1, activation="relu"), MaxPool2D()],
        Sequence(Conv2D(4, 3, padding=1), MaxPool2D()),
        lambda shape, n_outputs: Conv2DHead(n_outputs),
    ],
    ids=["name", "blocks", "dense", "layers", "layer", "callable"],
)
def test_architectures_come_in_several_forms(architecture):
    model = ConvNetClassifier(architecture, max_iter=3, random_state=0).fit(X, Y)
    assert model.predict_proba(X).shape == (200, 10)
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert clone(model).fit(X, Y).loss_ == model.loss_
    assert model.summary().parameters == model.network_.n_parameters


class Conv2DHead(Conv2D):
    """Outputs of a window as large as the picture, as a vector."""

    def __init__(self, n_outputs):
        super().__init__(n_outputs, 8)

    def output_shape(self, input_shape):
        return super().output_shape(input_shape)[2:]

    def forward(self, x, mode=None):
        self._output = super().output_shape(x.shape[1:])
        shape = self.output_shape
        self.output_shape = lambda _: self._output
        y = super().forward(x)
        self.output_shape = shape
        return y.reshape(len(x), -1)

    def backward(self, grad_y, wants_input=True):
        return super().backward(grad_y.reshape(len(grad_y), *self._output), wants_input)


def test_networks_with_heads_train_and_predict():
    model = ConvNetClassifier("googlenet", max_iter=1, random_state=0).fit(X[:64], Y[:64])
    assert model.predict_proba(X[:5]).shape == (5, 10)
    assert pickle.loads(pickle.dumps(model)).predict(X[:5]).shape == (5,)


def test_streams_and_warm_starts_go_on():
    stream = ConvNetClassifier(**SMALL)
    for start in range(0, 200, 50):
        stream.partial_fit(X[start : start + 50], Y[start : start + 50], classes=range(10))
    assert stream.t_ == 200
    warm = ConvNetClassifier(**SMALL, warm_start=True).fit(X, Y)
    loss = warm.loss_
    assert warm.fit(X, Y).loss_ < loss


def test_numbers_of_pictures_are_learned():
    y = X[:, :32].mean(axis=1) - X[:, 32:].mean(axis=1)
    model = ConvNetRegressor(
        architecture="8 | 16", standardize_target=True, max_iter=20, random_state=0
    )
    assert model.fit(X, y).score(X, y) > 0.8
    assert model.predict(X[:3].reshape(-1, 8, 8)).shape == (3,)


def test_the_summary_is_there_before_fit():
    model = ConvNetClassifier("lenet5", image_shape=(32, 32))
    assert model.summary().lines[0].connections == 122304
    assert "28x28x6" in repr(model.summary())
    assert ConvNetClassifier("lenet5").summary((32, 32, 1), 10).parameters == 61706
    with pytest.raises(ValueError, match="knows no shape of its input before fit"):
        ConvNetClassifier().summary()


@pytest.mark.parametrize(
    ("params", "data", "message"),
    [
        ({"architecture": "vgg"}, X, "'architecture' parameter of ConvNetClassifier must be a"),
        ({"architecture": []}, X, "'architecture' parameter"),
        ({"architecture": lambda *_: 3}, X, "must make a skdeep.nn.Layer"),
        ({"image_shape": (8, 9)}, X, r"8 \* 9 \* 1 = 72 numbers a picture, but X has 64 features"),
        ({"image_shape": (8, 0)}, X, "'image_shape' parameter"),
        ({"image_shape": (9, 9)}, X.reshape(-1, 8, 8), r"X has pictures of shape \(8, 8, 1\)"),
        ({"kernel_size": 0}, X, "'kernel_size' parameter"),
    ],
)
def test_what_makes_no_sense_is_refused(params, data, message):
    with pytest.raises((ValueError, TypeError), match=message):
        ConvNetClassifier(**SMALL | params).fit(data, Y)


@pytest.mark.parametrize("channels_first", [False, True])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 8, 8)])
def test_an_image_shape_with_channels_first_is_noticed(shape, channels_first):
    rows = np.random.default_rng(0).random((20, shape[0] * 64))
    model = ConvNetClassifier("2", max_iter=1, image_shape=shape, channels_first=channels_first)
    with pytest.warns(UserWarning, match=rf"image_shape=\(8, 8, {shape[0]}\) with channels_first"):
        model.fit(rows, Y[:20])


def test_pictures_of_another_shape_are_refused_at_prediction():
    model = ConvNetClassifier(**SMALL).fit(X, Y)
    for shape in ((4, 16), (9, 9), (8, 8, 3)):
        with pytest.raises(ValueError, match=r"fitted on pictures of shape \(8, 8, 1\).* has pic"):
            model.predict(np.zeros((3, *shape)))
    with pytest.raises(ValueError, match="features"):
        model.predict(X[:, :49])


@pytest.mark.parametrize(
    "text", ["", "a", "2x", "0x8", "8 | 0", "8 | a", "8,, 8", "x8", "8 | 4 | 2", "-8"]
)
def test_what_is_no_notation_is_none(text):
    assert parse(text) is None


def test_a_short_training_warns_of_nothing_where_the_schedule_ends():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        ConvNetClassifier(**SMALL).fit(X, Y)
