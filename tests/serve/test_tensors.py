"""Arrays as tensors of the protocol."""

import numpy as np
import pytest

from skdeep.serve.errors import RequestError
from skdeep.serve.tensors import read_tensor, write_tensor

ARRAYS = [
    np.array([[1.5, -2.0], [0.1, 1e300]]),
    np.array([[1.5, -2.0]], dtype=np.float32),
    np.array([1, -(2**62)]),
    np.array([200], dtype=np.uint8),
    np.array([True, False]),
    np.array(["a", "ü"]),
    np.zeros((0, 3)),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.shape}")
def test_an_array_comes_back(array):
    name, again = read_tensor(write_tensor("x", array), "here")
    assert name == "x"
    np.testing.assert_array_equal(again, array)
    assert again.dtype == (object if array.dtype.kind == "U" else array.dtype)


def tensor(**changed):
    return {"name": "x", "datatype": "FP64", "shape": [2, 2], "data": [1, 2, 3, 4]} | changed


def test_data_may_be_nested_or_flat_and_a_missing_number_is_null():
    _, flat = read_tensor(tensor(), "here")
    _, nested = read_tensor(tensor(data=[[1, 2], [3, 4]]), "here")
    np.testing.assert_array_equal(flat, nested)
    _, missing = read_tensor(tensor(data=[1, None, 3, 4]), "here")
    assert np.isnan(missing[0, 1])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "here must be an object"),
        ({"name": "x"}, "no 'datatype' and no 'shape' and no 'data'"),
        (tensor(name=3), "name of here must be text"),
        (tensor(datatype="FP63"), "'FP63'; there are BOOL"),
        (tensor(datatype=["FP64"]), "there are BOOL"),
        (tensor(shape=[2, -2]), "whole numbers of at least 0"),
        (tensor(shape=[True, 4]), "whole numbers of at least 0"),
        (tensor(shape=[]), "whole numbers of at least 0"),
        (tensor(shape=[1] * 9), "1 to 8"),
        (tensor(shape=[2, 3]), "has 4 values, where shape .2, 3. asks for 6"),
        (tensor(data="1234"), "must be a list"),
        (tensor(data=[[1, 2], [3]]), "do not nest as shape .2, 2. says"),
        (tensor(data=[[1], [2, 3, 4]]), "do not nest"),
        (tensor(data=[[1, 2], [3, 4], [5, 6]]), "has 6 values"),
        (tensor(data=[[1, 2, 3, 4]], shape=[2, 2]), "do not nest"),
        (tensor(shape=[0, 10**30], data=[]), "too large"),
        (tensor(datatype="FP32", data=[1, 2, 3, 1e300]), "a number that FP32 cannot hold"),
        (tensor(datatype="FP16", data=[1, 2, 3, 1e10]), "a number that FP16 cannot hold"),
        (tensor(data=[1, 2, 3, float("inf")]), "a number that FP64 cannot hold"),
        (tensor(data=[1, 2, 3, "4"]), "of datatype FP64 has text"),
        (tensor(data=[1, 2, 3, True]), "of datatype FP64 has booleans"),
        (tensor(data=[1, 2, 3, [4]]), "has lists"),
        (tensor(data=[1, 2, 3, 10**400]), "a number that FP64 cannot hold"),
        (tensor(datatype="INT8", data=[1, 2, 3, 400]), "a number that INT8 cannot hold"),
        (tensor(datatype="INT8", data=[1, 2, 3, 4.0]), "of datatype INT8 has numbers"),
        (tensor(datatype="BYTES"), "of datatype BYTES has ints"),
    ],
)
def test_what_is_no_tensor_is_refused_with_its_place(wrong, said):
    with pytest.raises(RequestError, match=said):
        read_tensor(wrong, "here")
