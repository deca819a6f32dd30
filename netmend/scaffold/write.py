"""A rule's folder and runbook are written and rendered, or nothing is left of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from netmend import render
from netmend.errors import UserError
from netmend.rendering.text import fill
from netmend.scaffold import samples, types
from netmend.scaffold.names import NewRule

GROUP: Final = "AWS::EC2::SecurityGroup"

ADAPTED: Final = {GROUP: "group"}
"""Types with an adapter and a live reader, and what their templates are called."""

RENDERED: Final = ("ssm-documents", "conformance-packs", "cloudformation", "docs")
"""Folders in which a new rule may change what stands there."""

STARTS: Final = {"SourceEvents": "", "SourcePeriodic": "TwentyFour_Hours"}

LIVE: Final = {
    True: "the plan is made from the live state, by the\n    code that detects.",
    False: "there is no live reader for\n    %type yet, and without one every plan is held.",
}
JUDGES: Final = {
    True: "judges live state, and holds: the rule plans no mend yet.",
    False: "holds, because it cannot read the resource's live state.",
}


class Written(NamedTuple):
    """Files that are new, and rendered files that changed."""

    new: list[Path]
    changed: list[Path]


def write(new: NewRule, root: Path) -> Written:
    """Write and render; raises UserError, CatalogError and RenderError, and leaves nothing then."""
    with _all_or_nothing(root, new) as before:
        files = {root / name: text for name, text in texts(new).items()}
        for path, text in files.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        rendered = [path for path in render.render(check=False, root=root) if path not in files]
    made = [path for path in rendered if path not in before]
    return Written([*files, *made], [path for path in rendered if path in before])


@contextmanager
def _all_or_nothing(root: Path, new: NewRule) -> Iterator[dict[Path, bytes]]:
    """Yields what stood before, where anything may be written; undoes all unless it ends well."""
    folders = [root / "rules" / new.name, *(root / name for name in RENDERED)]
    before = {path: path.read_bytes() for path in _within(folders) if path.is_file()}
    done = False
    try:
        yield before
        done = True
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}", "nothing was written") from error
    finally:
        if not done:
            _undo(folders, before)


def _within(folders: list[Path]) -> list[Path]:
    """All that stands in the folders, and they themselves, the deepest first."""
    found = {path for folder in folders for path in (folder, *folder.rglob("*")) if path.exists()}
    return sorted(found, reverse=True)


def _undo(folders: list[Path], before: dict[Path, bytes]) -> None:
    for path in _within(folders):
        if path.is_file() and path not in before:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for path, content in before.items():
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)


def texts(new: NewRule) -> dict[str, str]:
    """What is written by hand from now on, by its path in the repository."""
    kind = ADAPTED.get(new.resource_type, "raw")
    return {
        f"rules/{new.name}/__init__.py": _fill("init.py", new),
        f"rules/{new.name}/{new.name}.py": _fill(f"rule-{kind}.py", new),
        f"rules/{new.name}/{new.name}_test.py": _fill(
            f"test-{kind}.py", new, item=samples.literal(samples.item(new.resource_type))
        ),
        f"rules/{new.name}/parameters.json": _fill("parameters.json", new),
        f"ssm-documents/{new.runbook}.yaml": _fill("runbook.yaml", new),
    }


def _fill(name: str, new: NewRule, **more: str) -> str:
    adapted = new.resource_type in ADAPTED
    values = {
        "rule": new.name,
        "type": new.resource_type,
        "runbook": new.runbook,
        "pack": new.pack,
        "title": json.dumps(new.title, ensure_ascii=False),
        "noun": new.noun,
        "config_name": new.config_name,
        "description": f"No {new.noun} is tagged as retired.",
        "starts": _starts(new),
        "source": _source(new),
        "id_pattern": types.id_pattern(new.resource_type),
        "live": LIVE[adapted].replace("%type", new.resource_type),
        "judges": JUDGES[adapted],
    }
    return fill(f"new-rule/{name}.txt", **values, **more) + "\n"


def _starts(new: NewRule) -> str:
    """What starts the rule: each change, and where live state can be read a daily run as well."""
    given = {**STARTS, "SourceEvents": new.resource_type}
    if new.resource_type not in ADAPTED:
        del given["SourcePeriodic"]
    return ",\n".join(f'    "{key}": "{value}"' for key, value in given.items())


def _source(new: NewRule) -> str:
    if samples.path(new.resource_type).exists():
        return f"As AWS Config records a {new.noun}; the cases below say what is different."
    return "Put an item of yours here, with a configuration that AWS Config has recorded."
