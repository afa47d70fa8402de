"""config.toml: what to watch, where from, how often. Read into frozen models; every fault is one clear sentence."""

import datetime as dt
import os
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    model_validator,
)

from collector.address import base_like, safe_for_token
from collector.config_faults import explain
from collector.errors import ConfigError
from collector.ranking import RankingSettings
from collector.rankings import RANKINGS
from collector.source import SourceSettings
from collector.sources import SOURCES
from collector.text import fold

FILE_NAME = "config.toml"
WIKIDATA = "https://www.wikidata.org"


def _hashtag(value: object) -> object:
    """Drop the leading '#', so that both ways of writing a hashtag mean the same."""
    return value.strip().lstrip("#＃") if isinstance(value, str) else value  # noqa: RUF001 - the wide # is meant


Name = Annotated[str, Field(min_length=1, max_length=200)]
Hashtag = Annotated[str, BeforeValidator(_hashtag), Field(min_length=1, max_length=100, pattern=r"^\w+$")]
Article = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,11}:\S.*$", max_length=300)]


class Part(BaseModel):
    """A table of config.toml: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class StoreSettings(Part):
    """Where the posts are kept: SQLite beside the config file, or PostgreSQL."""

    url: str = "sqlite:///buzzchart.db"
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 0  # 0: for ever


def _lookup_address(written: str) -> str:
    """Check an address that names are asked from: by https, or on this machine."""
    address = base_like(WIKIDATA)(written)
    if not safe_for_token(address):
        raise ValueError(f'an https address such as "{WIKIDATA}"')
    return address


class LookupSettings(Part):
    """Whom `buzz title add` asks for names in all languages."""

    wikidata: Annotated[str, AfterValidator(_lookup_address)] = WIKIDATA


class SentimentSettings(Part):
    """How posts are scored: by which engine, and by whose words."""

    engine: Literal["auto", "lexicon", "multilingual", "transformers"] = "lexicon"
    # for "transformers": a folder, relative to the config file, or a name that was fetched
    model: Annotated[str, Field(max_length=4096)] = ""
    overrides: Annotated[str, Field(max_length=4096)] = ""  # a folder of override files, relative to the config file
    # what stands in them, by name: filled in by `load`, so that workers elsewhere need no file
    files: tuple[tuple[str, str], ...] = ()


class TitleSettings(Part):
    """A film or show to watch. A post speaks of it by a hashtag or a phrase, unless an exclusion is in it."""

    name: Name
    kind: Literal["show", "film"] = "show"
    released: dt.date | None = None
    genres: tuple[Name, ...] = ()
    hashtags: tuple[Hashtag, ...] = ()
    phrases: tuple[Name, ...] = ()
    exclude: tuple[Name, ...] = ()
    people: tuple[Name, ...] = ()
    ranked_as: tuple[Name, ...] = ()  # other names under which rankings list it
    wikipedia: tuple[Article, ...] = ()

    @model_validator(mode="after")
    def _can_be_found(self) -> "TitleSettings":
        if not (self.hashtags or self.phrases):
            raise ValueError(f'"{self.name}" has neither hashtags nor phrases, so no post can be about it')
        return self


class TopicSettings(Part):
    """Something people say about titles: any of the phrases, or one word of each group close together."""

    name: Name
    phrases: tuple[Name, ...] = ()
    all: tuple[tuple[Name, ...], ...] = ()
    within: Annotated[int, Field(ge=1, le=100)] = 8
    not_: tuple[Name, ...] = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _can_be_found(self) -> "TopicSettings":
        if not (self.phrases or self.all):
            raise ValueError(f'"{self.name}" has neither phrases nor all, so no post can be about it')
        if any(not group for group in self.all):
            raise ValueError(f'"{self.name}" has an empty group in all')
        return self


class Config(Part):
    """The whole of config.toml. `sources` and `rankings` hold every registered name, with its defaults."""

    store: StoreSettings = StoreSettings()
    lookup: LookupSettings = LookupSettings()
    sentiment: SentimentSettings = SentimentSettings()
    titles: tuple[TitleSettings, ...] = ()
    topics: tuple[TopicSettings, ...] = ()
    sources: dict[str, SerializeAsAny[SourceSettings]] = Field(default_factory=dict, validate_default=True)
    rankings: dict[str, SerializeAsAny[RankingSettings]] = Field(default_factory=dict, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _parts_by_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        return data | {
            "sources": _by_name(data.get("sources", {}), SOURCES, "sources"),
            "rankings": _by_name(data.get("rankings", {}), RANKINGS, "rankings"),
        }

    @model_validator(mode="after")
    def _names_once(self) -> "Config":
        for kind, parts in (("titles", self.titles), ("topics", self.topics)):
            seen: set[str] = set()
            for part in parts:
                if fold(part.name) in seen:
                    raise ValueError(f'two [[{kind}]] are called "{part.name}"')
                seen.add(fold(part.name))
        return self


def _by_name(given: Any, registry: Any, table: str) -> Any:  # noqa: ANN401 - raw TOML in, models out
    """Validate each `[sources.<name>]` with the settings class of its source; fill in those not given."""
    if not isinstance(given, dict):
        return given
    faults: list[Any] = []
    read: dict[str, Any] = {}
    for name in [*registry, *(name for name in given if name not in registry)]:
        if name not in registry:
            faults.append({"type": "extra_forbidden", "loc": (table, name), "input": given[name]})
            continue
        value = given.get(name, {})
        try:
            read[name] = value if isinstance(value, BaseModel) else registry[name].Settings.model_validate(value)
        except ValidationError as fault:
            # told by the caller with the place in the file
            faults += [
                {**_line_error(error), "loc": (table, name, *error["loc"])} for error in fault.errors(include_url=False)
            ]
    if faults:
        raise ValidationError.from_exception_data("config", faults)
    return read


def _line_error(error: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's own records
    return {key: error[key] for key in ("type", "input", "ctx") if key in error}


def template() -> str:
    """Return the commented config.toml that `buzz init` writes."""
    return resources.files("collector").joinpath("default_config.toml").read_text(encoding="utf-8")


def find(path: Path | None = None) -> Path:
    """Return the config file: the one named, else BUZZ_CONFIG, else ./config.toml. Raises ConfigError."""
    chosen = path or Path(os.environ.get("BUZZ_CONFIG") or FILE_NAME)
    if not chosen.is_file():
        raise ConfigError(f"{chosen} is not there: write one with `buzz init`, or name yours with --config")
    return chosen


def load(path: Path) -> Config:
    """Read and check a config file. Raises ConfigError with file, line, key and what was expected."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{path} cannot be read: {fault}") from fault
    config = parse(text, str(path))
    config = _with_model_folder(config, path)
    return _with_override_files(config, path) if config.sentiment.overrides else config


def _with_model_folder(config: Config, path: Path) -> Config:
    """Tell in full where the model's folder is, if it is one, for workers elsewhere know no config file."""
    folder = path.parent / config.sentiment.model
    if not config.sentiment.model or not folder.is_dir():
        return config
    model = {"model": str(folder.absolute())}
    return config.model_copy(update={"sentiment": config.sentiment.model_copy(update=model)})


def _with_override_files(config: Config, path: Path) -> Config:
    """Read the user's override files; what stands in them is checked where it is used (analysis.scorers.overrides)."""
    folder = path.parent / config.sentiment.overrides
    if not folder.is_dir():
        raise ConfigError(f"{path}: [sentiment] overrides names {folder}, which is no folder: make it, or leave it out")
    files = []
    for file in sorted(folder.glob("*.toml")):
        try:
            files.append((str(file), file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{file} cannot be read: {fault}") from fault
    return config.model_copy(update={"sentiment": config.sentiment.model_copy(update={"files": tuple(files)})})


def parse(text: str, label: str = FILE_NAME) -> Config:
    """Read and check the text of a config file; `label` is what to call it in a fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{label} is not valid TOML: {fault}") from fault
    if isinstance(given := data.get("sentiment"), dict) and "files" in given:
        raise ConfigError(f"{label}: [sentiment] has an unknown key files; did you mean overrides, a folder?")
    try:
        return Config.model_validate(data)
    except ValidationError as fault:
        raise ConfigError(explain(fault, text, label, Config)) from fault


def store_url(config: Config, config_path: Path | None, override: str | None = None) -> str:
    """Return the database address: --db, else BUZZ_DB, else `[store] url`, with `env:NAME` looked up.

    A plain file name means SQLite; a relative SQLite path is taken from the folder of the config file
    (from the working folder when it was given by --db or BUZZ_DB).
    """
    given = override or os.environ.get("BUZZ_DB")
    url = secret(given or config.store.url, "[store] url")
    folder = Path() if given or config_path is None else config_path.parent
    if "://" not in url:
        return f"sqlite:///{(folder / url).absolute()}"
    head, _, rest = url.partition("sqlite:///")
    if not head and rest and rest != ":memory:" and not Path(rest).is_absolute():
        return f"sqlite:///{(folder / rest).absolute()}"
    return url


def secret(value: str, key: str) -> str:
    """Look up "env:NAME" in the environment; anything else is returned as it is. Raises ConfigError."""
    if not value.startswith("env:"):
        return value
    name = value.removeprefix("env:")
    found = os.environ.get(name)
    if not found:
        raise ConfigError(f"{key} reads the environment variable {name}, which is not set: export {name}=…")
    return found
