"""A list of parts by name, each imported only when it is asked for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar, cast

Part = TypeVar("Part")


class Registry(Mapping[str, Part], Generic[Part]):
    """Names to parts. An entry is "package.module:Attribute"; looking it up imports the module."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.entries = dict(entries)

    def __getitem__(self, name: str) -> Part:
        """Import and return the part. Raises KeyError for a name that is not registered."""
        module, _, attribute = self.entries[name].partition(":")
        return cast("Part", getattr(import_module(module), attribute))

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        """Tell whether the name is registered, without importing it."""
        return name in self.entries
