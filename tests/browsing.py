"""Waiting for a state of a page, whatever its content security policy."""

import time

STILL = (
    "!phusong.map._animatingZoom && !(phusong.map._panAnim && phusong.map._panAnim._inProgress)"
    " && document.getAnimations().length === 0"
)
"""The map neither moves nor zooms, and nothing fades in or out."""


def until(page, expression, longest_s=30):
    """Wait until an expression is true in a page or a frame.

    Playwright's own ``wait_for_function`` evaluates a text within the page once more if it is not
    true at once; the policy of our pages refuses that.
    """
    last = time.monotonic() + longest_s
    while not page.evaluate(expression):
        assert time.monotonic() < last, f"never true: {expression}"
        page.wait_for_timeout(20)


def until_ready(page):
    """Wait until a map page has drawn all that it opens with."""
    until(page, "typeof phusong === 'object' && phusong.ready")


def serious(page, axe):
    """Return what axe-core finds serious or critical, as rule and element."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        (fault["id"], node["target"], node["failureSummary"])
        for fault in found["violations"]
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]
