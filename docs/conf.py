"""How the documentation is built. Nothing is downloaded."""

import inspect
import os
import pkgutil
import re
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from shutil import rmtree

os.environ.setdefault("MPLBACKEND", "Agg")

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.inspect import stringify_signature

import skdeep
import skdeep.nn

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from formulas import mathml
from gallery import with_sections

logger = logging.getLogger(__name__)

project = "skdeep"
author = "The skdeep developers"
copyright = "the skdeep developers"
version = release = skdeep.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "myst_nb",
]
nb_execution_mode = "off"  # the notebooks are stored as they were executed
nb_ipywidgets_js = {}  # no page loads anything from elsewhere
myst_enable_extensions = ["dollarmath"]  # the formulas of the notebooks
exclude_patterns = [
    "_build",
    "_templates",
    "**/GALLERY_HEADER.rst",
    "auto_examples/*.ipynb",  # what the gallery offers to download
]
templates_path = ["_templates"]
autodoc_typehints = "none"  # the docstrings have them, in words
html_math_renderer = "mathml"
numpydoc_show_class_members = False
autodoc_preserve_defaults = True  # np.float64, as in the source
add_module_names = False
toc_object_entries_show_parents = "hide"  # fit() in the margin, not MLPClassifier.fit()
highlight_language = "python"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"(demo|__init__)\.py$",
    "backreferences_dir": "gen_modules/backreferences",
    "doc_module": ("skdeep",),
    "reference_url": {"skdeep": None},
    "show_memory": False,
    "parallel": 2,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "abort_on_example_error": False,
    "image_srcset": ["2x"],
}

html_theme = "pydata_sphinx_theme"
html_title = f"skdeep {version}"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["site.css"]
html_show_sourcelink = False
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system says
_WIDE = ("index", "quickstart", "architecture", "benchmarks", "results", "changelog")
html_sidebars = {page: [] for page in _WIDE}
html_theme_options = {
    "logo": {"text": "skdeep"},
    "navbar_align": "left",
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# The reference lists every public name, grouped by the folder or file that it comes from.
GROUPS = {
    "skdeep": {
        "neighbors": "Nearest neighbours",
        "linear_model": "Linear models",
        "neural_network": "Networks",
        "preprocessing": "Preprocessing",
        "model_selection": "Model selection",
        "inspection": "Inspection",
        "utils.threads": "Threads",
    },
    "skdeep.nn": {
        "network": "Networks",
        "layers.base": "What a layer is",
        "layers.dense": "Layers",
        "layers.scale": "Layers",
        "layers.flatten": "Layers",
        "layers.embedding": "Layers",
        "layers.composite": "Composition",
        "layers.frozen": "Composition",
        "layers.blocks": "Blocks",
        "layers.activations": "Activations",
        "layers.normalization": "Normalization",
        "layers.dropout": "Dropout",
        "layers.convolution": "Convolutions",
        "layers.convolution_1d": "Convolutions",
        "layers.convolution_transpose": "Convolutions",
        "layers.pooling": "Pooling",
        "layers.recurrent": "Recurrence",
        "layers.attention": "Attention",
        "layers.tables": "Tables",
        "layers.codes": "Autoencoders",
        "losses": "Losses",
        "penalties": "Penalties",
        "optimizers": "Optimizers",
        "schedules": "Learning-rate schedules",
        "training": "Training",
        "run": "Training",
        "batches": "Training",
        "chunked_batches": "Training",
        "side_by_side": "Training",
        "objective": "Training on all data at once",
        "second_order": "Training on all data at once",
        "shapes": "Counting",
    },
}
INTERNAL = {"skdeep.cli", "skdeep.utils"}


def public_modules():
    """Return skdeep, and each of its packages that has public names which skdeep has not."""
    modules = ["skdeep"]
    for package in pkgutil.iter_modules(skdeep.__path__, "skdeep."):
        if package.ispkg and package.name not in INTERNAL:
            names = getattr(import_module(package.name), "__all__", ())
            if set(names) - set(skdeep.__all__):
                modules.append(package.name)
    return modules


def heading(text, line):
    """Return a heading, underlined with `line`."""
    return f"{text}\n{line * len(text)}\n"


def bring_notebooks(app, config):
    """Copy the notebooks to where Sphinx reads them; their outputs are stored in them."""
    folder, examples = Path(app.srcdir) / "notebooks", Path(app.srcdir) / "../examples/notebooks"
    found = [*examples.glob("*.ipynb"), *examples.glob("exercises/*.ipynb")]
    stored = {path.relative_to(examples): path for path in found}
    for path in folder.rglob("*.ipynb"):
        if path.relative_to(folder) not in stored:
            path.unlink()
    for name, path in stored.items():
        copy = folder / name
        copy.parent.mkdir(exist_ok=True)
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            copy.write_bytes(path.read_bytes())


def reference_page(module_name):
    """Return the page that lists what a module makes public."""
    module, titles = import_module(module_name), GROUPS.get(module_name, {})
    groups, values = defaultdict(list), []
    for name in module.__all__:
        member = getattr(module, name)
        if module is not skdeep and inspect.isclass(member) and name in skdeep.__all__:
            continue  # it stands on skdeep's own page
        if not (inspect.isclass(member) or inspect.isroutine(member)):
            values.append(name)
            continue
        inner = member.__module__.removeprefix(module_name).lstrip(".")
        known = [key for key in titles if inner == key or inner.startswith(key + ".")]
        if titles and not known:
            logger.warning("%s.%s has no title in GROUPS", module_name, inner)
        groups[titles[known[0]] if known else ""].append(name)
    parts = [heading(module_name, "="), f".. currentmodule:: {module_name}\n"]
    parts.append(inspect.getdoc(module) + "\n")
    for title in dict.fromkeys([*titles.values(), ""]):
        if title in groups:
            if len(groups) > 1:
                parts.append(heading(title, "-"))
            names = "\n".join(f"   {name}" for name in sorted(groups[title]))
            parts.append(
                f".. autosummary::\n   :toctree: generated/\n   :nosignatures:\n\n{names}\n"
            )
    values = [name for name in values if not name.startswith("__")]
    if values:
        parts.append(heading("Values", "-"))
        for name in sorted(values):
            value = getattr(module, name)
            what = (
                "names: " + ", ".join(f"'{key}'" for key in value)
                if isinstance(value, dict)
                else repr(value)
            )
            parts.append(f"``{name}``\n    {what}\n")
    return "\n".join(parts)


def write_reference(app, config):
    """Write the pages of the reference before autosummary reads them."""
    folder = Path(app.srcdir) / "reference"
    (folder / "generated").mkdir(exist_ok=True)
    public = set()
    # By name, or a page that is new since the last build would be left out of this one.
    config.autosummary_generate = [f"reference/{name}.rst" for name in public_modules()]
    for module_name in public_modules():
        path = folder / f"{module_name}.rst"
        text = reference_page(module_name)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        public |= {f"{module_name}.{name}" for name in import_module(module_name).__all__}
    for page in (folder / "generated").glob("*.rst"):
        if page.stem not in public:
            page.unlink()


def check_reference(app, exception):
    """Warn, and so fail, if the reference has no entry for a public class or function."""
    known = app.env.get_domain("py").objects
    for module_name in public_modules():
        for name in import_module(module_name).__all__:
            member = getattr(import_module(module_name), name)
            documented = inspect.isclass(member) or inspect.isroutine(member)
            if documented and known.keys().isdisjoint({f"{module_name}.{name}", f"skdeep.{name}"}):
                logger.warning("%s.%s is public and not in the reference", module_name, name)


def remove_stale_examples(app, config):
    """Remove what the gallery wrote for examples that are gone, before it writes anew."""
    gallery, examples = Path(app.srcdir) / "auto_examples", Path(app.srcdir).parent / "examples"
    for page in gallery.glob("*.rst"):
        if page.stem != "index" and not (examples / f"{page.stem}.py").exists():
            for path in gallery.rglob(f"*{page.stem}[._]*"):
                path.unlink()
    rmtree(Path(app.srcdir) / "gen_modules", ignore_errors=True)


def group_gallery(app, docname, source):
    """Show the examples of each chapter of the course under its name."""
    if docname == "auto_examples/index":
        source[0] = with_sections(source[0])


def skip_what_is_theirs(app, what, name, obj, skip, options):
    """Leave out what scikit-learn gives every estimator, as get_params, and what says nothing."""
    module = getattr(obj, "__module__", None) or ""
    theirs = module.startswith("sklearn.") or re.fullmatch("set_.*_request", name) is not None
    empty = inspect.ismodule(obj) or str(obj.__doc__).startswith("Alias for field number")
    return skip or theirs or empty


def constructor(app, what, name, obj, options, signature, returns):
    """Show the parameters of a class whose __new__ takes anything, as augmentations have one."""
    if what != "class" or not (signature or "").startswith("(*args"):
        return None
    if obj.__init__ is object.__init__:
        return "", None
    return stringify_signature(inspect.signature(obj), show_annotation=False), None


TYPED_SECTIONS = {"Parameters", "Other Parameters", "Attributes", "Returns", "Yields"}


def escape_types(app, what, name, obj, options, lines):
    """Escape what numpydoc hands on as it is: ``shape (n_features_in_,)``, ``(n, *shape)``."""
    text = "\n".join(lines)
    section, done = "", []
    lines[:] = re.sub(r"\\\n\s*", "", text).splitlines()  # a line that goes on in the next
    for i, line in enumerate(lines):
        if i + 1 < len(lines) and lines[i + 1] and set(lines[i + 1]) == {"-"}:
            section = line.strip()
        if section in TYPED_SECTIONS and line and not line[0].isspace():
            before, colon, kind = line.rpartition(" : ")
            if colon or section in {"Returns", "Yields"}:
                line = before + colon + re.sub(r"(\*|_(?!\w))", r"\\\1", kind)
        # G. Hinton is not point G of a list.
        line = re.sub(r"^(\s*(?:\.\. \[\w+\] )?)(?=[A-Z]\. )", r"\1\\", line)
        done.append(re.sub(r", \*(?=\w+_shape)", r", \\*", line))
    lines[:] = done


def inline_math(translator, node):
    """Write a formula within a line."""
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block_math(translator, node):
    """Write a formula of its own lines."""
    translator.body.append(f'<div class="math-block">{mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def frame_figures(app, pagename, templatename, context, doctree):
    """Put each figure of the gallery into a frame, which a phone can scroll sideways if it is wide.

    A figure is wide from 7.6 inches on: 100 dots an inch in the gallery, 72 in notebooks.
    """
    folder, dots = pagename.split("/")[0], {"auto_examples": 100, "notebooks": 72}
    if "body" not in context or folder not in dots:
        return
    sources = {name: Path(app.srcdir) / path for path, name in app.builder.images.items()}

    def framed(found):
        tag, name = found[0], Path(found["src"]).name
        source = sources.get(name, Path(app.srcdir) / "auto_examples" / "images" / name)
        if png_width(source) > 7.6 * dots[folder]:
            tag = tag.replace('class = "', 'class = "wide ').replace(
                "<img alt", '<img class="wide" alt'
            )
        return f'<div class="figure-frame">{tag}</div>' if "sphx-glr-single-img" in tag else tag

    context["body"] = re.sub(r'<img [^>]*src="(?P<src>[^"]+\.png)"[^>]*>', framed, context["body"])


def png_width(path):
    """Return how many pixels wide a PNG is, 0 where there is none."""
    head = path.read_bytes()[:20] if path.exists() else b""
    return int.from_bytes(head[16:20], "big") if head.startswith(b"\x89PNG") else 0


def mark_numbers(app, doctree, docname):
    """Have tables of short cells scrolled on a phone: below each other, numbers say nothing."""
    for table in doctree.findall(nodes.table):
        rows = [[cell.astext() for cell in row] for row in table.findall(nodes.row)]
        if len(rows[0]) > 2 and max(len(text) for row in rows[1:] for text in row[1:]) <= 24:
            table["classes"].append("numbers")


def keep_one_signature(app, doctree):
    """Leave a function that dispatches on a type its own signature, of all that autodoc lists."""
    for entry in list(doctree.findall(addnodes.desc)):
        for signature in [part for part in entry if isinstance(part, addnodes.desc_signature)][1:]:
            entry.remove(signature)


def setup(app):
    """Connect the above."""
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))
    app.connect("autodoc-process-docstring", escape_types, priority=100)
    app.connect("config-inited", bring_notebooks)
    app.connect("config-inited", write_reference)
    app.connect("config-inited", remove_stale_examples)
    app.connect("build-finished", check_reference)
    app.connect("source-read", group_gallery)
    app.connect("autodoc-skip-member", skip_what_is_theirs)
    app.connect("autodoc-process-signature", constructor)
    app.connect("html-page-context", frame_figures)
    app.connect("doctree-read", keep_one_signature)
    app.connect("doctree-resolved", mark_numbers)
