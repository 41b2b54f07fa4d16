"""How the pages of docs/ and the docstrings become one site: `make docs`."""

import phusong

project = "phusong"
release = phusong.__version__  # of the source that autodoc reads, whatever is installed
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1080px"}
html_copy_source = False
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links out of docs/; a test follows every link
default_role = "py:obj"  # a name between backticks leads to its page, if it has one

autosummary_generate = False
autodoc_default_options = {"members": True, "exclude-members": "model_config"}
autodoc_typehints = "none"  # Parameters tell
autodoc_member_order = "groupwise"
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False

# A page tells every parameter and what comes back; `make lint` builds the site, and ruff's DOC501
# holds the errors that a function raises itself against its page.
numpydoc_validation_checks = {"PR01", "PR02", "PR03", "RT01", "YD01"}
numpydoc_validation_exclude = {
    # What many classes have in common is told once: by `PhusongError`, and by the two protocols.
    r"Error$",
    r"radio\.(Antenna|PropagationModel)$",
    r"radio\.(?!Antenna\.|PropagationModel\.).*\.attenuation_db$",
    r"radio\.(?!Antenna\.|PropagationModel\.).*\.(check|loss_(along_radials_)?db|terms)$",
}
