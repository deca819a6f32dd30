"""A version of a document, kept where moto keeps them, with what moto does not keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import yaml
from moto.ssm.models import Document, generate_ssm_doc_param_list

from netmend.sandbox.api import ApiError
from netmend.sandbox.automation import AutomationError
from netmend.sandbox.automation.loading import load
from netmend.sandbox.ssm import making

AUTOMATION: Final = "Automation"
COMMAND: Final = "Command"
PLATFORMS: Final = ["Windows", "Linux", "MacOS"]
TEXTS: Final = ("ChangeCalendar", "ApplicationConfiguration")
"""The types whose content may be a text that is neither JSON nor YAML."""


class Version(Document):
    """One version of a document; moto's own class would read the content in its own way."""

    def __init__(
        self, account: str, name: str, number: str, created: datetime, given: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.owner = account
        self.document_version = number
        self.created_date = created
        self.content = str(given["Content"])
        self.document_type = str(given.get("DocumentType") or COMMAND)
        self.document_format = str(given.get("DocumentFormat") or "JSON")
        self.version_name = str(given.get("VersionName") or "")
        self.display_name = str(given.get("DisplayName") or "")
        self.target_type = str(given.get("TargetType") or "")
        self.requires = given.get("Requires") or []
        self.providers = given.get("CloudProviders") or []
        self.attachments = given.get("Attachments") or []
        self.author = account
        self.status = "Active"
        self.content_json = self._read()
        self._describe()

    def _read(self) -> Any:
        """The content as data; raises ApiError as CreateDocument does."""
        if self.document_format == "TEXT" and self.document_type in TEXTS:
            return {}
        try:
            tree = load(self.content, self.document_format)
            if self.document_type == AUTOMATION:
                making.parsed(self.content, self.document_format)
        except AutomationError as error:
            raise ApiError(error.code, error.message) from None
        if self.document_type == COMMAND and "schemaVersion" not in tree:
            raise ApiError("InvalidDocumentContent", "The document has no schemaVersion.")
        return tree

    def _describe(self) -> None:
        tree = self.content_json
        self.schema_version = str(tree.get("schemaVersion") or "")
        self.description = str(tree.get("description") or "")
        self.outputs, self.files = tree.get("outputs"), tree.get("files")
        self.platform_types = list(PLATFORMS)
        self.mainSteps = tree.get("mainSteps")
        declared = tree.get("parameters")
        typed = isinstance(declared, dict) and all(
            isinstance(one, dict) and "type" in one for one in declared.values()
        )
        self.parameter_list = generate_ssm_doc_param_list(declared) if typed else None

    @staticmethod
    def cloudformation_name_type() -> str:
        """moto's stacks make no documents here: `netmend.sandbox.cloudformation` does."""
        return "Name"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """A document has no attribute for Fn::GetAtt."""
        return False

    def is_created(self) -> bool:
        """It is there at once."""
        return True

    @property
    def hash(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    def text(self, form: str) -> str:
        """The content in a format; as it was given where that is the one."""
        if form == self.document_format:
            return self.content
        if form == "YAML":
            return yaml.safe_dump(self.content_json, sort_keys=False, allow_unicode=True)
        return json.dumps(self.content_json, indent=2, ensure_ascii=False)

    def identity(self) -> dict[str, Any]:
        """The members that every answer about the version has."""
        found = {
            "Name": self.name,
            "DisplayName": self.display_name,
            "Owner": self.owner,
            "CreatedDate": self.created_date,
            "DocumentVersion": self.document_version,
            "VersionName": self.version_name,
            "DocumentType": self.document_type,
            "DocumentFormat": self.document_format,
            "SchemaVersion": self.schema_version,
            "PlatformTypes": self.platform_types,
            "TargetType": self.target_type,
            "Requires": self.requires,
            "CloudProviders": self.providers,
        }
        return {name: value for name, value in found.items() if value}
