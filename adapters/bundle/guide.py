"""The text in a bundle that says how to verify it, for whoever was only handed the file."""

from __future__ import annotations

GUIDE = """\
duban 证据包                                           duban evidence bundle

一、怎样验证
  1. 不必安装任何软件，只需 Python 3.9 以上版本：
         unzip -p BUNDLE.zip verify.py > verify.py
         python3 verify.py BUNDLE.zip
     全部证明返回 0；不通过返回 3，并指出第一处问题；部分事件尚未封存返回 4。
  2. 若您另行留存过检查点（邮件、公告、纪要中的“signed note”），请一并核对：
         python3 verify.py BUNDLE.zip --checkpoint 检查点文件
     只有这样才能发现整本日志被重做。
  3. 验证程序亦可从您信任的渠道取得，不必使用包内的这一份。

二、内容
  report.zh.html     可阅读、可打印的报告（仅供阅读，以下列文件为准）
  events.jsonl       事件，RFC 8785 规范形式，每行一个
  leaves.jsonl       每个事件在日志中的位置
  notices.jsonl      每个事件告知了谁、何时发出通知
  texts.jsonl        文字内容及其盐值；已依法删除的注明出处
  log.json           检查点、签名、一致性证明和包含证明（RFC 9162）
  machines/ plans/ calendars/   流程、方案、工作日历
  persons.json       人员：编号与加盐哈希值；实名的证据包另附姓名和盐值
  evidence/          佐证材料，以 SHA-256 命名；请勿直接打开来历不明的文件
  SHA256SUMS         以上各文件的校验值，也可用 sha256sum -c 核对

How to verify
  1. Nothing has to be installed but Python 3.9 or newer:
         unzip -p BUNDLE.zip verify.py > verify.py
         python3 verify.py BUNDLE.zip
     It ends with 0 when all is proven, with 3 naming the first thing that is wrong,
     with 4 when some events had not been sealed.
  2. If you hold a checkpoint from elsewhere (a mail, a notice, minutes), hold it against this:
         python3 verify.py BUNDLE.zip --checkpoint FILE
     Nothing else shows that a whole log was made anew.
  3. You may take the verifier from a source that you trust instead of this file.

What is in it
  report.en.html     a report to read and print; for reading only, the files below are what counts
  events.jsonl       the events, canonical JSON (RFC 8785), one a line
  leaves.jsonl       where each event stands in the log
  notices.jsonl      whom each event was told to, and when notices were sent
  texts.jsonl        free text with its salts; what was removed by law says by which event
  log.json           checkpoints, signatures, consistency and inclusion proofs (RFC 9162)
  machines/ plans/ calendars/   the machines, the plan and the working calendars
  persons.json       persons: number and salted hash; names and salts where they were asked for
  evidence/          files that were handed in, named by their SHA-256; open none that you distrust
  SHA256SUMS         the sum of every file above, also for: sha256sum -c
"""
