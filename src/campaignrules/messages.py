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
    "bad-escape": Entry(
        "error",
        "双引号中有无法识别的转义",
        "unknown escape inside double quotes",
        "反斜杠请写成 \\\\，或改用单引号",
        "write a backslash as \\\\, or use single quotes",
    ),
    "bad-indentation": Entry(
        "error",
        "这一行的缩进与上文对不上",
        "this line does not line up with the lines above it",
        "同一层的各行要从同一列开始，下一层多缩进两个空格",
        "entries of one level start in the same column, the next level two spaces deeper",
    ),
    "block-text": Entry(
        "error",
        "“|”和“>”后面不能直接跟文字",
        "nothing may follow '|' or '>' on their line",
        "正文从下一行开始，并且多缩进两个空格",
        "begin the text on the next line, two spaces deeper",
    ),
    "byte-limit": Entry(
        "error",
        "文件太大：超过 {limit} 字节",
        "the file is too large: more than {limit} bytes",
    ),
    "colon-without-space": Entry(
        "error",
        "“{key}”后面的冒号之后缺少空格",
        "the colon after '{key}' needs a space behind it",
        "写成“{key}: …”",
        "write '{key}: …'",
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
    "duplicate-key": Entry(
        "error",
        "键“{key}”重复",
        "duplicate key '{key}'",
        "同一层里每个键只能出现一次（全角与半角写法视为同一个键）",
        "each key may appear once in its mapping (full-width forms count as the same key)",
    ),
    "empty-document": Entry("error", "文件没有内容", "the document is empty"),
    "file-not-found": Entry("error", "找不到文件“{path}”", "no such file: {path}"),
    "file-unreadable": Entry("error", "无法读取“{path}”：{reason}", "cannot read {path}: {reason}"),
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
    "merge-key": Entry(
        "error",
        "不能使用合并键“<<”",
        "merge keys '<<' are not allowed",
        "直接写出内容",
        "write the content out",
    ),
    "missing-colon": Entry(
        "error",
        "这一行缺少英文冒号",
        "this line has no ':'",
        "写成“键: 值”；冒号是英文冒号，后面有一个空格",
        "write 'key: value', with a space after the colon",
    ),
    "multiple-documents": Entry(
        "error",
        "一个文件只能有一个 YAML 文档",
        "a file holds one YAML document only",
        "删除“---”及其后的内容，或另存为一个文件",
        "remove '---' and what follows, or move it to a file of its own",
    ),
    "node-limit": Entry(
        "error",
        "内容太多：超过 {limit} 个节点",
        "too much content: more than {limit} nodes",
    ),
    "not-a-file": Entry("error", "“{path}”不是文件", "{path} is not a file"),
    "not-utf8": Entry(
        "error",
        "文件不是 UTF-8 编码（第 {byte} 个字节）",
        "the file is not UTF-8 (byte {byte})",
        "请在编辑器中另存为 UTF-8",
        "save it as UTF-8 in your editor",
    ),
    "reserved-character": Entry(
        "error",
        "这里不能以“{character}”开头",
        "text cannot start with '{character}' here",
        "请给整段文字加英文引号",
        "put the text in quotes",
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
    "yaml-syntax": Entry(
        "error",
        "YAML 语法错误：{problem}",
        "YAML syntax error: {problem}",
    ),
}
