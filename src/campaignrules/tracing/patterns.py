"""How figures are written: the one pattern that finds them all, in pieces.

Repeats in the pieces are bounded, so that a search takes time in proportion to the text. What stands first wins: dates
before numbers, and before both what only looks like a number. Must not know: what a match means.
"""

from __future__ import annotations

import re
from typing import Final

from campaignrules.quantities import UNITS
from campaignrules.tracing.numerals import CHINESE, DIGIT, POWERS

_A = r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,20})(?:\.\d{1,15})?"
_C = rf"(?<![{CHINESE}])[{CHINESE}]{{1,16}}+(?:点[{DIGIT}]{{1,8}}[百千万亿]{{0,2}})?"
_N = rf"(?:{_A}|{_C})"
_G = r"[ \t]{0,2}\n?[ \t]{0,2}"
_TO = rf"{_G}(?:至|到|—{{1,2}}|-{{1,2}}|–|~|～){_G}"
_M = r"[十百千万亿]{0,3}"
_D = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_Y = rf"(?:(?<!\d)\d{{4}}|[零〇○一二三四五六七八九]{{4}}){_G}年"
_MONTH = r"(?:月份|月(?!度|牙|子))"
_QUARTER = r"[一二三四1-4]"
_BOUND = r"(?:及以上|以上|以下|以内|之内|之间|左右)"
_MOST = r"(?:不低于|不少于|不超过|不高于|不多于|至少|最少|最多|超过|达到|突破|高于|低于)"

_COUNTERS: Final = tuple(
    "方面 阶段 步骤 领域 环节 位 支 所 栋 台 套 组 张 部 款 轮 种 级 册 层 片 段 字 周 步 地 校 站 强 大 化 率 品 企 佳 项规定 类别 时 点".split()  # noqa: SIM905  a list of forty strings is harder to read
)
NAMES: Final = frozenset((*"强大化率品企佳级字地步站层片段", "项规定"))
"""Behind a number these make a name of it: 500强, 六大, 三化, 三率."""
NOT_ONE: Final = frozenset("起场批处期级类位种部步片段层站地台")
"""一 before these is a word of its own: 一起, 一批, 一部."""


def _units() -> str:
    names = {name for name in UNITS if not name.isascii()} | {"％", "%", "‰"}
    spelled = {name for name in names if not (name[0] in POWERS and name[1:] in UNITS)}  # 亿元 is 亿 and 元
    pieces = {f"个{name}" for name in ("百分点", "工作日", "小时")}
    return "|".join(sorted({*spelled, *pieces, *_COUNTERS}, key=len, reverse=True))


_U = _units()
_PIECES: Final = (
    # no figures: telephone numbers, ids, numbers of table rows, 第一时间, 一是, 党的二十大, 六届五次
    (
        r"(?P<junk>\d{21,}+|(?<![^\n])\d{1,3}(?=[\t|])|\d{3,4}-\d{7,8}(?!\d)|\d{1,2}[:时]\d{2}分?|[A-Za-z][A-Za-z0-9._\-]{0,60}"
        r"|第一(?!名|届|次|期|季|条|章|轮|阶段|位|项|批|部分)|第三方"
        r"|[其一二三四五六七八九十]{1,3}是(?=[^否])|其[一二三四五六七八九]"
        r"|(?:党的)?[一二三]?十[一二三四五六七八九]?大(?=精神|报告|以来|以后|和|胜利|的|部署)"
        r"|[一二三四五六七八九十]{1,3}届[一二三四五六七八九十]{1,2}次|[四4]个季度|(?:十二|12)个月(?=[^内之以])|(?:两|2)个半年)"
    ),
    rf"(?P<label>[〔\[【（(]{_G}(?P<lyear>\d{{4}}){_G}[〕\]】）)]{_G}第?(?P<lnumber>\d{{1,5}}){_G}号)",
    # days
    r"(?P<iso>(?<!\d)(?P<iy>\d{4})[-/.](?P<im>\d{1,2})[-/.](?P<id>\d{1,2})(?!\d))",
    (
        rf"(?P<dates>(?P<dy>{_Y})?{_G}(?P<dm>{_D}){_G}月{_G}(?P<dd>{_D}){_G}[日号]?{_TO}"
        rf"(?P<ey>{_Y})?{_G}(?:(?P<em>{_D}){_G}月{_G})?(?P<ed>{_D}){_G}[日号])"
    ),
    rf"(?P<date>(?P<ay>{_Y})?{_G}(?P<am>{_D}){_G}月{_G}(?P<ad>{_D}){_G}[日号])",
    rf"(?P<years>(?<!\d)(?P<yf>\d{{4}}){_G}年?{_TO}(?P<yt>\d{{4}})(?!\d){_G}年?)",
    rf"(?P<quarters>(?P<qy>{_Y})?{_G}第?(?P<qf>{_QUARTER})(?:(?:{_TO}|[、和])(?P<qt>{_QUARTER}))?{_G}季度)",
    rf"(?P<first>(?P<fy>{_Y})?{_G}前(?P<fn>[二三23]){_G}个?季度)",
    rf"(?P<half>(?P<hy>{_Y})?{_G}(?P<hw>[上下])半年)",
    rf"(?P<months>(?P<my>{_Y})?{_G}(?P<mf>{_D}){_G}(?:{_MONTH})?{_TO}(?P<mt>{_D}){_G}{_MONTH})",
    rf"(?P<some>(?P<sy>{_Y})?{_G}(?P<sm>\d{{1,2}}(?:{_G}[、和及]{_G}\d{{1,2}}){{1,11}}){_G}{_MONTH})",
    (
        rf"(?P<month>(?P<oy>{_Y}){_G}(?P<om>{_D}){_G}{_MONTH}|(?P<pm>\d{{1,2}}){_G}{_MONTH}"
        rf"|(?P<qm>[一二三四五六七八九十]{{1,2}})月(?=份|底|末|初|中旬|上旬|下旬|前))"
    ),
    rf"(?P<year>(?P<yy>{_Y}))",
    # shares, recurrences, days of each month, ordinals
    (
        rf"(?P<fraction>百分之(?P<fp>{_N})|千分之(?P<ft>{_N})|(?P<fw>[{DIGIT}十百千万]{{1,6}})分之(?P<fa>{_C})"
        rf"|(?P<tenths>[一二三四五六七八九](?P<th>半)?)成(?=以上|以下|左右|[，。,、；]))"
    ),
    (
        r"(?P<each>每(?:个|一)?(?P<ew>半年|半月|年度?|季度?|月|周|星期|旬|日|天)(?!刊)|(?P<et>月月|年年|周周|天天)"
        r"|(?P<eo>半月一|一月一|一周一|一季一|一年一)"
        r"|(?P<ep>半月|月|季度?|年度?|周)(?=通报|考核|综评|评比|调度|综合|拉练|考评))"
    ),
    (
        r"(?P<inner>(?:(?<=[每当次]月)|(?<![月\d]))(?P<xd>\d{1,2}|(?<=[每当次]月)[一二三四五六七八九十]{1,3})"
        rf"{_G}日(?!报|刊|历|程|内|以内|之内))"
    ),
    r"(?P<double>双倍|加倍|翻一番|翻番)",
    (
        rf"(?P<ordinal>第{_G}(?P<on>{_N}){_G}(?P<session>(?:届|次)(?:委员会|会议|全会|代表大会))?"
        r"(?:届|次|号|季|条|批|名|位|期|阶段|轮|章|款|项|部分)?)"
    ),
    # amounts
    (
        rf"(?P<range>(?P<ra>{_N})(?P<rp>{_M}){_G}(?P<ru>{_U})?{_TO}"
        rf"(?P<rb>{_N})(?P<rq>{_M}){_G}[余多几]?{_G}(?P<rw>{_U}))"
    ),
    (
        rf"(?P<amount>(?P<n>{_A}){_G}(?P<m>{_M}){_G}[余多几]?{_G}(?P<u>{_U})?"
        r"(?P<latin>[A-Za-z]{1,6})?)"
    ),
    rf"(?P<spelled>(?P<cn>{_C}|半)[余多几]?(?P<cu>{_U}))",
    rf"(?P<huge>(?<![{CHINESE}])[一二三四五六七八九十百千]{{0,8}}亿(?![元万美]))",
    rf"(?P<lone>(?P<lu>亿元|万元)(?={_BOUND}|级|项目|企业))",
)
FIGURE: Final = re.compile("|".join(f"(?:{piece})" for piece in _PIECES), re.ASCII)
QUOTES: Final = re.compile(r"“[^“”]{1,30}”|《[^《》]{1,60}》|「[^「」]{1,30}」|『[^『』]{1,30}』|‘[^‘’]{1,30}’")
"""Words in quotation marks and titles of documents: numbers in them belong to a name."""
QUOTED: Final = re.compile(r"“[^“”]{1,60}”")
BEFORE: Final = re.compile(rf"{_MOST}[^，。；\d]{{0,6}}$")
AFTER: Final = re.compile(rf"{_G}[）)]?{_BOUND}")
FULL_WIDTH: Final = {0xFF01 + i: 0x21 + i for i in range(94) if chr(0xFF01 + i) not in "，；：？！（）"} | {
    0x3000: " ", 0xA0: " ", 0x2002: " ", 0x2003: " ", 0x2009: " ", 0x202F: " ",
}  # fmt: skip
