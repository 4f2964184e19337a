"""Execute percent scripts and write the notebooks beside them: ``python notebooks/build.py notebooks/02_one_pool.py``."""

import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

CELL_SECONDS = 300
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
DROPPED = ("execution", "widgets")


def executed(source):
    """The notebook of a script or of an .ipynb after a fresh run, without times of execution."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(source.parent)}}).execute()
    for cell in notebook.cells:
        for name in DROPPED:
            cell.metadata.pop(name, None)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat_minor = 5
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name).resolve()
        nbformat.write(executed(path), path.with_suffix(".ipynb"))
        sys.stdout.write(f"{path.with_suffix('.ipynb').name}\n")
