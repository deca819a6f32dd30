"""`python -m netmend` is the command, where the script that pip makes is not on the path."""

import sys

from netmend.cli import main

sys.exit(main())
