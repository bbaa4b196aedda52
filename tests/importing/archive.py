"""Writes small archives in the sources' own formats, as many files as a test wants."""

from pathlib import Path

SENTENCE = "冬天的碼頭風大得讓人睜不開眼，但只要推開{n}號倉庫的鐵門，濕潤的暖意便迎面而來。"


def dw(number: int, *, epoch: int = 1738045024000, title: str = "", body: str = "", paragraphs: int = 3) -> str:
    """One file of the DW."""
    title = title or f"第{number}號倉庫變身城市農場"
    body = body or "".join(f"<p>{SENTENCE.format(n=f'{number}之{p}')}</p>" for p in range(paragraphs))
    return (
        f"<!--{epoch + number * 60000}-->\n[{title}](https://www.dw.com/zh/x/a-{7000000 + number})\n------\n\n"
        f"<div><i>林小安<br>2025-01-28T05:49:32.108Z</i></div>"
        f'<img src="https://images.weserv.nl/?url=static.dw.com/image/{number % 50}_303.jpg" width="100%">'
        f'<div><small style="color: #999;">第{number}張</small></div>'
        f'<p><span data-type="AUTO_TOPIC">主題{number % 7}</span>與'
        f'<a href="https://www.dw.com/zh/y/a-{7000000 + number // 2}">另一篇</a>有關。</p>{body}'
        "<p><em>© 2025年 德國之聲版權聲明：本文所有內容受到著作權法保護。</em></p>\n"
    )


def write(folder: Path, numbers, **facts) -> Path:
    """An archive of DW files in `folder/articles/dw`."""
    place = folder / "articles" / "dw"
    place.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (place / f"{1000000 - number}.md").write_text(dw(number, **facts), encoding="utf-8")
    return folder
