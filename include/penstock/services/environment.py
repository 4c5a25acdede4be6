"""Where things are on this machine, and the environment every process of Penstock starts with.

``bin/env.sh`` gives a shell the same variables; a test compares the two.
"""

from __future__ import annotations

import base64
import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from penstock.errors import PenstockError

JWT_SECRET_BYTES = 64
"""HS512 wants a key at least as long as its digest; Airflow warns below that."""


@dataclass(frozen=True)
class Places:
    """The project's root and the folder for everything that is generated (``PENSTOCK_HOME``)."""

    root: Path
    home: Path

    @property
    def run(self) -> Path:
        """Process ids, sockets, locks: worthless after a reboot."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """Logs of the services and of the tasks."""
        return self.home / "logs"

    @property
    def jars(self) -> Path:
        """The jars that Spark does not ship."""
        return self.home / "jars"

    @property
    def class_archive(self) -> Path:
        """The Java classes that Spark loads, as Java maps them (`penstock.services.class_archive`)."""
        return self.home / "cache" / "spark-classes.jsa"

    @property
    def secrets(self) -> Path:
        """A file of ``export NAME='value'`` lines, readable by its owner only."""
        return self.home / "secrets.env"


def find_places(environ: Mapping[str, str] = os.environ) -> Places:
    """Find the root from this file's place, and the home from ``PENSTOCK_HOME`` or below the root."""
    root = Path(__file__).resolve().parents[3]
    home = environ.get("PENSTOCK_HOME")
    return Places(root, Path(home).absolute() if home else root / ".penstock")


def create_secrets(places: Places) -> bool:
    """Write the secrets once; return whether they were written now.

    The file appears complete or not at all: two processes at once agree on one set.
    """
    if places.secrets.exists():
        places.secrets.chmod(0o600)
        return False
    places.home.mkdir(parents=True, exist_ok=True)
    values = {
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(JWT_SECRET_BYTES),
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    draft = places.secrets.with_name(f".secrets-{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    try:
        os.link(draft, places.secrets)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def read_secrets(places: Places) -> dict[str, str]:
    """Read what ``create_secrets`` wrote.

    Raises:
        PenstockError: There is no such file, or a line of it is not an export.
    """
    if not places.secrets.exists():
        message = f"expected secrets in {places.secrets}, found no such file; run `make setup`"
        raise PenstockError(message)
    return dict(
        _read_export(line, places.secrets) for line in places.secrets.read_text().splitlines() if line
    )


def _read_export(line: str, path: Path) -> tuple[str, str]:
    words = shlex.split(line)
    if len(words) != 2 or words[0] != "export" or "=" not in words[1]:
        message = (
            f"expected lines like export NAME='value' in {path}, got another; delete it and run `make setup`"
        )
        raise PenstockError(message)
    name, _, value = words[1].partition("=")
    return name, value


def build_environment(places: Places, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return ``environ`` with what Airflow, Spark and the command line need on top.

    Settings of Airflow that are already in ``environ`` (another database, say) are kept.
    """
    bin_folder = Path(sys.executable).parent
    built = dict(environ)
    if not places.home.is_relative_to(places.root / ".penstock"):
        built = _point_airflow_at(places.home) | built
    return built | {
        "AIRFLOW_HOME": str(places.root),
        "PENSTOCK_ROOT": str(places.root),
        "PENSTOCK_HOME": str(places.home),
        "PATH": _prepend([bin_folder], environ.get("PATH", os.defpath)),
        "PYTHONPATH": _prepend(
            [places.root / "include", places.root / "plugins"], environ.get("PYTHONPATH", "")
        ),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        # Clients of our own services (gRPC too) would ask a proxy for them.
        "no_proxy": _exempt_loopback(environ.get("no_proxy", environ.get("NO_PROXY", ""))),
        "NO_PROXY": _exempt_loopback(environ.get("NO_PROXY", environ.get("no_proxy", ""))),
        **(read_secrets(places) if places.secrets.exists() else {}),
    }


def _point_airflow_at(home: Path) -> dict[str, str]:
    """Name the places of ``airflow.cfg`` again, for a home that is not below the root."""
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db?timeout=60",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": f"{home}/logs/airflow",
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": f"{home}/logs/dag_processor",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": f"{home}/passwords.json",
    }


def _prepend(folders: list[Path], path: str) -> str:
    """Put the folders first, once."""
    first = [str(folder) for folder in folders]
    return os.pathsep.join([*first, *(part for part in path.split(os.pathsep) if part and part not in first)])


def _exempt_loopback(no_proxy: str) -> str:
    hosts = [host for host in no_proxy.split(",") if host]
    return ",".join([*hosts, *(host for host in ("127.0.0.1", "localhost") if host not in hosts)])
