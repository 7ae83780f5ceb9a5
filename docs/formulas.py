"""Formulas as MathML, which browsers show without a script, and the little that docutils lacks."""

from __future__ import annotations

import re
from typing import Any

from docutils.utils.math.latex2mathml import tex2mathml

# What stands before a function as its factor, and the function: z log p, x tanh(y).
_FUNCTION = re.compile(
    r"(?P<before>(?:</m(?:i|n|sub|sup|subsup|frac)>|\)</mo>)\s*)?"
    r"<m[io](?: mathvariant=\"normal\")?>(?P<name>[a-z]{3,})</m[io]>"
    r"(?:\s*<mo>&ApplyFunction;</mo>)?(?=\s*(?P<bracket><mo[^>]*>\()?)"
)


def mathml(formula: str, **options: Any) -> str:
    """Return a formula of LaTeX as MathML; `options` are those of docutils."""
    formula = " ".join(formula.split())
    formula = re.sub(r"frac(\d)(\d)", r"frac{\1}{\2}", formula)  # \frac12, which docutils misreads
    text = tex2mathml(formula, **options)
    # The bars of a norm are told apart and kept from growing, of which docutils does one for each.
    text = re.sub(r'<mo class="mathopen">([|‖])', r'<mo form="prefix" stretchy="false">\1', text)
    text = re.sub(r"<mo>([|‖])", r'<mo form="postfix" stretchy="false">\1', text)
    # Signs stand close to their number, and a slash or a prime to its letters.
    text = re.sub(r"([,=([]</mo>\s*)<mo>(?=[−±])", r'\1<mo form="prefix">', text)
    text = text.replace('<mo stretchy="false">/', '<mo stretchy="false" lspace="0" rspace="0">/')
    text = text.replace("<mo>'", '<mo lspace="0" rspace="0">′')
    return _FUNCTION.sub(_spaced, text)


def _spaced(found: re.Match[str]) -> str:
    """Return a function's name with TeX's thin spaces: none to a bracket, nor where it begins."""
    before, after = (".17em" if space else "0" for space in (found["before"], not found["bracket"]))
    name = f'<mo form="prefix" lspace="{before}" rspace="{after}">{found["name"]}</mo>'
    return (found["before"] or "") + name
