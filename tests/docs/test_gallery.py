"""Every example of the gallery has its place in the order of the course."""

import runpy
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
GALLERY = runpy.run_path(str(ROOT / "docs" / "gallery.py"))
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("plot_*.py"))
NAMED = [pattern for _, _, patterns in GALLERY["SECTIONS"] for pattern in patterns]


def test_every_example_belongs_to_a_section():
    assert [n for n in EXAMPLES if not any(fnmatch(n, pattern) for pattern in NAMED)] == []


def test_every_example_that_a_section_names_is_there():
    assert [pattern for pattern in NAMED if "*" not in pattern and pattern not in EXAMPLES] == []


def test_what_tells_more_is_a_page():
    pages = [page for _, page, _ in GALLERY["SECTIONS"]] + [GALLERY["OTHERS"][1]]
    assert all((ROOT / "docs" / f"{page}.rst").exists() for page in pages)


def card(name):
    return f"""\
.. raw:: html

    <div class="sphx-glr-thumbcontainer" tooltip="What it says.">

.. only:: html

  .. image:: /auto_examples/images/thumb/sphx_glr_{name}_thumb.png
    :alt:

  :doc:`/auto_examples/{name}`

.. raw:: html

      <div class="sphx-glr-thumbnail-title">Title</div>
    </div>

"""


def test_cards_are_sorted_into_sections_and_none_is_lost():
    names = ["plot_new", "plot_images_lenet", "plot_knn_new", "plot_knn_neighbors"]
    cards = "\n".join(card(name) for name in names)
    toctree = "".join(f"   /auto_examples/{name}\n" for name in names)
    index = f"""\
Gallery
=======

.. raw:: html

    <div class="sphx-glr-thumbnails">

.. thumbnail-parent-div-open

{cards}
.. thumbnail-parent-div-close

.. raw:: html

    </div>


.. toctree::
   :hidden:

{toctree}

The end.
"""
    told = GALLERY["with_sections"](index)
    order = ["plot_knn_neighbors", "plot_knn_new", "plot_images_lenet", "plot_new"]
    assert [told.index(f"  :doc:`/auto_examples/{name}`") for name in order] == sorted(
        told.index(f"  :doc:`/auto_examples/{name}`") for name in names
    )
    assert [told.index(f"   /auto_examples/{name}\n") for name in order] == sorted(
        told.index(f"   /auto_examples/{name}\n") for name in names
    )
    assert (
        told.count("sphx-glr-thumbcontainer") == told.count(":doc:`/auto_examples/") == len(names)
    )
    assert (
        told.index("Learning from data\n---") < told.index("Images\n---") < told.index("More\n---")
    )
    assert told.count('<div class="sphx-glr-thumbnails">') == told.count(":caption:") == 3
    assert told.endswith("The end.\n")


def test_a_page_without_cards_stays_as_it_is():
    assert GALLERY["with_sections"]("Nothing here.\n") == "Nothing here.\n"
