"""What the verifier says, in English and in Chinese."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "bad-leaf": ("what is said of its leaf cannot be read", "所述日志叶节点无法读取"),
    "bad-line": ("a line cannot be read", "有一行无法读取"),
    "bad-name": ("no file of a bundle has such a name", "证据包中不应有此名称的文件"),
    "bad-signature": (
        "a signature on it was not made by the key that it names",
        "签名不是由其所称的密钥作出的",
    ),
    "backwards": (
        "it took effect before the move before it",
        "其生效时间早于前一次状态变更",
    ),
    "bomb": ("it would unpack to far more than any bundle holds", "解压后体积异常，疑为压缩炸弹"),
    "edges": ("it leaves a state in which it was not", "其起始状态与当时所处状态不符"),
    "elsewhere": ("it is of another cycle or instance", "不属于本周期或本事项"),
    "file-missing": ("a file of evidence that it speaks of is missing", "所登记的佐证材料文件缺失"),
    "gap": ("its number is not the one that follows", "序号不连续"),
    "half-a-move": ("it is no move, and yet names an edge", "并非状态变更，却载有变更要素"),
    "inconsistent": (
        "the log was rewritten: it does not begin with the checkpoint before",
        "日志被改写：与前一检查点不衔接",
    ),
    "key-signed-nothing": (
        "this key signed no checkpoint of the bundle",
        "该密钥未签署本证据包中的任何检查点",
    ),
    "known-later": (
        "it was recorded after the moment up to which the bundle is said to be",
        "其录入时间晚于证据包所称的截止时间",
    ),
    "leaf-beyond": ("a leaf lies beyond the end of the log", "叶节点超出日志末尾"),
    "long-line": ("a line is far too long", "有一行过长"),
    "missing": ("the file is missing", "文件缺失"),
    "missing-line": ("a line is missing", "缺少一行"),
    "newer-note": (
        "this checkpoint is later than the bundle; ask for a newer bundle",
        "该检查点晚于本证据包，请索取更新的证据包",
    ),
    "no-edge": ("its machine has no such move", "其流程中没有这一变更"),
    "no-end-of-line": ("the last line has no end", "末行不完整"),
    "no-file": ("it is no ordinary file", "不是普通文件"),
    "no-names": ("these are no names of persons", "不是人员名单"),
    "no-opening": (
        "it does not begin with an opening under a machine",
        "历史不以立项开始，或无其流程",
    ),
    "no-such-state": ("its machine has no such state", "其流程中没有这一状态"),
    "no-zip": ("this is no zip, or not a whole one", "不是完整的 zip 文件"),
    "nobody-signed": ("no key of this log signed it", "未经本日志任何密钥签署"),
    "not-a-hash": ("this is no hash", "不是哈希值"),
    "not-a-key": ("this is no key", "不是密钥"),
    "not-a-list": ("this should be a list", "应为列表"),
    "not-a-machine": ("this is no definition of a machine", "不是流程定义"),
    "not-a-note": ("this is no checkpoint", "不是检查点"),
    "not-a-notice": ("this is no notice", "不是通知记录"),
    "not-a-stamp": ("this is no time stamp", "不是时间戳"),
    "not-an-event": ("this is no event", "不是事件"),
    "not-canonical": ("it is not written in the one canonical form", "未按规范形式书写"),
    "not-json": ("it cannot be read", "无法读取"),
    "not-listed": ("the file is not listed", "文件不在清单之列"),
    "not-spoken-of": ("no event speaks of this file", "没有事件登记过该文件"),
    "note-not-covered": (
        "the bundle has no proof for this checkpoint; have it made with --checkpoint",
        "证据包未含该检查点的证明，请以 --checkpoint 重新导出",
    ),
    "not-whole": (
        "some events are not proven: they were not sealed when the bundle was made",
        "部分事件未获证明：导出时尚未封存",
    ),
    "notice-elsewhere": (
        "it is about no event of this bundle",
        "所涉事件不在本证据包中",
    ),
    "notice-order": (
        "notices do not stand in the order of the log",
        "通知记录未按日志顺序排列",
    ),
    "nothing-sealed": (
        "nothing was sealed when the bundle was made; nothing proves it",
        "导出时尚未封存，没有任何证明",
    ),
    "number-order": (
        "the numbers of events do not follow the order in which they were sealed",
        "事件编号与封存顺序不符",
    ),
    "odd-zip": ("it is packed in a way that no bundle is", "压缩方式异常"),
    "opened-twice": ("it is opened for the second time", "重复立项"),
    "other-edition": ("it is a move of another edition", "属于另一流程版本的变更"),
    "other-end": (
        "its history does not end as the manifest says",
        "历史的末尾与清单所载不符",
    ),
    "other-format": ("this verifier does not know the format", "本验证程序不识别该格式"),
    "other-log": (
        "the checkpoint from outside has another root: the log was rewritten, or is another",
        "与外部留存的检查点不一致：日志被改写，或并非同一日志",
    ),
    "other-person": (
        "this is not the person for whom the hash stands",
        "哈希值所代表的并非此人",
    ),
    "other-text": ("the text is not the one that was sealed", "文字内容与封存时不符"),
    "proof-empty": ("nothing was sealed that could be proven", "没有可证明的封存内容"),
    "proof-length": ("the proof has too few hashes or too many", "证明所含哈希值数目不符"),
    "removed-unsaid": (
        "a text is gone, and no event says that it was removed by law",
        "文字内容缺失，且没有依法删除的记载",
    ),
    "sealed-after-unsealed": (
        "it is sealed, and what came before it is not",
        "其已封存，而此前的事件未封存",
    ),
    "sent-unasked": (
        "it was sent about an event that nobody had to tell to that recipient",
        "所发内容并非应告知该收件人的事件",
    ),
    "stamp-of-another": (
        "it is of something else than a checkpoint of this bundle",
        "时间戳所对应的并非本证据包的检查点",
    ),
    "stamp-signature": (
        "its signature is not of an authority below the certificates that you trust",
        "时间戳签名并非出自您所信任证书之下的机构",
    ),
    "text-missing": ("a text that was sealed is missing", "已封存的文字内容缺失"),
    "too-large": ("the file is far too large", "文件过大"),
    "too-many": ("there is more than should be", "数目超出应有"),
    "twice": ("the file is there twice", "文件重复"),
    "two-leaves": ("two claim the same leaf", "两项内容对应同一叶节点"),
    "unknown-hash": ("this hash function is not known", "不识别该哈希算法"),
    "unlisted-person": (
        "it was done by somebody who is not listed in persons.json",
        "行为人不在 persons.json 之列",
    ),
    "unknown-key": (
        "the checkpoint from outside is signed by a key that this log does not have",
        "外部检查点由本日志没有的密钥签署",
    ),
    "unreadable": ("it cannot be read", "无法读取"),
    "unsigned": (
        "nobody signed this log; hold a checkpoint from outside against it with --checkpoint",
        "日志未经签署；请用 --checkpoint 与外部留存的检查点核对",
    ),
    "wrong-counts": ("it does not count what is there", "所载数目与实际不符"),
    "wrong-edition": ("its content is not that of its edition", "内容与版本标识不符"),
    "wrong-hash": ("the file is not the one that is listed", "文件与清单所列不符"),
    "wrong-members": ("it should have exactly these parts", "组成部分不符"),
    "wrong-root": (
        "the bundle does not lead to the signed root: an event was changed, put in, or exchanged",
        "证据包内容推不出已签署的根值：有事件被改动、插入或调换",
    ),
    "wrong-size": ("the file is not as long as declared", "文件长度与声明不符"),
}
"""Code of `Bad` → what it says."""

TRANSLATED: dict[str, str] = {
    "BAD": "不通过",
    "GOOD": "通过",
    "GOOD, IN PART": "部分通过",
    "Nothing after this was looked at.": "发现后即停止，其余未再检查。",
    "{events} events of {instances} histories; every number follows, every move is an edge.": (
        "{instances} 个历史、{events} 个事件；序号连续，状态变更均合流程。"
    ),
    "{editions} of the machines, plans and calendars are those that the log sealed.": (
        "流程、方案、工作日历中有 {editions} 项与日志封存内容一致。"
    ),
    "{proven} events are, byte for byte, what the log sealed.": (
        "{proven} 个事件与日志封存内容逐字节一致。"
    ),
    "Of {persons} persons {named} are named, each proven by the salt beside the name.": (
        "所涉 {persons} 人中已实名 {named} 人，均凭所附盐值核实。"
    ),
    "The log holds a salted hash of each person; who they are is not said, nor needed for the "
    "proof (--names FILE).": (
        "日志中的人员为加盐哈希值；未实名，且不影响证明（如需核对姓名：--names FILE）。"
    ),
    "NOT PROVEN: {unsealed} of {events} events. They were not sealed when the bundle was made, "
    "and may have been changed since; all others are proven.": (
        "未获证明：{events} 个事件中的 {unsealed} 个。导出时尚未封存，其后可能被改动；"
        "其余均已证明。"
    ),
    "{texts} texts are those that were sealed; {removed} were removed by law.": (
        "{texts} 项文字内容与封存时一致；{removed} 项已依法删除。"
    ),
    "{told} times somebody was to be told of an event; {sent} notices were sent.": (
        "应告知 {told} 人次；已发送通知 {sent} 份。"
    ),
    "{evidence} files of evidence are what was handed in; {left_out} are not in the bundle.": (
        "{evidence} 个佐证材料文件与提交时一致；{left_out} 个未收入证据包。"
    ),
    "{count} checkpoints, each the beginning of the next; the last has {size} leaves.": (
        "{count} 个检查点，前后衔接；末一个含 {size} 个叶节点。"
    ),
    "Signed by {name}, key {id}: compare it with what you hold.": (
        "由 {name} 签署，密钥 {id}：请与您所持的核对。"
    ),
    "Time stamp of {authority}: it saw checkpoint {size} at {moment}.": (
        "时间戳机构 {authority}：检查点 {size} 于 {moment} 已存在。"
    ),
    "The signatures of all {stamps} time stamps were checked by openssl, below {trust}.": (
        "全部 {stamps} 个时间戳的签名已由 openssl 按 {trust} 核对。"
    ),
    "NOT PROVEN: who made the {stamps} time stamps. Only that they are of these checkpoints was "
    "checked; for their signatures give certificates that you trust (--trust FILE) where openssl "
    "is installed.": (
        "未获证明：{stamps} 个时间戳由谁签发。仅核对了其对应的检查点；核对签名须在装有 openssl "
        "的电脑上提供您所信任的证书（--trust FILE）。"
    ),
    "Nobody signed the log.": "日志未经签署。",
    "The checkpoint from outside, of {size} leaves, is of the same log.": (
        "外部留存的检查点（{size} 个叶节点）属于同一日志。"
    ),
    "The key from outside vouches for the first {size} leaves.": (
        "外部密钥为前 {size} 个叶节点作保。"
    ),
    "No checkpoint and no key from outside was given (--checkpoint FILE, --key KEY): this shows "
    "that the bundle agrees with itself, not who made it, nor that a later one is not shorter.": (
        "未提供外部检查点或密钥（--checkpoint FILE、--key KEY）：仅表明证据包自身一致，"
        "不能表明由谁制作，也不能表明末尾无删减。"
    ),
    "It is of what had been sealed by {known_at}; what was recorded later is left out on "
    "purpose.": "内容为截至 {known_at} 已封存的信息，其后录入的有意未收。",
    "Its report tells how things stood at {as_of}.": "报告反映 {as_of} 的情况。",
    "This is a TRIAL: its clock was set by hand.": "本件为试运行数据，时钟由人工设定。",
}


def sentence(code: str, chinese: bool) -> str:
    """Return what a code of `Bad` says."""
    return SENTENCES.get(code, (code, code))[chinese]


def said(text: str, chinese: bool, **values: object) -> str:
    """Return a line of the summary."""
    return (TRANSLATED[text] if chinese else text).format(**values)
