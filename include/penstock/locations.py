"""Where things are: the lake, the ledger, the Spark server and the catalog.

Each place comes from the first of: an Airflow connection in ``AIRFLOW_CONN_PENSTOCK_*``, a variable ``PENSTOCK_*``,
a default below ``PENSTOCK_HOME``. Airflow's hooks look in the same order, so that a task and a command in one
environment mean the same place; both turn a connection into a place by the functions ``*_from``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pydantic import Field, SecretStr

from penstock.errors import RecipeError
from penstock.params import Params
from penstock.stores import S3_KINDS, mapping_of, options_of

if TYPE_CHECKING:
    from penstock.lake import Lake
    from penstock.ledger import Ledger

CATALOG_PREFIX = "spark.sql.catalog.penstock"
_LOCAL_TYPES = {"", "file", "fs", "generic", "penstock_lake"}
_LEDGER_DIALECTS = {"postgres": "postgresql", "postgresql": "postgresql", "sqlite": "sqlite"}


class ConnLike(Protocol):
    """The part of an Airflow connection that names a place."""

    @property
    def conn_type(self) -> str | None:
        """The kind of system."""
        ...

    @property
    def host(self) -> str | None:
        """The machine, or the bucket."""
        ...

    @property
    def schema(self) -> str | None:
        """The database, or the path below the host."""
        ...

    @property
    def login(self) -> str | None:
        """The user, or the key."""
        ...

    @property
    def password(self) -> str | None:
        """The password, or the secret."""
        ...

    @property
    def port(self) -> int | None:
        """The port."""
        ...

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra field, as a mapping."""
        ...


@dataclass(frozen=True)
class Connection:
    """A connection that was written into an environment variable, with the names that Airflow gives its parts."""

    conn_type: str = ""
    host: str = ""
    schema: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    port: int | None = None
    extra_dejson: dict[str, Any] = field(default_factory=dict, repr=False)


class Place(Params):
    """A URI and what its filesystem must know besides (keys, endpoints: never printed)."""

    uri: str
    options: dict[str, Any] = Field(default={}, repr=False)


class Locations(Params):
    """Where everything is, for programs outside of Airflow.

    ``root`` is the project, ``home`` holds what is generated; ``spark_remote`` is ``None`` when the home's own server
    is meant; ``catalog_options`` holds Spark settings ``spark.sql.catalog.penstock*`` and is empty when the home's own
    catalog is meant.
    """

    root: Path
    home: Path
    lake_uri: str
    lake_options: dict[str, Any] = Field(default={}, repr=False)
    ledger_url: str = Field(repr=False)
    spark_remote: str | None = None
    catalog_options: dict[str, str] = Field(default={}, repr=False)

    @property
    def catalog(self) -> dict[str, str]:
        """The catalog's Spark settings; without any of its own, those of the home's Iceberg on SQLite."""
        return dict(self.catalog_options) or default_catalog(self.home)

    @property
    def recipes(self) -> Path:
        """The folder of recipes."""
        return self.root / "include" / "recipes"

    @property
    def expectations(self) -> Path:
        """The folder of expectations."""
        return self.root / "include" / "expectations"

    @property
    def dags(self) -> Path:
        """The folder of flows."""
        return self.root / "dags"

    @property
    def logs(self) -> Path:
        """The folder of logs."""
        return self.home / "logs"

    @property
    def ledger_file(self) -> Path | None:
        """The ledger's file when it is a SQLite one."""
        head = "sqlite:///"
        return Path(self.ledger_url.removeprefix(head)) if self.ledger_url.startswith(head) else None

    @property
    def ledger_name(self) -> str:
        """The ledger's URL without its password, for people."""
        return without_password(self.ledger_url)

    def lake(self) -> Lake:
        """Open the lake."""
        from penstock.lake import Lake

        return Lake(self.lake_uri, **self.lake_options)

    def ledger(self) -> Ledger:
        """Open the ledger, creating it when it is new."""
        from penstock.ledger import Ledger

        return Ledger(self.ledger_url)


def locate(environ: Mapping[str, str] | None = None, *, cwd: Path | None = None) -> Locations:
    """Return where things are for a process with ``environ`` in the folder ``cwd`` (by default: this one).

    Raises:
        RecipeError: naming the variable that cannot be read.
    """
    environ = os.environ if environ is None else environ
    root = find_root(environ, cwd or Path.cwd())
    home = find_home(environ, root)
    lake = _lake_of(environ, home)
    return Locations(
        root=root,
        home=home,
        lake_uri=lake.uri,
        lake_options=lake.options,
        ledger_url=_ledger_of(environ, home),
        spark_remote=_spark_of(environ),
        catalog_options=_catalog_of(environ),
    )


def find_root(environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the project: ``PENSTOCK_ROOT``, or upward from ``cwd``, or the checkout of this package, or ``cwd``."""
    if environ.get("PENSTOCK_ROOT"):
        return Path(environ["PENSTOCK_ROOT"]).absolute()
    cwd = cwd.absolute()
    checkout = Path(__file__).resolve().parents[2]
    return next((folder for folder in (cwd, *cwd.parents, checkout) if _is_project(folder)), cwd)


def find_home(environ: Mapping[str, str], root: Path) -> Path:
    """Return the folder of everything generated: ``PENSTOCK_HOME``, or ``.penstock`` of the project."""
    home = environ.get("PENSTOCK_HOME")
    return Path(home).absolute() if home else root / ".penstock"


def expand_home(path: str) -> str:
    """Return ``path`` with ``$PENSTOCK_HOME`` at its beginning replaced by the home of this process."""
    head, slash, rest = path.partition("/")
    if head not in {"$PENSTOCK_HOME", "${PENSTOCK_HOME}"}:
        return path
    return f"{find_home(os.environ, find_root(os.environ, Path.cwd()))}{slash}{rest}"


def _is_project(folder: Path) -> bool:
    return (folder / "include" / "recipes").is_dir() and (folder / "dags").is_dir()


# -- a connection becomes a place -------------------------------------------------------------------------------------


def lake_from(conn: ConnLike) -> Place:
    """Return the lake of a connection.

    The extra ``uri`` wins; else it is put together from type, host, port and schema (``hdfs://name:8020/lake``,
    ``s3://bucket/prefix``, ``file:///data/lake``). What its filesystem must know besides: `penstock.stores.options_of`.

    Raises:
        RecipeError: when the connection names no place.
    """
    extra = conn.extra_dejson
    options = options_of(conn, "connection penstock_lake")
    kind = conn.conn_type or ""
    if extra.get("uri"):
        return Place(uri=str(extra["uri"]), options=options)
    path = (conn.schema or "").lstrip("/")
    if kind in _LOCAL_TYPES and (conn.host or path):
        return Place(
            uri=f"file:///{'/'.join(p for p in ((conn.host or '').strip('/'), path) if p)}", options=options
        )
    if not conn.host:
        message = "connection penstock_lake: expected a host or an extra uri, got neither; write e.g. file:///data/lake"
        raise RecipeError(message)
    scheme = "s3" if kind in S3_KINDS else kind
    return Place(uri=f"{scheme}://{conn.host}{_port(conn)}/{path}".rstrip("/"), options=options)


def ledger_from(conn: ConnLike) -> str:
    """Return the SQLAlchemy URL of a connection: its extra ``url``, or PostgreSQL or SQLite from its fields.

    Raises:
        RecipeError: when it is neither.
    """
    if conn.extra_dejson.get("url"):
        return str(conn.extra_dejson["url"])
    dialect = _LEDGER_DIALECTS.get(conn.conn_type or "")
    if dialect is None:
        message = (
            f"connection penstock_ledger: expected type postgres or sqlite, or an extra url, got {conn.conn_type!r}; "
            "write e.g. postgres://user:password@host:5432/penstock"
        )
        raise RecipeError(message)
    path = conn.schema or ""
    if dialect == "sqlite":
        return f"sqlite:////{'/'.join(p for p in ((conn.host or '').strip('/'), path.strip('/')) if p)}"
    password = f":{quote(conn.password, safe='')}" if conn.password else ""
    user = f"{quote(conn.login, safe='')}{password}@" if conn.login else ""
    return f"{dialect}://{user}{conn.host}{_port(conn)}/{path}"


def spark_from(conn: ConnLike) -> str | None:
    """Return the Spark Connect URL of a connection, or ``None`` when it names no host (then: the home's own server).

    Extras ``use_ssl``, ``token`` and ``user_id`` become parameters of the URL.
    """
    extra = conn.extra_dejson
    if extra.get("remote"):
        return str(extra["remote"])
    if not conn.host:
        return None
    host = str(conn.host).removeprefix("sc://")
    known = {
        name: extra[name] for name in ("use_ssl", "token", "user_id") if extra.get(name) not in (None, "")
    }
    tail = "".join(
        f";{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in known.items()
    )
    return f"sc://{host}{_port(conn) or ':15002'}{f'/{tail}' if tail else ''}"


def catalog_from(conn: ConnLike) -> dict[str, str]:
    """Return the Spark settings of a connection: its extras, with or without ``spark.sql.catalog.penstock.`` before."""
    settings: dict[str, str] = {}
    for name, value in conn.extra_dejson.items():
        key = name if name.startswith("spark.") else f"{CATALOG_PREFIX}.{name}"
        settings[key] = str(value)
    if settings:
        settings.setdefault(CATALOG_PREFIX, "org.apache.iceberg.spark.SparkCatalog")
    return settings


def parse_connection(text: str, *, where: str) -> Connection:
    """Read a connection as Airflow does: JSON, or ``type://login:password@host:port/schema?extra=value``.

    Raises:
        RecipeError: naming ``where``; the text itself is not repeated, it may hold a password.
    """
    try:
        return _from_json(text) if text.lstrip().startswith("{") else _from_uri(text)
    except (ValueError, TypeError) as error:
        message = (
            f"{where}: expected a connection as JSON or as type://login:password@host:port/schema?extra=value, "
            f"got text that does not parse ({type(error).__name__}); see docs/cli.md"
        )
        raise RecipeError(message) from None


def _from_json(text: str) -> Connection:
    document = {name: value for name, value in json.loads(text).items() if value is not None}
    document.pop("description", None)
    extra = document.pop("extra", {})
    if isinstance(extra, str):
        extra = json.loads(extra or "{}")
    port = document.pop("port", None)
    return Connection(**document, port=None if port is None else int(port), extra_dejson=dict(extra))


def _from_uri(text: str) -> Connection:
    parts = urlsplit(text)
    extra = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "__extra__" in extra:
        extra = json.loads(extra["__extra__"])
    return Connection(
        conn_type=parts.scheme.replace("-", "_"),
        host=unquote(parts.hostname or ""),
        schema=unquote(parts.path.removeprefix("/")),
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        port=parts.port,
        extra_dejson=_decoded(extra),
    )


def without_password(url: str) -> str:
    """Return ``url`` with ``***`` for its password."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return url.replace(f":{parts.password}@", ":***@", 1)


def _decoded(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a query's JSON objects (``options={...}``) into mappings."""
    return {k: json.loads(v) if isinstance(v, str) and v.startswith("{") else v for k, v in extra.items()}


def _port(conn: ConnLike) -> str:
    return f":{conn.port}" if conn.port else ""


# -- the environment, then the default --------------------------------------------------------------------------------


def connection_of(environ: Mapping[str, str], conn_id: str) -> Connection | None:
    """Return the connection in ``AIRFLOW_CONN_<CONN_ID>``, or None.

    Raises:
        RecipeError: when it cannot be read.
    """
    variable = f"AIRFLOW_CONN_{conn_id.upper()}"
    text = environ.get(variable)
    return parse_connection(text, where=variable) if text else None


def secret_of(environ: Mapping[str, str], name: str) -> SecretStr | None:
    """Return the password of the connection ``name`` in ``AIRFLOW_CONN_<NAME>``, or the variable ``<NAME>``, or None.

    Raises:
        RecipeError: when the connection cannot be read.
    """
    conn = connection_of(environ, name)
    found = conn.password if conn else environ.get(name.upper())
    return SecretStr(found) if found else None


def _lake_of(environ: Mapping[str, str], home: Path) -> Place:
    conn = connection_of(environ, "penstock_lake")
    if conn is not None:
        return lake_from(conn)
    if environ.get("PENSTOCK_LAKE"):
        options = mapping_of(environ.get("PENSTOCK_LAKE_OPTIONS"), "PENSTOCK_LAKE_OPTIONS")
        return Place(uri=environ["PENSTOCK_LAKE"], options=options)
    return default_lake(home)


def _ledger_of(environ: Mapping[str, str], home: Path) -> str:
    conn = connection_of(environ, "penstock_ledger")
    return ledger_from(conn) if conn else environ.get("PENSTOCK_LEDGER") or default_ledger(home)


def _spark_of(environ: Mapping[str, str]) -> str | None:
    conn = connection_of(environ, "penstock_spark")
    return spark_from(conn) if conn else environ.get("PENSTOCK_SPARK") or None


def _catalog_of(environ: Mapping[str, str]) -> dict[str, str]:
    conn = connection_of(environ, "penstock_catalog")
    if conn is None and environ.get("PENSTOCK_CATALOG"):
        conn = Connection(extra_dejson=mapping_of(environ["PENSTOCK_CATALOG"], "PENSTOCK_CATALOG"))
    return catalog_from(conn) if conn else {}


def default_lake(home: Path) -> Place:
    """Return the lake of a home: a local folder."""
    return Place(uri=f"file://{home}/lake")


def default_ledger(home: Path) -> str:
    """Return the URL of a home's ledger: a SQLite file."""
    return f"sqlite:///{home}/ledger.db"


def default_catalog(home: Path) -> dict[str, str]:
    """Return the Spark settings of a home's catalog: Iceberg on SQLite."""
    from penstock.store.catalog import local_catalog

    return dict(local_catalog(home))
