"""Neighbours in a sparse matrix of distances, of which only the stored entries are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest_of_graph", "within_of_graph"]


def nearest_of_graph(graph: Any, k: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the k nearest of each row of a sparse matrix of distances.

    Parameters
    ----------
    graph : CSR matrix of shape (n_queries, n_points)
        Only stored entries are distances, stored zeros too.
    k : int

    Returns
    -------
    distance, index : ndarrays of shape (n_queries, k)

    Raises
    ------
    ValueError
        If a row stores fewer than k distances.
    """
    stored = np.diff(graph.indptr)
    if stored.min(initial=k) < k:
        raise ValueError(
            f"{k} neighbors per samples are required, but some samples have only "
            f"{stored.min()} neighbors in precomputed graph matrix. Decrease number of "
            "neighbors used or recompute the graph with more neighbors."
        )
    row = np.repeat(np.arange(graph.shape[0]), stored)
    order = np.lexsort((graph.indices, graph.data, row))
    chosen = order[(np.arange(k) + graph.indptr[:-1, None]).reshape(-1)]
    shape = (graph.shape[0], k)
    distance = graph.data[chosen].astype(np.float64).reshape(shape)
    return distance, graph.indices[chosen].astype(np.intp).reshape(shape)


def within_of_graph(
    graph: Any, radius: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the stored entries of each row that are not above a radius.

    Parameters
    ----------
    graph : CSR matrix of shape (n_queries, n_points)
    radius : float

    Returns
    -------
    begin : ndarray of shape (n_queries + 1,)
        Where the neighbours of each row begin.
    index, distance : ndarrays of shape (n_found,)
    """
    keep = graph.data <= radius
    begin = np.concatenate([[0], np.cumsum(keep)])[graph.indptr].astype(np.intp)
    return begin, graph.indices[keep].astype(np.intp), graph.data[keep].astype(np.float64)
