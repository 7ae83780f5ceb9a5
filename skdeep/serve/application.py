"""The web application: the protocol's addresses, and a page for people."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import TYPE_CHECKING, Any

from skdeep._version import __version__
from skdeep.serve.errors import RequestError
from skdeep.serve.page import page, security_policy
from skdeep.serve.served_model import ServedModel

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["application"]

_log = logging.getLogger("skdeep.serve")


def application(
    estimator: Any,
    name: str = "model",
    *,
    max_body: int = 16 * 2**20,
    max_waiting: int = 64,
    read_timeout: float = 30.0,
    hosts: Sequence[str] = ("*",),
) -> Starlette:
    """Make a web application (ASGI) of a fitted estimator.

    Parameters
    ----------
    estimator : fitted estimator, or OnnxModel
        A classifier, a regressor or a transformer, or a pipeline or search with one; or what
        :func:`load` returns.
    name : str, default="model"
        The model's name in addresses.
    max_body : int, default=16 MiB
        Bytes of a request at most; more is answered by status 413.
    max_waiting : int, default=64
        Requests that may wait for their prediction; at more, status 503 says to come again.
        Predictions are made one after the other, each by as many threads as it has use for.
    read_timeout : float, default=30
        Seconds that a client may take to send its request, before status 408.
    hosts : sequence of str, default=("*",)
        Names under which the server may be asked, "*" for any.

    Returns
    -------
    starlette.applications.Starlette
        The application, for uvicorn or another server of ASGI.

    Raises
    ------
    ImportError
        If starlette is not installed.
    TypeError
        If `estimator` predicts and transforms nothing.
    ValueError
        If `name` cannot be a part of an address.
    """
    try:
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
        from starlette.middleware.trustedhost import TrustedHostMiddleware
        from starlette.routing import Route
    except ImportError as error:
        raise ImportError(
            'Serving needs starlette, which is not installed; pip install "skdeep[serve]" brings '
            "it."
        ) from error
    model = ServedModel(estimator, name)
    answers = _Answers(model, max_body, max_waiting, read_timeout)
    get = {
        "/": answers.page,
        "/v2": answers.server,
        "/v2/health/live": answers.live,
        "/v2/health/ready": answers.ready,
        "/v2/models/{name}": answers.metadata,
        "/v2/models/{name}/ready": answers.model_ready,
    }
    return Starlette(
        routes=[
            *(Route(path, answer, methods=["GET"]) for path, answer in get.items()),
            Route("/v2/models/{name}/infer", answers.infer, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
        exception_handlers={404: _as_json, 405: _as_json},
    )


def _json(content: dict[str, Any], status: int = 200, headers: Any = None) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(content, status, headers)


def _as_json(request: Request, error: Any) -> Response:
    return _json({"error": f"{error.detail}: {request.url.path}."}, error.status_code)


def _answering(
    handler: Callable[[_Answers, Request], Awaitable[Response]],
) -> Callable[[_Answers, Request], Awaitable[Response]]:
    """Say what a client can mend in the protocol's form."""

    @wraps(handler)
    async def answer(self: _Answers, request: Request) -> Response:
        try:
            return await handler(self, request)
        except RequestError as error:
            headers = {"Retry-After": "1"} if error.status == 503 else {}
            if error.status != 400:  # the body has not been read, and what is left of it never is
                headers["Connection"] = "close"
            return _json({"error": str(error)}, error.status, headers)
        except Exception:  # the log has what happened; a client gets no traceback
            _log.exception("a request failed")
            return _json({"error": "The server failed at this request; its log says why."}, 500)

    return answer


class _Answers:
    """One method an address."""

    def __init__(
        self, model: ServedModel, max_body: int, max_waiting: int, read_timeout: float
    ) -> None:
        self.model = model
        self.max_body, self.max_waiting, self.read_timeout = max_body, max_waiting, read_timeout
        # An estimator's buffers are for one prediction at a time.
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="skdeep-serve")
        self.waiting = 0
        self.html = page(model)

    async def page(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse

        headers = {
            "Content-Security-Policy": security_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return HTMLResponse(self.html, headers=headers)

    async def server(self, request: Request) -> Response:
        return _json({"name": "skdeep", "version": __version__, "extensions": []})

    async def live(self, request: Request) -> Response:
        return _json({"live": True})

    async def ready(self, request: Request) -> Response:
        free = self.waiting < self.max_waiting
        return _json({"ready": free}, 200 if free else 503)

    @_answering
    async def metadata(self, request: Request) -> Response:
        self._check_name(request)
        return _json(self.model.metadata())

    @_answering
    async def model_ready(self, request: Request) -> Response:
        self._check_name(request)
        return _json({"name": self.model.name, "ready": True})

    @_answering
    async def infer(self, request: Request) -> Response:
        self._check_name(request)
        self._check_load()
        body = await self._body(request)
        self._check_load()
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.worker, self._infer, body)
        finally:
            self.waiting -= 1
        from starlette.responses import Response

        return Response(answer, media_type="application/json")

    def _check_load(self) -> None:
        if self.waiting >= self.max_waiting:
            raise RequestError(
                f"{self.waiting} requests are waiting already; try again in a second.", 503
            )

    def _infer(self, body: bytes) -> bytes:
        return json.dumps(self.model.infer(_parse(body)), allow_nan=False).encode()

    def _check_name(self, request: Request) -> None:
        name = request.path_params["name"]
        if name != self.model.name:
            raise RequestError(f"There is no model {name!r}, only {self.model.name!r}.", 404)

    async def _body(self, request: Request) -> bytes:
        """Return the body, read no further than it may be long."""
        too_long = RequestError(f"The body has more than {self.max_body} bytes.", 413)
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.max_body:
            raise too_long
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise RequestError(
                f"The body must be of Content-Type application/json, got {kind!r}.", 415
            )
        from starlette.requests import ClientDisconnect

        parts, size = [], 0
        try:
            async with asyncio.timeout(self.read_timeout):
                async for part in request.stream():
                    size += len(part)
                    if size > self.max_body:
                        raise too_long
                    parts.append(part)
        except TimeoutError as error:
            raise RequestError(
                f"The body did not arrive within {self.read_timeout:g} seconds.", 408
            ) from error
        except ClientDisconnect as error:
            raise RequestError("The connection ended within the body.") from error
        return b"".join(parts)


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse)
    except RecursionError as error:
        raise RequestError("The body is nested too deeply.") from error
    except ValueError as error:  # UnicodeDecodeError and what Python says of huge numbers as well
        raise RequestError(f"The body is no JSON: {error}.") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is none of its numbers; a missing number is null")
