"""The command as a process of its own: `campaignrules`, or `python -m campaignrules`.

It is over before garbage in circles adds up: looking for it, while modules load and once more at the end, would take
more than a tenth of the time of a small evaluation.
"""

import gc
import sys

OBJECTS = 500_000
"""So many new objects are looked through for garbage at a time; Python's own measure is 700."""


def command() -> int:
    """Run the command line of this process and give its exit code."""
    gc.set_threshold(OBJECTS)
    try:
        from campaignrules.cli import main  # noqa: PLC0415  the modules load under the threshold

        return main()
    except KeyboardInterrupt:  # while modules load: too early to know the reader's language
        return _stopped()
    finally:
        if "_duckdb" not in sys.modules:  # which complains of whatever is left of it
            gc.freeze()


def _stopped() -> int:
    if sys.stderr is not None:
        sys.stderr.write("已停止 · stopped\n")
    return 130


if __name__ == "__main__":
    sys.exit(command())
