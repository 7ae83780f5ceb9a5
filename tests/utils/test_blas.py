"""What is known of the libraries that multiply matrices."""

from types import SimpleNamespace

import numpy as np
import pytest

from skdeep.nn import products
from skdeep.utils import blas


@pytest.fixture
def unpacked(monkeypatch):
    """Return a function that says what is unpacked beside such libraries."""

    def found(*libraries):
        fields = ("internal_api", "architecture", "filepath")
        named = tuple(SimpleNamespace(**dict(zip(fields, one, strict=True))) for one in libraries)
        monkeypatch.setattr(blas, "blas_libraries", lambda: named)
        return blas.unpacked.__wrapped__()

    return found


@pytest.mark.parametrize("name", ["SkylakeX", "Cooperlake", "SapphireRapids"])
def test_small_products_are_not_packed_by_kernels_of_avx_512(unpacked, name):
    numpys = ("openblas", name, "/site-packages/numpy.libs/libscipy_openblas64_.so")
    scipys = ("openblas", "Haswell", "/site-packages/scipy.libs/libscipy_openblas.so")
    assert unpacked(numpys, scipys) == 10**6


@pytest.mark.parametrize(
    ("api", "name"), [("openblas", "Haswell"), ("openblas", "armv8"), ("mkl", "")]
)
def test_others_pack_all(unpacked, api, name):
    assert unpacked((api, name, "/usr/lib/libblas.so")) == 0
    assert unpacked() == 0


@pytest.mark.parametrize("limit", [0, 10**6])
def test_products_are_the_same_with_halves_and_without(limit, monkeypatch):
    monkeypatch.setattr(products, "unpacked", lambda: limit)
    x, w = np.random.RandomState(0).normal(size=(2, 120, 120))
    layer = SimpleNamespace(xp=np, share=None, grad_weight=np.empty((120, 120)))
    out = np.empty((120, 120))
    np.testing.assert_allclose(products.product(layer, x, w, out), x @ w, atol=1e-12)
    products.gradient(layer, "weight", x, w)
    np.testing.assert_allclose(layer.grad_weight, x.T @ w, atol=1e-12)
