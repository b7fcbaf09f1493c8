"""Ctrl-C and SIGTERM: the work ends soon, whatever it is at.

Python hears a signal only between instructions of its own: an engine that is busy elsewhere is not reached. So a thread
hears it, too, and ends the process when the work has not ended by itself, or at a second signal. Nothing is left half
written: files appear under their names only when they are whole. Must not know: commands, what is computed.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

from attrs import define, field

GRACE: Final = 2.0
"""Seconds that the work has to end by itself."""
CODES: Final[dict[int, int]] = {signal.SIGINT: 130, signal.SIGTERM: 143}
_USUAL: Final = ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL))


@define(eq=False, repr=False)
class Stop:
    """Whether the work was told to stop, and the exit code that says so.

    `last`: says the last words and clears the screen when the work does not end by itself.
    """

    last: Callable[[], None]
    asked: bool = False
    code: int = CODES[signal.SIGINT]
    over: bool = False
    """The work has ended; only the interpreter has not yet."""
    _ending: threading.Lock = field(factory=threading.Lock)

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """What Python does at a signal, in the main thread."""
        if self.asked:
            self.end(CODES[number])
        self.asked, self.code = True, CODES[number]
        raise KeyboardInterrupt

    def listen(self, heard: int) -> None:
        """What a thread of its own does; the system writes each signal's number to `heard`."""
        number = _next(heard)
        select.select([heard], [], [], GRACE)
        if not self.over:
            self.end(CODES.get(number, self.code))

    def end(self, code: int) -> NoReturn:
        """End the process at once; threads that come later wait for that."""
        self._ending.acquire()
        with suppress(OSError, ValueError):
            self.last()
        os._exit(code)


def _next(heard: int) -> int:
    """The next signal that means to stop."""
    number = 0
    while number not in CODES:
        number = os.read(heard, 1)[0]
    return number


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """The rest of a process of its own, which the signals end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    for number, usual in _USUAL:
        if signal.getsignal(number) is usual:  # whoever started us may have told us not to listen
            signal.signal(number, stop.hear)
    if os.name == "posix":  # elsewhere a signal cannot write to a pipe
        heard, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        threading.Thread(target=stop.listen, args=(heard,), name="stopping", daemon=True).start()
    try:
        yield
    finally:
        stop.over = True
        for number, _ in _USUAL:
            if signal.getsignal(number) == stop.hear:
                signal.signal(number, signal.SIG_IGN)
