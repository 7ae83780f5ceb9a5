"""The gallery in the order of the course: which example belongs to which chapter."""

from __future__ import annotations

import re
from fnmatch import fnmatch

# A title, the page that tells more, and the examples, in their order; a pattern takes what is new.
SECTIONS: list[tuple[str, str, list[str]]] = [
    (
        "Learning from data",
        "course/learning",
        [
            "plot_linear_degree",
            "plot_knn_neighbors",
            "plot_knn_concentration",
            "plot_knn_equal_distances",
            "plot_knn_*",
        ],
    ),
    (
        "Linear classifiers",
        "course/linear",
        [
            "plot_linear_learning_rates",
            "plot_linear_boundaries",
            "plot_linear_templates",
            "plot_linear_*",
        ],
    ),
    (
        "Networks",
        "course/networks",
        ["plot_universal_approximation", "plot_prediction_intervals"],
    ),
    (
        "Training",
        "course/training",
        [
            "plot_initialization",
            "plot_dead_units",
            "plot_batch_norm",
            "plot_optimizer_paths",
            "plot_newton_saddle",
            "plot_learning_rate_range",
            "plot_optimizers_digits",
            "plot_adam_sgd",
            "plot_schedules",
            "plot_whitening*",
        ],
    ),
    (
        "Regularization",
        "course/regularization",
        [
            "plot_regularization",
            "plot_dropout_scaling",
            "plot_augmentation",
            "plot_label_smoothing",
            "plot_ensembles_errors",
            "plot_ensembles_snapshots",
            "plot_ensembles_*",
            "plot_transfer_fine_tuning",
        ],
    ),
    (
        "Images",
        "course/images",
        [
            "plot_images_lenet",
            "plot_images_compare",
            "plot_images_filters",
            "plot_images_pooling",
            "plot_images_depth",
            "plot_images_transfer",
            "plot_images_*",
        ],
    ),
    (
        "Sequences",
        "course/sequences",
        [
            "plot_sequences_memory",
            "plot_sequences_dates",
            "plot_sequences_text",
            "plot_sequences_forecast",
            "plot_sequences_*",
        ],
    ),
    (
        "Without labels, and by doing",
        "course/beyond",
        [
            "plot_whitening_filters",
            "plot_autoencoder_plane",
            "plot_autoencoder_*",
            "plot_vae*",
            "plot_generat*",
            "plot_q_learning",
        ],
    ),
    (
        "Looking into networks",
        "user_guide/diagnosis",
        ["plot_diagnosis", "plot_landscape", "plot_sight_pictures", "plot_sight_sequences"],
    ),
    ("Tables, and which model is better", "user_guide/comparing", ["plot_tables", "plot_compare"]),
]
OTHERS = ("More", "user_guide/index")

_CARD = re.compile(
    r"^\.\. raw:: html\n\n    <div class=\"sphx-glr-thumbcontainer\".*?"
    r"^  :doc:`/auto_examples/(\w+)`.*?^    </div>\n",
    re.M | re.S,
)
_CARDS = re.compile(
    r"^\.\. raw:: html\n\n    <div class=\"sphx-glr-thumbnails\">.*?"
    r"^\.\. thumbnail-parent-div-close\n\n\.\. raw:: html\n\n    </div>\n",
    re.M | re.S,
)
_TOCTREE = re.compile(r"^\.\. toctree::\n   :hidden:\n\n(?:   /auto_examples/\w+\n)+", re.M)


def place(name: str) -> tuple[int, int]:
    """Return the section of an example and its place there, with patterns behind names."""
    found = [
        (pattern != name, section, at)
        for section, (_, _, patterns) in enumerate(SECTIONS)
        for at, pattern in enumerate(patterns)
        if fnmatch(name, pattern)
    ]
    return min(found)[1:] if found else (len(SECTIONS), 0)


def with_sections(index: str) -> str:
    """Return the gallery's first page with its cards, and its table of contents, in sections."""
    cards = {found[1]: found[0] for found in _CARD.finditer(index)}
    titles = [(title, page) for title, page, _ in SECTIONS] + [OTHERS]
    shown, contents = [], []
    for number, (title, page) in enumerate(titles):
        names = sorted((n for n in cards if place(n)[0] == number), key=lambda n: (place(n), n))
        if not names:
            continue
        inside = "\n".join(cards[name] for name in names)
        shown.append(
            f"{title}\n{'-' * len(title)}\n\nTold in :doc:`/{page}`.\n\n"
            '.. raw:: html\n\n    <div class="sphx-glr-thumbnails">\n\n'
            f"{inside}\n.. raw:: html\n\n    </div>\n"
        )
        entries = "".join(f"   /auto_examples/{name}\n" for name in names)
        contents.append(f".. toctree::\n   :hidden:\n   :caption: {title}\n\n{entries}")
    index = _CARDS.sub(lambda _: "\n".join(shown), index, count=1)
    return _TOCTREE.sub(lambda _: "\n".join(contents), index, count=1)
