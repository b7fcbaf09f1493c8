"""`python -m campaignrules` is the command `campaignrules`."""

import sys

from campaignrules.cli import main

sys.exit(main())
