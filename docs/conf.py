"""Settings of the API reference: every public name, from its docstring."""

import ccopt

project = "ccopt"
author = "ccopt developers"
version = release = ccopt.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "sphinx.ext.viewcode"]
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("ArrayLike", "Value", "Floats", "Ints", "Basis", "Target", "Model", "Limit")}
python_use_unqualified_type_names = True
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True
html_theme = "furo"
html_title = "ccopt: design of contact centers"
exclude_patterns = ["_build"]
suppress_warnings = ["ref.python"]
