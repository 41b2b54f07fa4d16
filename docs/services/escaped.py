"""tipg's application with every text of its pages escaped, which tipg 1.6 itself leaves out.

Start: ``uvicorn --app-dir docs/services --env-file docs/services/tipg.env escaped:app``.
"""

from tipg.main import app, jinja2_env

__all__ = ["app"]

jinja2_env.autoescape = True  # before the first page: names of files are text, never markup
