"""What pages carry, as JSON: large values are written once for all pages, the rest for each.

As text a list of numbers takes a tenth of the memory. Knows no map.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_UNSAFE = re.compile(r"[<>&\u2028\u2029\ud800-\udfff]|\{(?=[{%#])")


@dataclass(frozen=True, eq=False)
class Told:
    """A value as JSON that neither ends a script element nor is markup or a template.

    Parameters
    ----------
    code : str
        From `told`.
    """

    code: str


def told(value: object) -> Told:
    r"""Return a value as JSON.

    Parameters
    ----------
    value : object
        Ready for JSON, without NaN.

    Returns
    -------
    Told

    Examples
    --------
    >>> told(["Xín Mần", "</script>"]).code
    '["Xín Mần","\\u003c/script\\u003e"]'
    """
    return Told(_json(value, plain=False))


def pieces(content: object, *, plain: bool) -> Iterator[str]:
    """Yield the JSON of a value; in its mappings there may be what is told already.

    Parameters
    ----------
    content : object
        Ready for JSON but for `Told` as values of mappings at any depth.
    plain : bool
        Whether letters beyond ASCII are escaped.

    Yields
    ------
    str

    Examples
    --------
    >>> "".join(pieces({"a": told([1, 2]), "b": {"c": None}}, plain=True))
    '{"a":[1,2],"b":{"c":null}}'
    """
    if isinstance(content, Told):
        code = content.code
        yield _json(json.loads(code), plain=True) if plain and not code.isascii() else code
    elif not isinstance(content, Mapping):
        yield _json(content, plain=plain)
    else:
        for before, (name, value) in zip("{" + "," * len(content), content.items(), strict=False):
            yield f"{before}{_json(name, plain=plain)}:"
            yield from pieces(value, plain=plain)
        yield "}" if content else "{}"


def _json(content: Any, *, plain: bool) -> str:
    code = json.dumps(content, ensure_ascii=plain, separators=(",", ":"), allow_nan=False)
    if '"' not in code:  # of numbers alone
        return code
    return _UNSAFE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", code)
