"""Rendered text is committed: documents' envelopes, packs, parts of the stacks, pages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from netmend import catalog as catalogs
from netmend.explain import page
from netmend.rendering import commands, documents, packs, pages, stacks
from netmend.rendering.text import replace_regions

OWNED: Final = ("conformance-packs/*.yaml", "docs/rules/*.md")
"""Files that are rendered whole, and are gone with what they come from."""


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
    found[root / "docs" / "commands.md"] = commands.reference()
    told = page.pages(catalog, runbooks, found[root / "cloudformation" / "roles.yaml"])
    return found | {root / path: text for path, text in pages.texts(told).items()}


def render(check: bool, root: Path = catalogs.ROOT) -> list[Path]:
    """Bring the rendered files up to date, or with `check` only find out; return the stale ones.

    A pack that no rule is in any more, or the page of none, is stale as well, and is deleted.
    """
    from netmend.sandbox import coverage  # loads moto, which no other rendering needs

    wanted = texts(root) | {root / "docs" / "sandbox-coverage.md": coverage.page()}
    stale = [path for path, text in wanted.items() if _content(path) != text]
    orphans = [p for kind in OWNED for p in sorted(root.glob(kind)) if p not in wanted]
    if not check:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        for path in orphans:
            path.unlink()
    return stale + orphans


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
