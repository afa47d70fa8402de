"""Invented archives in the platforms' own shapes, written where a test wants them."""

import gzip
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2022, 1, 28, 9, tzinfo=UTC)
DID = "did:plc:inventedinventedinvented"


def json_lines(path: Path, records: Iterable[object]) -> Path:
    """Write one JSON document a line."""
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def gzipped(path: Path) -> Path:
    """Write the same file again with gzip, under a name that does not say so."""
    target = path.with_name(path.name + ".data")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


def table(path: Path, rows: Iterable[Sequence[str]], delimiter: str = "\t") -> Path:
    """Write a table as it is, without quoting anything."""
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def event(
    number: int, *, operation: str = "create", did: str = DID, text: str = "", **record: object
) -> dict[str, Any]:
    """Write a Jetstream event about a post."""
    at = START + timedelta(minutes=number)
    commit: dict[str, Any] = {
        "rev": f"r{number}",
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": f"rkey{number}",
    }
    if operation != "delete":
        commit["cid"] = f"cid{number}"
        commit["record"] = {
            "$type": "app.bsky.feed.post",
            "createdAt": at.isoformat().replace("+00:00", "Z"),
            "langs": ["en"],
            "text": text or f"Invented post {number} about Hellbound",
        } | record
    return {"did": did, "time_us": int(at.timestamp() * 1_000_000) + 5, "kind": "commit", "commit": commit}


def account_event(did: str = DID, status: str = "deleted") -> dict[str, Any]:
    """Write a Jetstream event about an account that is no longer there."""
    at = START + timedelta(days=1)
    return {
        "did": did,
        "time_us": int(at.timestamp() * 1_000_000),
        "kind": "account",
        "account": {"active": False, "did": did, "seq": 9, "status": status, "time": at.isoformat()},
    }
