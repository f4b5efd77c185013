"""How a report looks, on the screen and on paper."""

from __future__ import annotations

STYLE = """\
@page{size:A4;margin:18mm;@bottom-center{content:counter(page) " / " counter(pages);
font-size:8.5pt;color:#444}}
*{box-sizing:border-box}
body{font:10.5pt/1.5 "Noto Serif CJK SC","Songti SC",SimSun,Georgia,serif;color:#111;
max-width:200mm;margin:2em auto;padding:0 1em}
h1{font-size:18pt;text-align:center;margin:0 0 .2em}
h2{font-size:13pt;border-bottom:1px solid #111;margin:1.8em 0 .5em;break-after:avoid}
h3{font-size:11pt;margin:1.4em 0 .3em;break-after:avoid}
h3 code{font-weight:normal}
p.sub{text-align:center;margin:0 0 1.5em;color:#444}
table{border-collapse:collapse;width:100%;font-size:9pt}
th,td{border:1px solid #999;padding:.25em .45em;text-align:left;vertical-align:top;
overflow-wrap:break-word}
td:last-child{overflow-wrap:anywhere}
th{background:#eee;white-space:nowrap}
thead{display:table-header-group}
tr{break-inside:avoid}
td.n{text-align:right;white-space:nowrap}
td.t,td.s{white-space:nowrap}
td.k{font-size:8.5pt;min-width:6em}
tr.forced td{background:#fbe3e3}
tr.gone td{background:#eee}
.mark{font-weight:bold}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #999;padding:.6em;font-size:8.5pt}
p.note{color:#444}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em;margin:0}
dt{color:#444}dd{margin:0}
.trial{border:2px solid #b00;color:#b00;text-align:center;padding:.3em;font-weight:bold}
@media print{body{margin:0;max-width:none;padding:0}th,tr.forced td,tr.gone td{
print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
