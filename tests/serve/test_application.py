"""The server as a client sees it."""

import contextlib
import itertools
import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from tests.serve.conftest import listening, running

httpx = pytest.importorskip("httpx")
pytest.importorskip("starlette")
ROW = {"inputs": [{"name": "X", "datatype": "FP64", "shape": [1, 64], "data": [0] * 64}]}
INFER = "/v2/models/digits/infer"


@pytest.fixture(scope="module")
def client(digits):
    limits = {"max_body": 20_000, "read_timeout": 0.3, "hosts": ["127.0.0.1"]}
    with running(digits[0], "digits", **limits) as url, httpx.Client(base_url=url) as client:
        yield client


def test_the_protocols_addresses_answer(client):
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2").json()["name"] == "skdeep"
    assert client.get("/v2/models/digits/ready").json() == {"name": "digits", "ready": True}
    metadata = client.get("/v2/models/digits").json()
    assert metadata["inputs"] == [{"name": "X", "datatype": "FP64", "shape": [-1, 64]}]


def test_many_clients_at_a_time_get_their_own_answers(client, digits):
    model, X = digits

    def ask(row):
        inputs = [{"name": "X", "datatype": "FP64", "shape": [1, 64], "data": row.tolist()}]
        answer = client.post(INFER, json={"inputs": inputs})
        assert answer.status_code == 200
        return answer.json()["outputs"][0]["data"][0]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, X[:60]))
    np.testing.assert_array_equal(answers, model.predict(X[:60]))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 10_000, "(no JSON|too deeply)"),
        (b'{"inputs": NaN}', "NaN is none of its numbers"),
        (b"1" * 10_000, "no JSON"),
        (b"null", "must be an object"),
        (json.dumps({"inputs": [{"name": "X"}]}).encode(), "no 'datatype'"),
    ],
)
def test_a_malformed_body_is_told_what_is_wrong(client, body, said):
    answer = client.post(INFER, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert re.search(said, answer.json()["error"])
    assert client.post(INFER, json=ROW).status_code == 200


def test_other_addresses_and_ways_are_refused_in_the_same_form(client):
    for answer, status in [
        (client.get("/v3"), 404),
        (client.get(INFER), 405),
        (client.get("/v2/models/other"), 404),
        (client.post("/v2/models/other/infer", json=ROW), 404),
        (client.post(INFER, content=json.dumps(ROW)), 415),
        (client.post(INFER, content=b" " * 20_001), 413),
        (client.post(INFER, json=ROW | {"outputs": [{"name": "transform"}]}), 400),
    ]:
        assert answer.status_code == status
        assert list(answer.json()) == ["error"]


def test_a_body_without_a_length_is_not_read_further_than_allowed(client):
    sent = []

    def long():
        for _ in range(20_000):  # 80 MB
            sent.append(4096)
            yield b" " * 4096

    with contextlib.suppress(httpx.WriteError, httpx.ReadError):  # the server has hung up
        answer = client.post(INFER, content=long(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
    assert len(sent) < 20_000
    assert client.post(INFER, json=ROW).status_code == 200


def test_who_does_not_send_what_was_promised_is_not_waited_for(client):
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        connection.sendall(
            f"POST {INFER} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "Content-Length: 100\r\n\r\n{".encode()
        )
        assert b" 408 " in connection.recv(1000)


ASKED = "GET /v2/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


# The first request of a connection, or one behind an answer, where uvicorn lets silence pass 5 s.
@pytest.mark.parametrize("sent", ["", "G", "GET / HTTP/1.1\r\n", ASKED + "G"])
def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(client, sent):
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        connection.settimeout(0.03)
        connection.sendall(sent.encode())
        begin = time.monotonic()
        for drop in itertools.cycle("x: y\r\n"):  # and so on, a head without an end
            try:
                if sent:
                    connection.sendall(drop.encode())
                if not connection.recv(1000):
                    break
            except TimeoutError:
                assert time.monotonic() - begin < 4
            except ConnectionError:
                break


def test_who_does_not_read_an_answer_is_not_waited_for():
    ended = threading.Event()

    async def long_answer(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200})
            for goes_on in (True, False):  # the second waits until the first is on its way
                body = {"body": bytes(2**24), "more_body": goes_on}
                await send({"type": "http.response.body", **body})
            ended.set()

    with listening(long_answer, 0.1) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(ASKED.encode())
            assert ended.wait(5)
        answer = httpx.get(url)  # by one who reads
        assert len(answer.content) == 2**25


def test_a_slow_head_is_read(client):
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        for part in (ASKED[:10], ASKED[10:], ASKED[:-1], ASKED[-1:]):
            connection.sendall(part.encode())
            time.sleep(0.02)
        answers = b""
        while answers.count(b"200 OK") < 2:
            answers += (received := connection.recv(1000))
            assert received


def test_only_its_own_name_is_answered(client):
    """A page of another site whose name leads here gets nothing."""
    assert client.get("/v2", headers={"Host": "evil.example"}).status_code == 400


def test_the_page_lets_the_browser_load_nothing(client):
    answer = client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


class Slow(RegressorMixin, BaseEstimator):
    """Predicts when it is let."""

    def fit(self, X, y=None):
        self.n_features_in_ = 1
        self.go = threading.Event()
        return self

    def predict(self, X):
        if X[0, 0] < 0:
            raise RuntimeError("secret")
        self.go.wait()
        return X[:, 0]


def test_more_than_may_wait_are_sent_away_and_later_served():
    model = Slow().fit(None)
    inputs = [{"name": "X", "datatype": "FP64", "shape": [1, 1], "data": [1]}]
    with (
        running(model, max_waiting=2) as url,
        httpx.Client(base_url=url, timeout=30) as client,
        ThreadPoolExecutor(2) as pool,
    ):
        try:
            ask = lambda: client.post("/v2/models/model/infer", json={"inputs": inputs})  # noqa: E731
            waiting = [pool.submit(ask) for _ in range(2)]
            while client.get("/v2/health/ready").status_code == 200:
                time.sleep(0.01)
            refused = ask()
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert client.get("/v2/health/live").status_code == 200
        finally:
            model.go.set()
        assert [each.result().status_code for each in waiting] == [200, 200]
        assert ask().status_code == 200
        inputs[0]["data"] = [-1]
        failed = ask()
        assert failed.status_code == 500
        assert "secret" not in failed.text


def test_the_command_names_what_it_cannot_serve(tmp_path, capsys, digits):
    skops = pytest.importorskip("skops.io")
    from skdeep import MLPClassifier
    from skdeep.cli import main

    path = tmp_path / "model.skops"
    assert main(["serve", str(path)]) == 2
    assert "No such file" in capsys.readouterr().err
    path.write_text("text")
    assert main(["serve", str(path)]) == 2
    assert "is no file of skops" in capsys.readouterr().err
    skops.dump(MLPClassifier(), path)
    assert main(["serve", str(path)]) == 2
    assert "MLPClassifier that is not fitted" in capsys.readouterr().err
    skops.dump(Slow(), path)
    assert main(["serve", str(path)]) == 2
    assert "not trusted: tests.serve.test_application.Slow." in capsys.readouterr().err
    skops.dump([1, 2], path)
    assert main(["serve", str(path)]) == 2
    assert "holds a list, no estimator" in capsys.readouterr().err
    assert main(["serve", str(path), "--port", "x"]) == 2


def test_a_file_of_a_pipeline_is_loaded(tmp_path, digits):
    skops = pytest.importorskip("skops.io")
    from skdeep.serve import load

    model, X = digits
    skops.dump(model, tmp_path / "model.skops")
    np.testing.assert_array_equal(
        load(tmp_path / "model.skops").predict(X[:9]), model.predict(X[:9])
    )
