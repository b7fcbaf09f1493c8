"""Where text goes: standard output, standard error, a file the user named; and in which language and colours.

Comes in: text. A reader who has left (`| head`) is no error. Must not know: campaigns.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Final, TextIO

from attrs import frozen

from campaignrules.errors import CampaignError, Text, default_lang, did_you_mean, fault, reason_of, visible

FINE, PROBLEMS, USAGE, OURS = range(4)
"""Exit codes: all is as it should be; something is not; wrong usage; a fault of ours."""
WIDTH: Final = 100
"""Of a report that no terminal shows."""


class UsageError(Exception):
    """The command line asks for something that is not there."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


def known(name: str, names: Sequence[str], kind: Text) -> str:
    """`name` when it is one of `names`. Raises UsageError with the one probably meant."""
    if name in names:
        return name
    near = did_you_mean(name, names)
    some = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    zh, en = (near.zh, near.en) if near else (f"有：{some}", f"there are: {some}")
    raise UsageError(Text(f"没有这个{kind.zh}：{name}。{zh}", f"no such {kind.en}: {name}. {en}"))


def lang_of(words: list[str]) -> str:
    """The language asked for; looked up before anything is parsed, for help and errors speak it too."""
    for i, word in enumerate(words):
        given = words[i + 1 : i + 2] if word == "--lang" else [word[7:]] if word.startswith("--lang=") else []
        if given and given[0] in ("zh", "en"):
            return given[0]
    return default_lang()


def wants_colour(words: list[str]) -> bool:
    """Whether nobody has refused colours, on the command line or in the environment."""
    refused = {"--no-colour", "--no-color"} & set(words)
    return not refused and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@frozen(eq=False, repr=False)
class Screen:
    """Where text goes, and in which language. A reader who has left (`| head`) is no error.

    `clear`: takes away what is drawn on the terminal meanwhile; called before anything is written.
    """

    lang: str
    wants_colour: bool
    clear: Callable[[], None] = lambda: None

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def colours(self, stream: TextIO | None) -> bool:
        return self.wants_colour and is_terminal(stream)

    @property
    def width(self) -> int:
        return shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal(sys.stdout) else WIDTH

    def show(self, text: str) -> None:
        """Write to standard output; as UTF-8 where it is not a terminal."""
        self.clear()
        _write(sys.stdout, text)

    def complain(self, text: str) -> None:
        """Write a line to standard error."""
        self.clear()
        with contextlib.suppress(CampaignError):
            _write(sys.stderr, f"{text}\n")

    def deliver(self, text: str, path: str | None) -> None:
        """To the file the user named, else to standard output."""
        if path in (None, "-"):
            self.show(text)
            return
        from campaignrules.reports.saving import save  # noqa: PLC0415  only when a file is asked for

        save(str(path), text)
        self.complain(self.say(f"已写入 {visible(str(path))}", f"written: {visible(str(path))}"))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sees what goes there."""
    return stream is not None and not stream.closed and stream.isatty()


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None or stream.closed:
        return
    try:
        _encoded(stream, text)
        stream.flush()
    except BrokenPipeError:
        _leave(stream)
    except OSError as error:
        _leave(stream)
        raise CampaignError(fault("cannot-write", None, path=stream.name, reason=reason_of(error))) from error


def _encoded(stream: TextIO, text: str) -> None:
    """A terminal gets its own encoding, with signs it lacks written out; pipes and files get UTF-8."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(text)
        return
    encoding = (stream.encoding or "utf-8") if is_terminal(stream) else "utf-8"
    stream.flush()
    buffer.write(text.encode(encoding, "backslashreplace"))


def _leave(stream: TextIO) -> None:
    """Turn a broken stream to nowhere, so that the interpreter does not stumble over it at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
