"""`python -m campaignrules` is the command `campaignrules`."""

import sys

from campaignrules.cli import command

sys.exit(command())
