"""What has come in goes out again."""

import datetime
import hashlib
import importlib
import io
import json
import zlib

import pytest
from django.core.management import CommandError, call_command

from articles import exporting
from articles.models import Article, Image
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, OriginalMaker, SourceMaker

pytestmark = pytest.mark.django_db
MOMENT = datetime.datetime(2025, 1, 28, 6, 17, 4, tzinfo=datetime.UTC)


def whole_article():
    article = ArticleMaker(
        source=SourceMaker(slug="dw"),
        title="標題",
        title_raw="標題 - DW",
        source_url="http://news.example/a-1?utm_source=x",
        canonical_url="https://news.example/a-1",
        published_at=MOMENT,
        dateline_at=MOMENT.replace(minute=2, microsecond=108000),
        standfirst="導語",
        embeds=[{"url": "https://vimeo.com/1", "provider": "Vimeo", "title": "", "poster": ""}],
        links=["https://elsewhere.example/"],
        warnings=["teaser"],
    )
    image = ImageMaker(
        origin_url="https://p.example/1.jpg",
        state=Image.State.STORED,
        file="ab/1.jpg",
        width=3,
        height=2,
        alt="船",
        credit="路透社",
    )
    ArticleImageMaker(article=article, image=ImageMaker(origin_url="https://p.example/2.jpg"), position=2, credit="我")
    ArticleImageMaker(article=article, image=image, position=1, caption="說明", credit="")
    OriginalMaker(article=article, path="articles/dw/2.md", sha256="f" * 64, newest=False)
    OriginalMaker(article=article, path="articles/dw/1.md", sha256="e" * 64)
    article.tags.add("AI")
    article.tags.add("城市農場")
    return article


def lines(**options):
    out = io.StringIO()
    call_command("export_articles", stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_name_that_was_made_of_the_text_is_not_given_out_as_the_sources_title_until_an_editor_says_so():
    article = ArticleMaker(title="冬天的碼頭", title_raw="", warnings=["untitled"])
    assert [line["title"] for line in lines(all=True)] == [""]
    article.edited_at = MOMENT
    article.save()
    assert [line["title"] for line in lines(all=True)] == ["冬天的碼頭"]


def test_a_record_has_every_fact_in_the_order_of_the_contract(client):
    article = whole_article()
    wanted = {
        "id": article.pk,
        "path": "articles/dw/1.md",
        "status": "published",
        "title": "標題",
        "title_raw": "標題 - DW",
        "url": "http://news.example/a-1?utm_source=x",
        "canonical_url": "https://news.example/a-1",
        "source": "dw",
        "byline": "林小安",
        "published": "2025-01-28T06:17:04Z",
        "published_precision": "second",
        "published_from": "epoch",
        "dateline": "2025-01-28T06:02:04.108000Z",
        "language": "zh-Hant",
        "script": "hant",
        "tags": ["AI", "城市農場"],
        "images": [
            {
                "src": "https://p.example/1.jpg",
                "caption": "說明",
                "credit": "路透社",
                "alt": "船",
                "file": "/media/ab/1.jpg",
                "width": 3,
                "height": 2,
            },
            {
                "src": "https://p.example/2.jpg",
                "caption": "倉庫外牆仍保留著褪色的字樣",
                "credit": "我",
                "alt": "",
                "file": None,
                "width": None,
                "height": None,
            },
        ],
        "embeds": ["https://vimeo.com/1"],
        "links": ["https://elsewhere.example/"],
        "standfirst": "導語",
        "html": article.body,
        "text": article.text,
        "warnings": ["teaser"],
        "stub": False,
        "sha256": "e" * 64,
        "corrections": [],
    }
    [record] = lines()
    assert record == wanted
    assert list(record) == list(wanted)
    assert client.get(f"/a/{article.pk}.json").json() == wanted


def test_an_article_written_here_has_no_original_and_may_be_undated():
    ArticleMaker(canonical_url=None, source_url="", published_at=None, published_precision="")
    [record] = lines()
    assert [record[key] for key in ("path", "sha256", "published", "canonical_url")] == [None] * 4


def test_the_command_chooses_and_sorts_oldest_first():
    def make(day, **values):
        moment = MOMENT.replace(day=day)
        return ArticleMaker(published_at=moment, published_on=moment.date(), **values)

    third, first, second = make(3), make(1), make(2)
    hidden = make(4, status="draft")
    second.tags.add("海洋")
    assert [record["id"] for record in lines()] == [first.pk, second.pk, third.pk]
    assert [record["id"] for record in lines(all=True)] == [first.pk, second.pk, third.pk, hidden.pk]
    assert [record["id"] for record in lines(source=third.source.slug)] == [third.pk]
    assert [record["id"] for record in lines(tag="海洋")] == [second.pk]
    assert [record["id"] for record in lines(since=datetime.date(2025, 1, 2))] == [second.pk, third.pk]


@pytest.mark.parametrize("option", [{"source": "none"}, {"tag": "none"}])
def test_a_choice_that_does_not_exist_is_refused(option):
    with pytest.raises(CommandError, match="none"):
        lines(**option)


def test_records_are_streamed_in_chunks_of_four_queries(monkeypatch, django_assert_num_queries):
    for _ in range(5):
        whole_article_like = ArticleMaker()
        ArticleImageMaker.create_batch(3, article=whole_article_like)
        OriginalMaker(article=whole_article_like)
        whole_article_like.tags.add("AI", "海洋")
    monkeypatch.setattr(importlib.import_module("articles.exporting.records"), "CHUNK", 2)
    with django_assert_num_queries(1 + 3 * 3):
        assert len(list(exporting.records(Article.objects.order_by("id")))) == 5
    with django_assert_num_queries(1 + 3):
        next(exporting.records(Article.objects.order_by("id")))


def test_a_file_is_written(tmp_path):
    ArticleMaker(title="標題")
    call_command("export_articles", str(tmp_path / "out.jsonl"))
    [line] = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert '"標題"' in line


def original(path, content, **values):
    return OriginalMaker(
        path=path,
        path_sha256=hashlib.sha256(path.encode()).hexdigest(),
        bytes=zlib.compress(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **values,
    )


def test_the_archive_comes_back_byte_for_byte_whatever_the_state_of_its_articles(tmp_path):
    content = "<!--1-->\r\n[標題](https://x)\n\xff".encode("latin-1", "ignore") + b"\xff\x00"
    article = original("articles/德国之声/1_標題 |.md", content).article
    original("articles/dw/2.md", b"old", article=article, newest=False)
    original("articles/dw/2.md", b"new", article=article, newest=False)
    original("articles/dw/3.md", b"inbox", article=ArticleMaker(status="inbox"))
    for _ in range(2):
        call_command("export_articles", str(tmp_path), format="original")
    found = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*.md")}
    assert found == {"articles/德国之声/1_標題 |.md": content, "articles/dw/2.md": b"new", "articles/dw/3.md": b"inbox"}


def test_files_of_several_articles_at_one_path_are_all_written_and_told(tmp_path, capsys):
    original("dw/1.md", b"first", newest=False)
    original("dw/1.md", b"second")
    article = original("dw/1.md", b"third, older", newest=False).article
    original("dw/1.md", b"third", article=article)
    for _ in range(2):
        call_command("export_articles", str(tmp_path), format="original")
    found = {path.name: path.read_bytes() for path in (tmp_path / "dw").iterdir()}
    others = {f"1 ({hashlib.sha256(one).hexdigest()[:12]}).md": one for one in (b"first", b"second")}
    assert found == {"1.md": b"third", **others}
    told = capsys.readouterr().err
    assert "3 files" in told
    assert all(f"dw/1.md → dw/{name}" in told for name in others)


def test_a_name_that_cannot_be_longer_stays_writable(tmp_path):
    name = "標" * 84 + ".md"
    for content in (b"one", b"two"):
        original(f"dw/{name}", content)
    call_command("export_articles", str(tmp_path), format="original")
    assert sorted(path.read_bytes() for path in (tmp_path / "dw").iterdir()) == [b"one", b"two"]


@pytest.mark.parametrize("path", ["../out.md", "/etc/out.md", "a/../../out.md", "link/out.md", ""])
def test_no_path_leads_out_of_the_folder(tmp_path, path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    original(path, b"x")
    with pytest.raises(CommandError, match="leads out"):
        call_command("export_articles", str(folder), format="original")
    assert not list(tmp_path.rglob("out.md"))


def test_other_bytes_are_never_overwritten(tmp_path):
    original("a.md", b"ours")
    (tmp_path / "a.md").write_bytes(b"theirs")
    with pytest.raises(CommandError, match="is different"):
        call_command("export_articles", str(tmp_path), format="original")
    assert (tmp_path / "a.md").read_bytes() == b"theirs"


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"bytes": b"not zlib"}])
def test_damaged_bytes_are_not_written(tmp_path, change):
    damaged = original("a.md", b"x")
    for field, value in change.items():
        setattr(damaged, field, value)
    damaged.save()
    with pytest.raises(CommandError, match=r"a\.md"):
        call_command("export_articles", str(tmp_path), format="original")
    assert not list(tmp_path.iterdir())


def test_originals_need_a_folder():
    with pytest.raises(CommandError, match="folder"):
        call_command("export_articles", format="original")
