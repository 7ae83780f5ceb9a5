"""What a language model writes while it learns."""

from __future__ import annotations

from typing import Any

from skdeep.nn.shapes.cells import aligned, html_table
from skdeep.utils.params import check_value, integer

__all__ = ["TextMonitor"]

_HEAD = ("epoch", "loss", "text")


class TextMonitor:
    """A callback that lets a language model write, epoch by epoch; it prints as a table.

    It follows scikit-learn's protocol of callbacks: ``model.set_callbacks(monitor)``. The draws
    are the same each time, and the training is not changed by them.

    Parameters
    ----------
    prefix : str, default=""
        What texts begin with.
    length : int, default=60
        Characters to add at most.
    temperature : float, default=0.7
        As for `CharacterLanguageModel.sample`.
    every : int, default=1
        Epochs between two texts.
    random_state : int, default=0
        Draws the characters.

    Attributes
    ----------
    epochs : list of int
        After which it wrote.
    losses : list of float
        The training loss then.
    texts : list of str
        What it wrote.

    See Also
    --------
    ActivationMonitor : What the layers do while a network learns.

    Examples
    --------
    >>> from skdeep import CharacterLanguageModel
    >>> from skdeep.inspection import TextMonitor
    >>> monitor = TextMonitor("he", length=8, every=40, temperature=0)
    >>> model = CharacterLanguageModel((16,), max_iter=81, learning_rate_init=0.02, random_state=0)
    >>> model = model.set_callbacks(monitor).fit(["hello"] * 8)
    >>> monitor.epochs, monitor.texts[-1]
    ([1, 41], 'hello')
    """

    def __init__(
        self,
        prefix: str = "",
        length: int = 60,
        *,
        temperature: float = 0.7,
        every: int = 1,
        random_state: int = 0,
    ) -> None:
        for name, value in (("length", length), ("every", every)):
            check_value("TextMonitor", name, value, [integer(1)])
        self.prefix, self.length, self.temperature = prefix, length, temperature
        self.every, self.random_state = every, random_state
        self._forget()

    def _forget(self) -> None:
        self.epochs: list[int] = []
        self.losses: list[float] = []
        self.texts: list[str] = []

    def setup(self, estimator: Any, context: Any) -> None:
        """Forget the fit before."""
        if not hasattr(estimator, "sample"):
            raise TypeError(
                f"TextMonitor is for a model that writes, such as CharacterLanguageModel; got "
                f"{type(estimator).__name__}."
            )
        self._forget()

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_end(self, estimator: Any, context: Any, *, fitted_estimator: Any) -> bool:
        """Let the model of an epoch write; never stop the training."""
        if context.task_name == "epoch" and context.task_id % self.every == 0:
            self.epochs.append(context.task_id + 1)
            self.losses.append(float(fitted_estimator.loss_))
            self.texts.append(
                fitted_estimator.sample(
                    self.prefix,
                    self.length,
                    temperature=self.temperature,
                    random_state=self.random_state,
                )
            )
        return False

    def _rows(self) -> list[tuple[str, str, str]]:
        columns = zip(self.epochs, self.losses, self.texts, strict=True)
        return [(str(epoch), f"{loss:.3f}", repr(text)[1:-1]) for epoch, loss, text in columns]

    def __repr__(self) -> str:
        if not self.texts:
            return f"TextMonitor({self.prefix!r}, length={self.length}), no text yet"
        return "\n".join(aligned([_HEAD, *self._rows()], n_left=3))

    def _repr_html_(self) -> str:
        return html_table(_HEAD, self._rows(), n_left=3)
