"""A small newsroom with an article that must go, shown wherever an article can be shown; and all its outlets."""

import contextlib
import io
import json
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from articles import images, likeness, search
from articles.curation import duplicates
from articles.images.looks import are_near, look_of
from articles.models import (
    Article,
    Image,
    Story,
    StoryArticle,
    TakeDown,
    preview_address,
)
from articles.models.front import Breaking, Pin, Plan
from tests import makers
from tests.faulty_server import picture
from tests.importing import archive

TITLE = "琥珀渡船停航之謎"
WORDS = "無人知曉的渡船在霧中燒成琥珀"
CAPTION = "霧裏最後一張船票"
NOTE = "船票的日期寫錯了"
STANDFIRST = "渡船為何不再靠岸"
PARAGRAPHS = (
    f"{WORDS}，守夜人說他聽見鐘聲從水底傳來，碼頭的燈一盞接一盞熄滅。",
    "調查人員翻遍航行日誌，只找到三頁被撕去的紙，墨跡指向上游一座早已廢棄的鹽倉。",
    "鎮上的老人回憶，那年冬天河面結了薄冰，船長卻堅持開船，載著十二箱沒有標籤的貨物。",
    "檔案館至今不肯公開那份名單，理由是原件受潮，複製本又在搬遷途中遺失了。",
)
SECRET = 7000009  # the number in the address of the article that must go
PICTURE_PATH = "image/9_303.jpg"


@dataclass
class Place:
    """The newsroom: its secret article, its picture, and those that lead there."""

    folder: Path
    article: Article
    image: Image
    linking: Article
    merged: Article
    chiefs: list
    secrets: dict[str, str]
    look: str
    previews: list[str] = field(default_factory=list)


def body(paragraphs=PARAGRAPHS) -> str:
    return f"<p><b>{STANDFIRST}</b></p>" + "".join(f"<p>{words}</p>" for words in paragraphs)


def write_secret(
    folder: Path, *, number: int = SECRET, paragraphs=PARAGRAPHS, title=TITLE, epoch=1738045024000
) -> Path:
    """The file of the secret article, as its source would send it (again)."""
    path = folder / "articles" / "dw" / f"{number}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = archive.dw(number - 7000000, title=title, body=body(paragraphs), epoch=epoch)
    path.write_text(text.replace("第9張", CAPTION), encoding="utf-8")
    return path


def imported(folder: Path, *options: str) -> dict:
    """The report of an import of a folder."""
    report = folder / "report.json"
    told = ("--publish", "--report", str(report), "--jobs", "1")
    with contextlib.suppress(SystemExit):  # with a status: some file was refused
        call_command("import_articles", str(folder / "articles"), *told, *options, verbosity=0)
    return json.loads(report.read_text(encoding="utf-8"))


def member(name: str, role: str):
    """A person with a role."""
    person = makers.UserMaker(username=name)
    person.groups.add(Group.objects.get(name=role))
    return person


def furnish(folder: Path) -> Place:
    """Import, illustrate, link, merge, pin, annotate: the secret article stands wherever an article can stand."""
    cache.clear()
    archive.write(folder, [1, 2, 18])
    write_secret(folder, epoch=1738045024000)
    for number in (1, 2, 9, 18):
        mirror = folder / "pictures" / "static.dw.com" / f"image/{number}_303.jpg"
        mirror.parent.mkdir(parents=True, exist_ok=True)
        mirror.write_bytes(picture(f"/{number}", size=(800, 600)))
    imported(folder, "--images", str(folder / "pictures"))
    write_secret(folder, paragraphs=(*PARAGRAPHS, "更正：鹽倉在下游。"), epoch=1738845024000)  # a later version
    imported(folder, "--images", str(folder / "pictures"))
    article = Article.objects.get(address_key__contains=str(SECRET))
    image = Image.objects.get(origin_url__endswith=PICTURE_PATH)
    Article.objects.filter(pk=article.pk).update(lead_image=image)
    linking = Article.objects.get(address_key__contains=str(7000018))
    chiefs = [member("chief-1", "chief"), member("chief-2", "chief")]
    boss = makers.UserMaker(username="boss", is_superuser=True)
    makers.CorrectionMaker(article=article, text=NOTE)
    merged = makers.ArticleMaker(source=article.source, title=f"{TITLE}（轉載）", text=article.text, status="published")
    search.index([merged.pk])
    likeness.note([merged.pk])
    duplicates.merge_articles(merged, article, boss)
    story = Story.objects.create(title=TITLE, slug="琥珀渡船停航之謎-2025-01-28", state="confirmed", language="zh-Hant")
    for one in (article, linking):
        StoryArticle.objects.create(story=story, article=one, state="in")
    pin(boss, Plan(lead=Pin(article.pk), breaking=Breaking(f"突發：{TITLE}", article.pk)))
    article.refresh_from_db()
    image.refresh_from_db()
    secrets, [look] = secrets_of(article, image), images.looks_of([image])
    return Place(folder, article, image, linking, merged, chiefs, secrets, look)


def pin(boss, plan: Plan) -> None:
    makers.FrontPageMaker(plan=plan.written(), went_live_at=timezone.now(), changed_by=boss)


def secrets_of(article: Article, image: Image) -> dict[str, str]:
    """What must be found nowhere: words in both scripts, the picture's names, the source's addresses."""
    return {
        "title": "琥珀渡船",
        "title, simplified": "琥珀渡船停航之谜",
        "words": WORDS,
        "words, simplified": "无人知晓的渡船",
        "caption": CAPTION,
        "note": NOTE,
        "picture": image.sha256[2:32],
        "picture's origin": PICTURE_PATH,
        "page": f"/a/{article.pk}/",
    }


class Outlets:
    """Everything that anybody can ask for without signing in, and every export."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.client = Client()
        self.answers: dict[str, tuple[int, str]] = {}

    def crawl(self, known=(), most: int = 400) -> "Outlets":
        """Ask every address there is a name for, those that were `known` before, and whatever is linked from there on
        this site; and write every export.
        """
        self.answers |= {f"export: {kind}": (200, text) for kind, text in self.exported().items()}
        asked = [address for address in known if address.startswith("/")]
        waiting = list(dict.fromkeys([*self.named(), *asked, "/"]))
        seen = set(waiting)
        while waiting:
            address = waiting.pop(0)
            answer = self.client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = content.decode("utf-8", "replace")
            headers = " ".join(f"{name}: {unquote(value)}" for name, value in answer.headers.items())
            self.answers[address] = (answer.status_code, f"{headers}\n{unquote(unescape(text))}\n{_unescaped(text)}")
            found = [answer.headers.get("Location", "")] if answer.status_code in (301, 302) else []
            if address.startswith("/static/"):
                continue
            for link in (*found, *self.links(text)):
                path = self.own(urljoin(f"{settings.SITE_URL}{address}", link))
                if path and path not in seen and not ENDLESS.match(path):
                    seen.add(path)
                    waiting.append(path)
            assert len(self.answers) <= most, f"the crawl does not end: {sorted(self.answers)[::10]}"
        return self

    @staticmethod
    def links(text: str) -> list[str]:
        found = re.findall(r"""(?:href|src|content|url)=["']([^"'<>]+)["']""", text)
        found += [part.split()[0] for whole in re.findall(r'srcset="([^"]+)"', text) for part in whole.split(", ")]
        found += re.findall(r"<(?:loc|link|id)>([^<]+)<", text)
        found += re.findall(r'"(https?://[^"\\]+|/media/[^"\\]+)"', text)
        links = map(unescape, found)
        return [link for link in links if link.startswith(("/", "?", "http")) and not re.search(r"\s", link)]

    @staticmethod
    def own(address: str) -> str:
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != settings.SITE_URL or not parts.path:
            return ""
        if parts.path.startswith(("/admin", "/static/")):
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def named(self) -> list[str]:
        """An address of every public pattern, about the secret article where one can be."""
        article = self.place.article
        day = article.published_on
        values = {
            "number": article.pk,
            "year": f"{day:%Y}",
            "month": f"{day:%m}",
            "day": f"{day:%d}",
            "token": "",
            "path": self.place.image.file.name or "a.jpg",
        }
        if not self.place.previews:  # signed with the second they were made in
            self.place.previews = [preview_address(article.pk), preview_address(self.place.merged.pk)]
        values["token"] = self.place.previews[0].rstrip("/").rsplit("/", 1)[-1]
        slugs = {
            "source": article.source.slug,
            "tag": article.tags.order_by("pk").first().slug,
            "story": Story.objects.get().slug,
            "a": article.slug,
        }
        addresses = []
        for pattern in _patterns():
            slug = slugs.get(pattern.split("/")[0], "x")
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda m, s=slug: str({**values, "slug": s}[m[1]]), pattern)
            addresses.append("/" + quote(filled, safe="/.-"))
        words = quote(TITLE)
        page = quote(f"{settings.SITE_URL}/a/{article.pk}/", safe="")
        return [
            *addresses,
            *(f"/search/{kind}?q={words}" for kind in ("", "feed.xml", "rss.xml", "feed.json")),
            f"/search.json?q={words}",
            f"/search/?q={quote('琥珀渡傳')}",  # mistyped: guesses come from titles
            "/search.json?q=source:dw",
            f"/oembed?url={page}",
            f"/a/{article.pk}.json",
            f"/a/{self.place.merged.pk}/",
            f"/zh-hans{reverse('article', args=[article.pk, article.slug])}",
            *self.place.previews,
            f"/on-this-day/{day:%m-%d}/",
            default_storage.url(self.place.image.file.name) if self.place.image.file else "/media/images/x.jpg",
        ]

    def exported(self) -> dict[str, str]:
        """What every export says, by format."""
        told = {}
        for name, options in {"lines": {}, "all lines": {"all": True}}.items():
            out = io.StringIO()
            call_command("export_articles", stdout=out, **options)
            told[name] = out.getvalue()
        folder = self.place.folder / f"out-{len(list(self.place.folder.iterdir()))}"
        call_command("export_articles", str(folder), format="original", stdout=io.StringIO(), stderr=io.StringIO())
        told["originals"] = "".join(one.read_text("utf-8") for one in sorted(folder.rglob("*.md")))
        for kind in ("epub", "site"):
            file = folder.with_suffix(f".{kind}")
            call_command("export_articles", str(file), format=kind, all=True, stdout=io.StringIO())
            with zipfile.ZipFile(file) as whole:
                told[kind] = "\n".join(self._told_by(name, whole.read(name)) for name in whole.namelist())
        return told

    def _told_by(self, name: str, content: bytes) -> str:
        """A file of an export; a picture that looks like the secret one counts as one that bears its name."""
        if are_near(look_of(content), self.place.look):
            return f"{name}: {self.place.secrets['picture']}"
        return f"{name}\n{content.decode('utf-8', 'replace')}"

    def told(self) -> dict[str, set[str]]:
        """Outlets by the secret that they tell; but for those that only say again what they were asked."""
        told = {}
        for name, secret in self.place.secrets.items():
            echoes = ECHOES if name.startswith("title") else ()
            found = {outlet for outlet in self.answers if secret in self._said_by(outlet)}
            told[name] = found.difference(echoes)
        return told

    def _said_by(self, outlet: str) -> str:
        """What an outlet says; a page that is not there says its own address, which whoever asked knew."""
        status, text = self.answers[outlet]
        return text.replace(re.sub("^/zh-han[st]/", "/", unquote(outlet)), "") if status == 404 else text

    def statuses(self) -> dict[str, int]:
        """What each outlet answers with."""
        return {outlet: status for outlet, (status, _) in self.answers.items()}


def _unescaped(text: str) -> str:
    """JSON may write Chinese as \\u escapes."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text) if "\\u" in text else ""


def _patterns(resolver=None, before="") -> list[str]:
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = before + str(pattern.pattern)
        if whole.startswith("admin/"):
            continue
        found += _patterns(pattern, whole) if hasattr(pattern, "url_patterns") else [whole]
    return list(dict.fromkeys(found))


def demand(**facts) -> TakeDown:
    """A demand that is not filed yet."""
    known = {
        "scope": TakeDown.Scope.ARTICLE,
        "basis": TakeDown.Basis.COURT,
        "requester_kind": TakeDown.Requester.COURT,
        "requester": "Landgericht Nirgendwo",
        "reason": "Az. 7 O 12/25",
        "begins_at": timezone.now(),
    }
    return TakeDown(**known | facts)


def originals_of(article: Article) -> list[bytes]:
    return [zlib.decompress(bytes(one.bytes)) for one in article.originals.order_by("pk")]


# The same again in other sizes, scripts and narrowings: one of each is asked.
ENDLESS = re.compile(
    r"/media/renditions/(?!.*whole-640\.jpg)|/zh-hant/|/zh-hans/(?!a/|search/\?q=|story/|$)|/search/[\w.]*\?.*&|/favicon|/on-this-day/\d"
)
# A search says again what was searched for: the secret title, and its beginning, which was offered to who mistyped it.
ECHOES = {
    f"{place}?q={quote(words)}{more}"
    for place in ("/search/", "/zh-hans/search/", "/search/feed.xml", "/search/rss.xml", "/search/feed.json")
    for words in (TITLE, "琥珀渡船")
    for more in ("", "&order=newest")
}
