"""Checked trees and plans on engines that hold their data themselves: DuckDB, PostgreSQL, Spark.

`queries`: a query as a syntax tree with its values apart. `dialects`: what differs between the engines. `lowering`: a
checked tree as an expression of SQL. `engines`: how each is asked. Nothing here is imported unless an engine is used.
"""
