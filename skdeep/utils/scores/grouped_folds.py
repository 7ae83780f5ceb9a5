"""Folds of an estimator that cross-validates by itself, and the groups that they keep together."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.utils.metadata_routing import UNUSED, MetadataRouter, MethodMapping

from skdeep.utils.clean import check_cv

__all__ = ["GroupedFoldsMixin", "refuse_groups"]


class GroupedFoldsMixin:
    """An estimator whose `fit` hands `groups` to the splitter `cv`, which asks for them."""

    cv: Any

    # With metadata routing it is the splitter that asks, as in scikit-learn's own.
    __metadata_request__fit: ClassVar[dict[str, str]] = {"groups": UNUSED}

    def _folds_by(self, X: Any, y: Any, groups: Any, *, classifier: bool) -> list[Any]:
        """Return the folds, pairs of row numbers.

        Raises
        ------
        ValueError
            If there is none.
        """
        splitter = check_cv(self.cv, y, classifier=classifier)
        folds = list(splitter.split(X, y) if groups is None else splitter.split(X, y, groups))
        if not folds:
            raise ValueError(f"cv={self.cv!r} makes no split; one is needed at least.")
        return folds

    def get_metadata_routing(self) -> MetadataRouter:
        """Return which metadata `fit` and `score` ask for, and that `fit` splits by `cv`.

        Returns
        -------
        MetadataRouter
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        if hasattr(self.cv, "get_metadata_routing"):
            split = MethodMapping().add(caller="fit", callee="split")
            router.add(splitter=self.cv, method_mapping=split)
        return router


def refuse_groups(owner: str, groups: Any, cv: Any) -> None:
    """Raise ValueError if there are groups where one row at a time is left out."""
    if groups is not None:
        raise ValueError(
            f"{owner} with cv={cv!r} leaves out one row at a time and has no use for groups; pass "
            "a splitter that keeps them together, such as cv=GroupKFold()."
        )
