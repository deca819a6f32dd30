"""The version that evidence states for the code that decided."""

from typing import Final

VERSION: Final = "0.1.0"
