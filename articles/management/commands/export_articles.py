"""The door to the export: articles as JSON lines, or the archive's own files."""

import contextlib
import datetime
import json
import pathlib

from django.core.management.base import BaseCommand, CommandError

from articles.exporting import UnwritableOriginal, records, write_originals
from articles.models import Article, Source, Tag, tag_key


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class Command(BaseCommand):
    """See `help`."""

    help = "Write articles as one JSON object a line, oldest first, or write the original files back."

    def add_arguments(self, parser):
        """Options as in the README."""
        parser.add_argument("--format", choices=["jsonl", "original"], default="jsonl")
        parser.add_argument("--source", metavar="SLUG", help="only articles of this source")
        parser.add_argument("--tag", metavar="NAME", help="only articles with this tag (its name or slug)")
        parser.add_argument("--since", metavar="DATE", type=_date, help="only published on this day or later")
        parser.add_argument("--all", action="store_true", help="every state (so originals always)")
        parser.add_argument("out", nargs="?", default="-", metavar="OUT", help="file, or - for standard output")

    def handle(self, **options):
        """Choose articles and write them; refuse a source or tag that does not exist."""
        articles = self._chosen(options)
        if options["format"] == "original":
            self._write_originals(articles, options["out"])
        else:
            self._write_lines(articles, options["out"])

    def _chosen(self, options):
        everything = options["all"] or options["format"] == "original"  # an archive is given back whole
        articles = Article.objects.all() if everything else Article.objects.published()
        if slug := options["source"]:
            if not Source.objects.filter(slug=slug).exists():
                raise CommandError(f"There is no source {slug!r}: see the list of sources in the admin.")
            articles = articles.filter(source__slug=slug)
        if name := options["tag"]:
            tag = Tag.objects.filter(key=tag_key(name)).first() or Tag.objects.filter(slug=name).first()
            if not tag:
                raise CommandError(f"There is no tag {name!r}: give its name or slug.")
            articles = articles.filter(tagged__tag=tag)
        if since := options["since"]:
            articles = articles.filter(published_on__gte=since)
        return articles.order_by("listed_at", "id")

    def _write_lines(self, articles, out):
        if out == "-":
            with contextlib.suppress(BrokenPipeError):  # `| head` has seen enough
                self._dump(articles, self.stdout)
            return
        try:
            with pathlib.Path(out).open("w", encoding="utf-8") as file:
                self._dump(articles, file)
        except OSError as error:
            raise CommandError(f"{out} cannot be written ({error}).") from error

    def _dump(self, articles, stream):
        for record in records(articles):
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")

    def _write_originals(self, articles, out):
        if out == "-":
            raise CommandError("--format original writes files: name the folder they go to.")
        try:
            written = write_originals(articles, pathlib.Path(out))
        except UnwritableOriginal as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{written} files in {out}")
