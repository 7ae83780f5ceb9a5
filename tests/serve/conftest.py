"""Fitted estimators, and a server that runs."""

import threading
import time
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits, load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skdeep import KNNClassifier, LeastSquaresRegressor, SoftmaxClassifier
from skdeep.serve import application
from skdeep.serve.connections import impatient_protocol


@pytest.fixture(scope="session")
def wine():
    """Return a pipeline of named columns and text classes, and its table."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    names = np.array(["Barbera", "Barolo", "Grignolino"])
    return make_pipeline(StandardScaler(), SoftmaxClassifier()).fit(X, names[y]), X


@pytest.fixture(scope="session")
def digits():
    """Return a pipeline of 64 unnamed columns, and its array."""
    X, y = load_digits(return_X_y=True)
    return make_pipeline(MinMaxScaler(), KNNClassifier(3)).fit(X, y), X


@pytest.fixture(scope="session")
def rents():
    """Return a regression on a categorical and two numeric columns, and its table."""
    random = np.random.RandomState(0)
    table = pd.DataFrame(
        {
            "area": random.uniform(20, 150, 60),
            "city": random.choice(["Rome", "Oslo", "Bonn"], 60),
            "rooms": random.randint(1, 6, 60),
        }
    )
    price = 10 * table["area"] + 300 * (table["city"] == "Oslo")
    encode = ColumnTransformer(
        [
            ("city", OneHotEncoder(handle_unknown="ignore", drop="first"), ["city"]),
            ("numbers", StandardScaler(), ["rooms", "area"]),
        ]
    )
    return make_pipeline(encode, LeastSquaresRegressor()).fit(table, price), table


@contextmanager
def running(estimator, name="model", read_timeout=30.0, **limits):
    """Serve on a free port, and give the server's address."""
    with listening(
        application(estimator, name, read_timeout=read_timeout, **limits), read_timeout
    ) as address:
        yield address


@contextmanager
def listening(app, read_timeout):
    """Have an application served on a free port, and give the server's address."""
    uvicorn = pytest.importorskip("uvicorn")
    http = impatient_protocol(read_timeout)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", http=http))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
