"""Which names look alike: letters of other scripts, and 1 l I, 0 O.

In: a name. Out: its `skeleton`; two names with the same skeleton cannot be told apart on a screen. Must not know:
campaigns.
"""

from typing import Final

_SAME: Final = (
    # Cyrillic, Greek and Armenian letters, and the Latin ones they look like
    ("аᴀɑα", "a"), ("АΑ", "A"), ("вВΒ", "B"), ("ЬЪь", "b"), ("сϲ", "c"), ("СϹ", "C"), ("ԁ", "d"), ("еєҽ", "e"), ("ЕΕ", "E"),
    ("ɡց", "g"), ("һհ", "h"), ("НнΗ", "H"), ("іıι", "i"), ("ІΙӀ", "I"), ("јϳ", "j"), ("Ј", "J"), ("кκ", "k"), ("КΚ", "K"),
    ("ӏ", "l"), ("МмΜ", "M"), ("Ν", "N"), ("ոп", "n"), ("оοօσ", "o"), ("ОΟՕ", "O"), ("рρ", "p"), ("РΡ", "P"), ("ԛզ", "q"),
    ("г", "r"), ("ѕ", "s"), ("ЅՏ", "S"), ("ТтΤ", "T"), ("υսц", "u"), ("Ս", "U"), ("ѵν", "v"), ("ѡԝω", "w"), ("хχ", "x"),
    ("ХΧ", "X"), ("уγү", "y"), ("УΥҮ", "Y"), ("Ζ", "Z"), ("З", "3"), ("Ԛ", "Q"), ("Ԝ", "W"),
    # kana, and the Chinese characters they look like
    ("ー", "一"), ("ニ", "二"), ("ハ", "八"), ("ロ", "口"), ("カ", "力"), ("エ", "工"), ("タ", "夕"), ("ト", "卜"), ("へヘ", "へ"),
)  # fmt: skip
_OTHER_SCRIPTS: Final = {ord(one): same for many, same in _SAME for one in many}
_ASCII: Final = str.maketrans("1I0", "llO")


def skeleton(name: str, ascii_too: bool = True) -> str:
    """`name` with one letter for all that look like it; `ascii_too`: also for 1 l I and 0 O."""
    found = name if name.isascii() else name.translate(_OTHER_SCRIPTS)
    return found.translate(_ASCII) if ascii_too else found
