"""Live sessions: rows that stand, and results that follow when some of them change.

`pieces` and `held` keep the rows, raw and typed; `batches` reads what is to change and refuses what cannot be; `cuts` says
what the scans of the cube see in a few rows, `tallies` keeps the cube by addition, `finishing` makes again what rests on
what changed; `changes` tells before and after, `saving` writes a session to a file, `sessions` puts it together.
"""

from campaignrules.live.changes import Change
from campaignrules.live.sessions import Session

__all__ = ["Change", "Session"]
