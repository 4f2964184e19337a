"""Write one page per group of public names; ``sphinx-build`` calls it through ``index.rst`` only after this has run."""

import sys
from pathlib import Path

import ccopt

GROUPS = {
    "queueing": "One pool", "kpis": "Targets and records", "scenario": "Scenario", "demand": "From history", "design": "Design and plan",
    "staffing": "Staffing curves", "optimisation": "Optimise", "evaluation": "Judge", "simulation": "Judge by simulation",
    "routing": "Routing", "studies": "Many runs", "reporting": "Report", "errors": "Errors",
}  # fmt: skip


def group_of(name: str) -> str:
    home = ccopt._HOME[name].split(".")[0]  # noqa: SLF001
    return GROUPS[home]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for title in GROUPS.values():
        names = sorted(n for n in ccopt.__all__ if n != "__version__" and group_of(n) == title)
        if not names:
            continue
        lines = [title, "=" * len(title), ""]
        for name in names:
            kind = "autoexception" if name.endswith("Error") else "autoclass" if isinstance(getattr(ccopt, name), type) else "autofunction"
            lines += [f".. {kind}:: ccopt.{name}", "   :members:" if kind == "autoclass" else "", ""]
        page = title.lower().replace(" ", "-")
        (folder / f"{page}.rst").write_text("\n".join(lines), encoding="utf-8")
        pages.append(page)
    index = ["ccopt: reference", "================", "", ".. toctree::", "   :maxdepth: 2", "", *(f"   {p}" for p in pages), ""]
    (folder / "index.rst").write_text("\n".join(index), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
