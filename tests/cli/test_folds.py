"""Folds: --cv, --repeats and --groups, and the sentence where there are too few rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, RepeatedKFold, StratifiedGroupKFold, StratifiedKFold

from skdeep.cli.errors import UsageError
from skdeep.cli.folds import check_folds, make_folds
from skdeep.cli.table import Table


def table(y, task="classification", groups=None):
    y = np.array(y)
    groups = None if groups is None else np.array(groups)
    return Table(pd.DataFrame({"x": np.arange(len(y))}), y, groups, task, [], "")


GROUPS = np.arange(40) // 4


@pytest.mark.parametrize(
    ("task", "groups", "repeats", "kind"),
    [
        ("classification", None, 1, StratifiedKFold),
        ("classification", GROUPS, 1, StratifiedGroupKFold),
        ("regression", None, 3, RepeatedKFold),
        ("regression", GROUPS, 1, GroupKFold),
    ],
)
def test_the_splitter_follows_task_and_groups(task, groups, repeats, kind):
    assert type(make_folds(table(np.arange(40) % 2, task, groups), 5, repeats, 0)) is kind


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_groups_stay_together_in_every_draw(task):
    data = table(np.arange(40) % 2, task, GROUPS)
    folds = make_folds(data, 5, 3, 2**32 - 1)
    splits = list(folds.split(data.X, data.y, data.groups))
    assert len(splits) == folds.get_n_splits() == 15
    assert not any(set(GROUPS[train]) & set(GROUPS[test]) for train, test in splits)
    assert len({tuple(test) for _, test in splits}) > 5
    assert "3 draws of" in repr(folds)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (table([0.5, 1.5], "regression"), "--cv 5 needs 5 rows at least, and there are 2"),
        (table(["a", "b"]), "--cv 5 needs 5 rows at least, and there are 2"),
        (table(["a", "b"] * 4), "5 rows of a class at least, and the largest class, 'a', has 4"),
        (table(["a"] * 20, groups=["p", "q"] * 10), "needs 5 groups at least, and --groups has 2"),
    ],
)
def test_too_few_rows_are_said_by_the_name_of_the_argument(data, message):
    with pytest.raises(UsageError, match=message):
        check_folds(data, 5)


def test_a_rare_class_is_told():
    said = check_folds(table(["a"] * 20 + ["b", "c"]), 5)
    assert said.startswith("fewer than --cv 5 rows have the class 'b', 'c'")
    assert check_folds(table(["a", "b"] * 10), 5) == ""
