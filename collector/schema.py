"""What all tables share: how constraints are named, and the types of columns that both databases have."""

from typing import Any, cast

from sqlalchemy import BigInteger, Dialect, Integer, Table
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = SQLModel.metadata


class Big(TypeDecorator[int]):
    """64 bits on both databases: SQLite's INTEGER has them, and only INTEGER numbers its rows by itself."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose INTEGER on SQLite, BIGINT elsewhere."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


def table(model: type[SQLModel]) -> Table:
    """Return the Core table of a model: statements are written on tables, which is quick and typed."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
