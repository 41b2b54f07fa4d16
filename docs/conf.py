"""How the pages in docs/ and the reference of the code become one site; see `make docs`."""

import importlib.metadata

project = "phusong"
release = importlib.metadata.version("phusong")
language = "en"
html_theme = "alabaster"
extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser"]
myst_heading_anchors = 3
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_validation_checks = {"PR01", "PR02", "PR03", "RT01"}
exclude_patterns = ["schemas"]
