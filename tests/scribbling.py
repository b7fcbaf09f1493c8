"""Plain data → YAML as untidy as people may write it: blocks or brackets, any quotes, any indentation, comments anywhere.

Every comment is different from all others, so that a test can count them. Tests read the text back with PyYAML.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any, TypeVar

from attrs import define, field

_SAFE = re.compile(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff]*(?: [A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff]*)*")


Shape = TypeVar("Shape")


@define
class Scribble:
    """Writes data down; `below(n)` draws a number under n."""

    random: random.Random
    comments: list[str] = field(factory=list)

    def text(self, data: dict[str, Any]) -> str:
        """A whole file."""
        lines = [*self._above(0), *self._block(data, 0), *self._above(0)]
        start = self._one_of(["", "", "---\n", "--- # begins\n"])
        self.comments += ["# begins"] if "#" in start else []
        end = self._one_of(["\n", "\n\n\n", "", "\n...\n"]) if not lines[-1].strip().endswith("|") else "\n"
        return start + "\n".join(lines) + end

    def _one_of(self, options: list[Shape]) -> Shape:
        return options[self.random.randrange(len(options))]

    def _comment(self) -> str:
        text = self._one_of(["# 说明", "#x", "#   {a: b", "# - 'q'", "# key: value"]) + f" {len(self.comments)}"
        self.comments.append(text)
        return text

    def _above(self, indent: int) -> list[str]:
        """Comments and blank lines before something."""
        kinds = self._one_of([[], [], [], [""], ["#"], ["", "#", "#"], ["#", "", ""]])
        return [" " * indent + self._comment() if kind else self._one_of(["", "  "]) for kind in kinds]

    def _behind(self) -> str:
        space = self._one_of(["", "", "", " ", "  "])
        return f"{space} {self._comment()}" if self.random.randrange(8) == 0 else space

    def _block(self, data: Any, indent: int) -> list[str]:
        if isinstance(data, dict):
            pairs = list(data.items())
            if self.random.randrange(3) == 0:
                self.random.shuffle(pairs)
            return [line for key, value in pairs for line in (*self._above(indent), *self._pair(key, value, indent))]
        return [line for item in data for line in (*self._above(indent), *self._item(item, indent))]

    def _pair(self, key: str, value: Any, indent: int) -> list[str]:
        start = " " * indent + self._key(key, flow=False) + ":"
        if isinstance(value, (dict, list)) and value and self.random.randrange(2):
            step = self.random.randrange(1, 5) if isinstance(value, dict) else self.random.randrange(4)
            return [start + self._behind(), *self._block(value, indent + step)]
        if self.random.randrange(6) == 0 and not isinstance(value, str):
            inner = indent + self.random.randrange(1, 5)
            return [start + self._behind(), *self._flow_lines(value, " " * inner, indent)]
        return self._valued(start, value, indent)

    def _valued(self, start: str, value: Any, indent: int) -> list[str]:
        if isinstance(value, str):
            return self._scalar_lines(start, value, indent)
        return self._flow_lines(value, start + " " * self.random.randrange(1, 3), indent)

    def _flow_lines(self, value: Any, start: str, indent: int) -> list[str]:
        return (start + self._flow(value, indent + 1) + self._behind()).split("\n")

    def _scalar_lines(self, start: str, value: str, indent: int) -> list[str]:
        if value and value == value.strip() and "\n" not in value and self.random.randrange(6) == 0:
            sign = self._one_of([">-", "|-", ">", "|+"]) if value.endswith("\n") else self._one_of([">-", "|-"])
            return [f"{start} {sign}", " " * (indent + self.random.randrange(2, 5)) + value]
        return [f"{start} {self._words(value, flow=False)}{self._behind()}"]

    def _item(self, item: Any, indent: int) -> list[str]:
        start = " " * indent + "-"
        if isinstance(item, (dict, list)) and item and self.random.randrange(2):
            space = self.random.randrange(1, 4)
            lines = self._block(item, indent + 1 + space)
            if lines[0].strip() and not lines[0].lstrip().startswith("#") and self.random.randrange(3):
                return [start + lines[0][indent + 1 :], *lines[1:]]
            return [start + self._behind(), *lines]
        return self._valued(start, item, indent)

    def _key(self, key: str, flow: bool) -> str:
        return self._words(key, flow) if self.random.randrange(5) == 0 else key

    def _words(self, value: str, flow: bool) -> str:  # noqa: ARG002  safe words are safe everywhere
        kinds = ["double", "single", *(["plain"] * 3 if _SAFE.fullmatch(value) else [])]
        kind = self._one_of(kinds)
        if kind == "plain" or (kind == "single" and "\n" in value):
            return value if kind == "plain" else json.dumps(value, ensure_ascii=False)
        return json.dumps(value, ensure_ascii=False) if kind == "double" else "'" + value.replace("'", "''") + "'"

    def _flow(self, value: Any, indent: int) -> str:
        if isinstance(value, str):
            return self._words(value, flow=True)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        inside = [self._flow_part(part, indent) for part in (value.items() if isinstance(value, dict) else value)]
        text = opening + self._gap(indent)
        for number, part in enumerate(inside):
            text += ("," + self._gap(indent) + " " if number else "") + part
        return text + (self._one_of(["", "", ","]) if inside else "") + self._gap(indent) + closing

    def _flow_part(self, part: Any, indent: int) -> str:
        if isinstance(part, tuple):
            return f"{self._key(part[0], flow=True)}:{self._one_of([' ', '  '])}{self._flow(part[1], indent)}"
        return self._flow(part, indent)

    def _gap(self, indent: int) -> str:
        kind = self.random.randrange(12)
        if kind == 0:
            return f" {self._comment()}\n" + " " * (indent + self.random.randrange(4))
        if kind == 1:
            return "\n" * self.random.randrange(1, 3) + " " * (indent + self.random.randrange(4))
        return self._one_of(["", " "])
