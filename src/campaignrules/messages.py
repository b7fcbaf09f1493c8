"""The words of every diagnostic, in Chinese and English: one flat table.

In: nothing. Out: `CATALOGUE`, code → `Entry`. `errors.fault` looks a code up
here and fills the `{placeholders}` with `str.format`. Codes are words, in
alphabetical order (a test holds it); a hint may use the same placeholders.
Must not know: anything else of the library.
"""

from typing import Literal

from attrs import frozen

Severity = Literal["error", "warning", "note"]


@frozen
class Entry:
    """One kind of diagnostic: how grave it is, and its words in both languages."""

    severity: Severity
    zh: str
    en: str
    hint_zh: str | None = None
    hint_en: str | None = None


CATALOGUE: dict[str, Entry] = {
    "alias-not-allowed": Entry(
        "error",
        "这里不能使用 YAML 锚点或别名“{name}”",
        "YAML anchors and aliases are not allowed here: {name}",
        "直接写出内容；如果 & 或 * 是正文的一部分，请给整段文字加英文引号",
        "write the content out; if & or * is part of the text, put the text in quotes",
    ),
    "assignment": Entry(
        "error",
        "单个等号不是比较",
        "a single equals sign does not compare",
        "比较请写 ==",
        "write == to compare",
    ),
    "bad-date": Entry(
        "error",
        "不是日期",
        "not a date",
        "日期写成 2023-06-30",
        "write dates as 2023-06-30",
    ),
    "bad-escape": Entry(
        "error",
        "双引号中有无法识别的转义",
        "unknown escape inside double quotes",
        "反斜杠请写成 \\\\，或改用单引号",
        "write a backslash as \\\\, or use single quotes",
    ),
    "bad-exponent": Entry(
        "error",
        "乘方的指数必须是 0 到 {limit} 的整数常量",
        "an exponent must be a literal whole number from 0 to {limit}",
    ),
    "bad-indentation": Entry(
        "error",
        "这一行的缩进与上文对不上",
        "this line does not line up with the lines above it",
        "同一层的各行要从同一列开始，下一层多缩进两个空格",
        "entries of one level start in the same column, the next level two spaces deeper",
    ),
    "bad-name": Entry(
        "error",
        "名字不合规：{name}",
        "not a valid name: {name}",
        "名字由文字、数字和单个下划线组成，不以数字或下划线开头",
        "a name has letters, digits and single underscores and does not begin with a digit or underscore",
    ),
    "bad-number": Entry(
        "error",
        "不是合规的数",
        "not a valid number",
        "写成十进制数，如 1234.5",
        "write a decimal such as 1234.5",
    ),
    "bad-places": Entry(
        "error",
        "小数位数超出 ±{limit}",
        "more than {limit} places",
    ),
    "binary-float": Entry(
        "error",
        "不接受二进制浮点数 {value}",
        "binary floating point is not accepted: {value}",
        "写成 Decimal 或文字，如 '0.1'",
        "give a Decimal or text, e.g. '0.1'",
    ),
    "block-text": Entry(
        "error",
        "“|”和“>”后面不能直接跟文字",
        "nothing may follow '|' or '>' on their line",
        "正文从下一行开始，并且多缩进两个空格",
        "begin the text on the next line, two spaces deeper",
    ),
    "bounds-reversed": Entry(
        "error",
        "下限 {low} 大于上限 {high}",
        "the lower bound {low} is above the upper bound {high}",
    ),
    "by-or-every": Entry(
        "error",
        "by 与 every 只能写一个",
        "write either by or every",
    ),
    "byte-limit": Entry(
        "error",
        "文件太大：超过 {limit} 字节",
        "the file is too large: more than {limit} bytes",
    ),
    "cannot-write": Entry(
        "error",
        "无法写入“{path}”：{reason}",
        "cannot write {path}: {reason}",
        "请检查文件夹是否存在、文件是否正被打开、是否有写权限",
        "check that the folder exists, that the file is not open elsewhere and that you may write there",
    ),
    "chosen-reading-changes": Entry(
        "error",
        "本文件采用的读法不应再有改动（set）",
        "the chosen reading is the one the file is written in: it has no set",
        "把改动写进正文，或改 chosen",
        "write the change into the file itself, or choose another",
    ),
    "colon-without-space": Entry(
        "error",
        "“{key}”后面的冒号之后缺少空格",
        "the colon after '{key}' needs a space behind it",
        "写成“{key}: …”",
        "write '{key}: …'",
    ),
    "compared-with-none": Entry(
        "error",
        "不能与 None 比较",
        "nothing compares with None",
    ),
    "control-character": Entry(
        "error",
        "含有不可见的控制字符 {character}",
        "control character {character} is not allowed",
        "请删除该字符",
        "delete it",
    ),
    "depth-limit": Entry(
        "error",
        "嵌套太深：超过 {limit} 层",
        "nested too deeply: more than {limit} levels",
    ),
    "different-units": Entry(
        "error",
        "单位不同，不能相加或比较",
        "different units cannot be added or compared",
    ),
    "due-needs-every": Entry(
        "error",
        "写了 due 就要写 every",
        "due needs every",
        "一次性的截止日期用 by",
        "use by for a single date",
    ),
    "duplicate-id": Entry(
        "error",
        "编号“{id}”重复",
        "the id '{id}' is used twice",
    ),
    "duplicate-key": Entry(
        "error",
        "键“{key}”重复",
        "duplicate key '{key}'",
        "同一层里每个键只能出现一次（全角与半角写法视为同一个键）",
        "each key may appear once in its mapping (full-width forms count as the same key)",
    ),
    "empty-document": Entry("error", "文件没有内容", "the document is empty"),
    "empty-expression": Entry(
        "error",
        "表达式是空的",
        "the expression is empty",
    ),
    "ends-before-it-starts": Entry(
        "error",
        "结束日期 {end} 早于开始日期 {start}",
        "the end {end} lies before the start {start}",
    ),
    "every-needs-rate": Entry(
        "error",
        "every: true 只用于比率指标",
        "every: true needs a rate",
    ),
    "expression-syntax": Entry(
        "error",
        "表达式写法有误（{detail}）",
        "the expression cannot be read ({detail})",
    ),
    "expression-too-deep": Entry(
        "error",
        "表达式嵌套太深：超过 {limit} 层",
        "the expression is nested too deeply: more than {limit} levels",
    ),
    "expression-too-large": Entry(
        "error",
        "表达式太大：超过 {limit} 个节点",
        "the expression is too large: more than {limit} nodes",
    ),
    "expression-too-long": Entry(
        "error",
        "表达式太长：{length} 个字符，最多 {limit}",
        "the expression is too long: {length} characters, at most {limit}",
    ),
    "file-not-found": Entry("error", "找不到文件“{path}”", "no such file: {path}"),
    "file-unreadable": Entry("error", "无法读取“{path}”：{reason}", "cannot read {path}: {reason}"),
    "fullwidth-character": Entry(
        "error",
        "这里要用半角字符",
        "a half-width character is wanted here",
    ),
    "fullwidth-colon": Entry(
        "error",
        "“{key}”后面用了全角冒号“：”",
        "'{key}' is followed by a full-width colon",
        "改成英文冒号加空格“{key}: ”；如果它是正文，请给整段文字加英文引号",
        "write '{key}: ' with an ASCII colon and a space; if this is text, put it in quotes",
    ),
    "fullwidth-punctuation": Entry(
        "error",
        "全角标点 {character} 在这里不起作用",
        "full-width {character} means nothing here",
        "改成英文标点 {ascii} ；如果它是正文，请给整段文字加英文引号",
        "write {ascii} instead; if this is text, put it in quotes",
    ),
    "fullwidth-separator": Entry(
        "warning",
        "列表项中有全角逗号“，”，整段被当作一项",
        "full-width comma inside a list item: the whole text is one item",
        "分隔各项请用英文逗号“,”；如果它是正文，请加英文引号",
        "separate items with ','; if this is text, put it in quotes",
    ),
    "keep-or-drop": Entry(
        "error",
        "筛查要么写 keep，要么写 drop",
        "a screen has either keep or drop",
    ),
    "key-not-text": Entry(
        "error",
        "键必须是文字",
        "a key must be text",
        "请给键加英文引号，或检查缩进",
        "put the key in quotes, or check the indentation",
    ),
    "key-too-long": Entry(
        "error",
        "键太长：超过 {limit} 个字符",
        "the key is too long: more than {limit} characters",
    ),
    "key-with-spaces": Entry(
        "error",
        "键的首尾有空格（可能是全角空格）",
        "the key begins or ends with a space, perhaps a full-width one",
        "删除空格；缩进只能用半角空格",
        "remove it; indent with ordinary spaces only",
    ),
    "list-too-long": Entry(
        "error",
        "列表太长：最多 {limit} 项",
        "the list is too long: at most {limit} items",
    ),
    "merge-key": Entry(
        "error",
        "不能使用合并键“<<”",
        "merge keys '<<' are not allowed",
        "直接写出内容",
        "write the content out",
    ),
    "metric-cycle": Entry(
        "error",
        "指标互相引用：{path}",
        "metrics refer to one another: {path}",
    ),
    "missing-colon": Entry(
        "error",
        "这一行缺少英文冒号",
        "this line has no ':'",
        "写成“键: 值”；冒号是英文冒号，后面有一个空格",
        "write 'key: value', with a space after the colon",
    ),
    "missing-key": Entry(
        "error",
        "缺少键“{key}”",
        "the key '{key}' is missing",
    ),
    "multiple-documents": Entry(
        "error",
        "一个文件只能有一个 YAML 文档",
        "a file holds one YAML document only",
        "删除“---”及其后的内容，或另存为一个文件",
        "remove '---' and what follows, or move it to a file of its own",
    ),
    "no-order": Entry(
        "error",
        "这类值没有大小之分",
        "values of this kind have no order",
    ),
    "node-limit": Entry(
        "error",
        "内容太多：超过 {limit} 个节点",
        "too much content: more than {limit} nodes",
    ),
    "not-a-file": Entry("error", "“{path}”不是文件", "{path} is not a file"),
    "not-a-quantity": Entry(
        "error",
        "不是数量",
        "not a quantity",
        "写成 20 个、80 亿元、90%",
        "write 20 个, 80 亿元, 90%",
    ),
    "not-allowed": Entry(
        "error",
        "表达式里不能用：{part}",
        "not allowed in an expression: {part}",
    ),
    "not-comparable": Entry(
        "error",
        "这两者不能相比",
        "these cannot be compared",
    ),
    "not-utf8": Entry(
        "error",
        "文件不是 UTF-8 编码（第 {byte} 个字节）",
        "the file is not UTF-8 (byte {byte})",
        "请在编辑器中另存为 UTF-8",
        "save it as UTF-8 in your editor",
    ),
    "not-with-reported": Entry(
        "error",
        "直接报送的指标不能再筛选",
        "a reported metric takes no filter",
    ),
    "of-needs-rows": Entry(
        "error",
        "“{name}”不是由报送行汇总的，不能再分其中项",
        "'{name}' is not aggregated from rows, so it has no parts",
    ),
    "one-comparison": Entry(
        "error",
        "目标要写且只写一种比较",
        "a target has exactly one comparison",
    ),
    "one-verb": Entry(
        "error",
        "指标要写且只写一种算法",
        "a metric has exactly one verb",
    ),
    "parts-above-whole": Entry(
        "warning",
        "{window} 的上限 {demanded}（{whole}）低于各分段上限之和 {sum}（{parts}），差 {gap}",
        "the limits of the parts ({parts}) sum to {sum}, above the whole's {demanded} for {window} ({whole}) by {gap}",
        "各分段都不超限，全段仍可能超限；请核对文件，两层目标分别评价",
        "all parts may hold while the whole is exceeded; both levels are judged as printed",
    ),
    "parts-below-whole": Entry(
        "warning",
        "{window} 的目标 {demanded}（{whole}）高于各分段目标之和 {sum}（{parts}），差 {gap}",
        "the targets of the parts ({parts}) sum to {sum}, below the whole's {demanded} for {window} ({whole}) by {gap}",
        "各分段都完成，全段仍可能差这么多；请核对文件，两层目标分别评价",
        "all parts may be met and the whole still missed by this much; both levels are judged as printed",
    ),
    "path-matches-nothing": Entry(
        "error",
        "路径没有对应的内容：{path}",
        "the path matches nothing: {path}",
        "路径由键和编号组成，如 targets.YJ-R1-05.for",
        "a path is made of keys and ids, such as targets.YJ-R1-05.for",
    ),
    "phase-outside-period": Entry(
        "warning",
        "阶段“{name}”超出活动期间 {start} 至 {end}",
        "phase '{name}' lies partly outside the period {start} to {end}",
    ),
    "record-dot-field": Entry(
        "error",
        "要写成 表.字段",
        "write it as record.field",
    ),
    "record-without-unit": Entry(
        "error",
        "报送表“{record}”没有责任单位字段，不能按单位考核",
        "record '{record}' has no unit field, so units cannot be judged by it",
    ),
    "reserved-character": Entry(
        "error",
        "这里不能以“{character}”开头",
        "text cannot start with '{character}' here",
        "请给整段文字加英文引号",
        "put the text in quotes",
    ),
    "reserved-name": Entry(
        "error",
        "“{name}”另有用途，请换个名字",
        "'{name}' is reserved; choose another name",
    ),
    "schema": Entry(
        "error",
        "不符合活动文件的格式定义（{rule}）",
        "does not fit the schema of campaign files ({rule})",
    ),
    "stray-bracket": Entry(
        "error",
        "多余的“{bracket}”",
        "unexpected '{bracket}'",
        "删除它，或补上与它配对的括号",
        "remove it, or open the bracket it belongs to",
    ),
    "tab-indentation": Entry(
        "error",
        "缩进用了制表符（Tab）",
        "a tab is used for indentation",
        "请改用空格缩进",
        "indent with spaces",
    ),
    "tag-not-allowed": Entry(
        "error",
        "这里不能使用 YAML 标签“{tag}”",
        "YAML tags are not allowed here: {tag}",
        "删除标签；如果 ! 是正文，请给整段文字加英文引号",
        "remove the tag; if ! is part of the text, put the text in quotes",
    ),
    "text-after-quote": Entry(
        "error",
        "引号关闭之后还有文字",
        "there is text behind the closing quote",
        '引号中的引号：双引号里写 \\"，单引号里写两个单引号；整个值要放在引号里',
        "a quote inside quotes: \\\" in double quotes, '' in single quotes; quote the whole value",
    ),
    "too-many-decimals": Entry(
        "error",
        "小数太多：最多 {limit} 位",
        "too many decimals: at most {limit}",
    ),
    "too-many-decimals-declared": Entry(
        "error",
        "小数位数最多 {limit}",
        "at most {limit} decimals",
    ),
    "too-many-digits": Entry(
        "error",
        "数字太长：超过 {limit} 位",
        "the number has more than {limit} digits",
    ),
    "two-bounds": Entry(
        "error",
        "要写两个数：[低, 高]",
        "write two numbers: [low, high]",
    ),
    "unclosed-bracket": Entry(
        "error",
        "括号“{bracket}”没有正确关闭",
        "'{bracket}' is not closed properly",
        "检查各项之间的英文逗号和结尾的“{closing}”",
        "check the commas between the items and the closing '{closing}'",
    ),
    "unclosed-quote": Entry(
        "error",
        "引号没有关闭",
        "this quote is not closed",
    ),
    "unclosed-text": Entry(
        "error",
        "引号没有配对",
        "a quote is not closed",
    ),
    "unexpected-colon": Entry(
        "error",
        "这里不能再出现“键: 值”",
        "'key: value' is not possible here",
        "如果冒号是正文，请给整段文字加英文引号；否则检查缩进",
        "if the colon is part of the text, put the text in quotes; otherwise check the indentation",
    ),
    "unexpected-content": Entry(
        "error",
        "文档到此已经结束，后面不能再有内容",
        "the document ends above; nothing may follow",
        "检查缩进：最外层各行都要从第一列开始",
        "check the indentation: the outermost lines start in the first column",
    ),
    "unexpected-root": Entry(
        "error",
        "文件最外层的形式不对",
        "the outermost level of the file has the wrong form",
    ),
    "unit-not-wanted": Entry(
        "error",
        "这类字段没有计量单位",
        "a field of this type has no unit of measure",
        "数量字段请写 type: quantity",
        "use type: quantity for a quantity",
    ),
    "unknown-campaign": Entry(
        "error",
        "没有名为“{name}”的活动",
        "there is no campaign named '{name}'",
        "写随附活动的名字，或 YAML 文件的路径",
        "give the name of a shipped campaign, or the path of a YAML file",
    ),
    "unknown-due": Entry(
        "error",
        "看不懂的截止日：{name}",
        "not a due date: {name}",
        "写成 day 15、last day、day 2 of next month、workday 3、friday",
        "write day 15, last day, day 2 of next month, workday 3, friday",
    ),
    "unknown-function": Entry(
        "error",
        "没有这个函数：{name}",
        "unknown function: {name}",
    ),
    "unknown-key": Entry(
        "error",
        "不认识的键“{key}”",
        "unknown key '{key}'",
    ),
    "unknown-name": Entry(
        "error",
        "没有声明过：{name}",
        "not declared: {name}",
    ),
    "unknown-recurrence": Entry(
        "error",
        "不认识的周期：{name}",
        "unknown recurrence: {name}",
    ),
    "unknown-unit": Entry(
        "error",
        "不认识的计量单位：{name}",
        "unknown unit of measure: {name}",
    ),
    "unknown-unit-id": Entry(
        "error",
        "名册里没有这个单位：{name}",
        "no such unit in the roster: {name}",
    ),
    "unknown-window": Entry(
        "error",
        "看不懂的时间窗：{name}",
        "not a window of time: {name}",
        "写成 campaign、阶段名、2023、2023Q1、2023-06、each month",
        "write campaign, a phase, 2023, 2023Q1, 2023-06, each month",
    ),
    "unknown-word": Entry(
        "error",
        "词表 {vocabulary} 里没有“{word}”",
        "vocabulary {vocabulary} has no word '{word}'",
    ),
    "until-needs-level": Entry(
        "error",
        "until 只用于 accumulate: level 的 count、sum、mean",
        "until goes with count, sum or mean and accumulate: level",
    ),
    "value-or-deferred": Entry(
        "error",
        "参数“{name}”要么写 value，要么写 deferred",
        "parameter '{name}' has either a value or deferred",
    ),
    "which-unit-field": Entry(
        "error",
        "有几个单位字段，请用 unit: 指明以哪个为准",
        "several unit fields: name the one that counts with unit:",
    ),
    "wrong-arguments": Entry(
        "error",
        "{name} 的参数个数应为 {least} 到 {most} 个",
        "{name} takes {least} to {most} arguments",
    ),
    "wrong-form": Entry(
        "error",
        "这里的写法不对",
        "not the form wanted here",
    ),
    "wrong-type": Entry(
        "error",
        "类型不对",
        "the type does not fit",
    ),
    "wrong-unit": Entry(
        "error",
        "计量单位不符",
        "the unit of measure does not fit",
    ),
    "yaml-syntax": Entry(
        "error",
        "YAML 语法错误：{problem}",
        "YAML syntax error: {problem}",
    ),
}
