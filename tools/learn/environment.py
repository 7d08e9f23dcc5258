"""Makes sure that numpy and scipy are there before anything imports them.

The tools run under whatever Python started them. When numpy or scipy is missing, a virtual
environment is made once at the top of the project (`.venv-learn`, ignored by git) and the tool
starts again inside it. Uses the standard library only.
"""
from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT = PROJECT / ".venv-learn"
REQUIREMENTS = ("numpy>=1.22,<3", "scipy>=1.8,<2")
MODULES = ("numpy", "scipy")


def ensure() -> None:
    """Returns when numpy and scipy can be imported; otherwise restarts in `.venv-learn`."""
    if all(importlib.util.find_spec(name) for name in MODULES):
        return
    python = ENVIRONMENT / "bin" / "python"
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        install(python)
        return
    if not python.exists():
        print(f"numpy or scipy is missing: making {ENVIRONMENT.name} once", file=sys.stderr)
        venv.create(ENVIRONMENT, with_pip=True)
        install(python)
    os.execv(str(python), [str(python), *sys.argv])


def install(python: Path) -> None:
    """Installs what the tools need with the environment's own pip."""
    command = [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit("could not install numpy and scipy; install them and start again")
