"""Writes small archives in the sources' own formats, as many files as a test wants."""

import random
from pathlib import Path

import PIL.Image

SENTENCE = "冬天的碼頭風大得讓人睜不開眼，但只要推開{n}號倉庫的鐵門，濕潤的暖意便迎面而來。"


def dw(
    number: int, *, epoch: int = 1738045024000, title: str = "", body: str = "", paragraphs: int = 3, url: str = ""
) -> str:
    """One file of the DW."""
    url = url or f"https://www.dw.com/zh/x/a-{7000000 + number}"
    title = title or f"第{number}號倉庫變身城市農場"
    body = body or "".join(f"<p>{SENTENCE.format(n=f'{number}之{p}')}</p>" for p in range(paragraphs))
    return (
        f"<!--{epoch + number * 60000}-->\n[{title}]({url})\n------\n\n"
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


def paragraphs(number: int) -> str:
    """A body whose wording no other has, but that of each tenth and the one after it, which share two thirds."""
    twin = number - 1 if number % 10 == 1 else number
    words = [
        random.Random(seed).choices(range(0x4E00, 0x5E00), k=60) for seed in (3 * twin, 3 * twin + 1, 3 * number + 2)
    ]
    return "".join(f"<p>{''.join(map(chr, line))}。</p>" for line in words)


def write_all(folder: Path, number: int) -> Path:
    """An archive of `number` articles with two versions of some, copies, equal and much alike texts, stubs and faults,
    and a mirror of some pictures.
    """
    root = folder
    first, second = root / "articles" / "dw", root / "articles" / "rfa"
    first.mkdir(parents=True)
    second.mkdir()
    for each in range(number):
        (first / f"{1000000 - each}.md").write_text(dw(each, body=paragraphs(each)), "utf-8")
    for each in range(0, number, 9):
        newer = dw(each, epoch=1738990000000, title=f"新題{each}", body=paragraphs(each))
        (second / f"{each}.md").write_text(newer, "utf-8")
    for each in range(0, number, 40):
        (second / f"copy{each}.md").write_bytes((first / f"{1000000 - each}.md").read_bytes())
        (second / f"same{each}.md").write_text(dw(490000 + each, body=paragraphs(each)), "utf-8")
        (second / f"bad{each}.md").write_text("no header", "utf-8")
    for each in range(0, 50, 3):
        place = root / "images/static.dw.com/image" / f"{each}_303.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("RGB", (32, 18), (each, 0, 0)).save(place)
    return root
