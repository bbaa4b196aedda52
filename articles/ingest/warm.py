"""Imported by the process that readers are forked from: every table is made once, before the first file."""

from articles.ingest.batch import Job, read_jobs

SAMPLE = (
    "<!--1738045024000-->\n[瓦倫港](https://www.dw.com/zh/a-1)\n------\n\n"
    '<p><strong>標題</strong></p><p><a href="https://example.org/">舊倉庫</a>變身城市農場。</p>'
)

read_jobs([Job("dw/1.md", "dw/1.md", SAMPLE.encode(), "")])
