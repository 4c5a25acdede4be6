"""Install the tools that Penstock is compared with, each in an environment of its own, in pinned versions.

    python bench/peers.py install datatrove dolma      (or: install all)
    python bench/peers.py list

They go below ``PENSTOCK_PEERS`` (default: ``.penstock/peers``), never into Penstock's own environment, because their
requirements contradict each other. ``bench/peers/<tool>/requirements.txt`` holds every version and its digests,
transitive ones too; ``run.py`` beside it runs the tool. ``freeze`` writes the requirements again from what is
installed (needs ``uv`` on the path).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
TOOLS = sorted(path.parent.name for path in PEERS.glob("*/requirements.txt"))
HOME = Path(os.environ.get("PENSTOCK_PEERS") or Path(__file__).parents[1] / ".penstock" / "peers")


def python_of(tool: str) -> Path:
    """Return the interpreter of an installed tool.

    Raises:
        FileNotFoundError: when it is not installed, with the command that does it.
    """
    python = HOME / tool / "bin" / "python"
    if not python.exists():
        message = f"expected {tool} in {HOME}, it is not there; run: python bench/peers.py install {tool}"
        raise FileNotFoundError(message)
    return python


def is_installed(tool: str) -> bool:
    """Return whether the tool can be run."""
    return (HOME / tool / "bin" / "python").exists()


def install(tool: str) -> None:
    """Make the tool's environment from its requirements: exactly these versions, nothing else."""
    folder = HOME / tool
    if not is_installed(tool):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    build = PEERS / tool / "build-constraints.txt"
    environment = {**os.environ, **({"PIP_CONSTRAINT": str(build)} if build.exists() else {})}
    requirements = PEERS / tool / "requirements.txt"
    subprocess.run([*pip, "--requirement", str(requirements)], check=True, env=environment)


def freeze(tool: str) -> None:
    """Write what is installed as the tool's requirements, with digests."""
    command = [str(python_of(tool)), "-m", "pip", "freeze", "--exclude", "pip", "--exclude", "setuptools"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lock = [
        "uv",
        "pip",
        "compile",
        "-",
        "--no-deps",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--quiet",
    ]
    done = subprocess.run(
        [*lock, "--python", str(python_of(tool))], check=True, input=listed, capture_output=True, text=True
    )
    (PEERS / tool / "requirements.txt").write_text(done.stdout, encoding="utf-8")


def main() -> None:
    """Install, list or freeze."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("action", choices=["install", "list", "freeze"])
    parser.add_argument("tools", nargs="*")
    given = parser.parse_args()
    if given.action == "list":
        for tool in TOOLS:
            print(f"{tool:20s}{'installed' if is_installed(tool) else '-'}")
        return
    for tool in TOOLS if given.tools == ["all"] else given.tools:
        {"install": install, "freeze": freeze}[given.action](tool)
        print(f"{tool}: done")


if __name__ == "__main__":
    main()
