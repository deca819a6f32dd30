"""Rendered text is committed: envelopes of documents, conformance packs, parts of the stacks."""

from __future__ import annotations

from pathlib import Path

from netmend import catalog as catalogs
from netmend.rendering import documents, packs, stacks
from netmend.rendering.text import replace_regions


def texts(root: Path = catalogs.ROOT) -> dict[Path, str]:
    """What each rendered file should hold; raises `CatalogError` and `RenderError`."""
    catalog = catalogs.load(root)
    runbooks = {runbook.name: documents.document(runbook) for runbook in catalog.runbooks}
    bodies = {name: packs.pack(name, controls) for name, controls in catalog.packs().items()}
    regions = {
        "roles": stacks.roles(catalog),
        "detection": stacks.detection(catalog, bodies),
        "remediation": stacks.remediation(catalog, runbooks),
    }
    found = {root / "ssm-documents" / f"{name}.yaml": text for name, text in runbooks.items()}
    found |= {root / "conformance-packs" / f"{name}.yaml": text for name, text in bodies.items()}
    for name, region in regions.items():
        path = root / "cloudformation" / f"{name}.yaml"
        found[path] = replace_regions(path, path.read_text(encoding="utf-8"), region)
    return found


def render(check: bool, root: Path = catalogs.ROOT) -> list[Path]:
    """Bring the rendered files up to date, or with `check` only find out; return the stale ones.

    A pack that no rule is in any more is stale as well, and is deleted.
    """
    wanted = texts(root)
    stale = [path for path, text in wanted.items() if _content(path) != text]
    orphans = [p for p in sorted((root / "conformance-packs").glob("*.yaml")) if p not in wanted]
    if not check:
        for path in stale:
            path.parent.mkdir(exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        for path in orphans:
            path.unlink()
    return stale + orphans


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
