"""Before a run: kernels that are out of date go, and with workers the rest is compiled once. Files stay whole, long ones first."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "ccopt"
LARGE = ("kernel.run_rich", "mix_search.region_loads", "annealing_kernel.anneal", "call_kernel.run_calls")
LONG = (  # by time on two quiet cores; all others follow in their order
    "tests/notebooks", "tests/unit/studies/test_sweeps_cluster.py", "tests/unit/optimisation/test_infeasible.py", "tests/unit/instances",
    "tests/hazards", "tests/unit/studies", "tests/browser", "tests/unit/reporting", "tests/property", "tests/unit/optimisation",
    "tests/agreement", "tests/unit/cli", "tests/house",
)  # fmt: skip
ALONE = ("tests/notebooks", "tests/house/test_house.py")  # tests that share nothing: handed out one by one


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        return  # the controller has done it
    newest = max(p.stat().st_mtime for p in PACKAGE.rglob("*.py"))
    stored = list(PACKAGE.rglob("__pycache__/*.nb[ic]"))
    if any(p.stat().st_mtime < newest for p in stored):  # compiled kernels call kernels of other files; a cache knows only its own file
        for path in stored:
            path.unlink(missing_ok=True)
    if getattr(config.option, "numprocesses", None) and not all(any(PACKAGE.rglob(f"__pycache__/{k}-*.nbi")) for k in LARGE):
        compile_kernels()


def compile_kernels():
    """Half of the kernels in each of two processes, before workers start and all compile the same."""
    code = "import sys, ccopt; ccopt.compile_kernels(sys.argv[1])"
    halves = [subprocess.Popen([sys.executable, "-c", code, part], cwd=HERE.parent) for part in ("plans", "judges")]
    ends = [half.wait() for half in halves]
    if any(ends):
        pytest.exit("the kernels did not compile", returncode=1)


def place(item):
    """Place of the file of a test among the long ones."""
    return next((k for k, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))


def pytest_collection_modifyitems(items):
    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One file to one worker, so that its fixtures are made once and tables of queues are computed once."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class WholeFiles(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return nodeid if nodeid.startswith(ALONE) else super()._split_scope(nodeid)

    config.option.loadscopereorder = False  # the order of the items counts
    return WholeFiles(config, log)
