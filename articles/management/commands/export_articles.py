"""The door to the export: articles as JSON lines, a book or a site, or the archive's own files."""

import contextlib
import datetime
import json
import os
import pathlib

from django.core.management.base import BaseCommand, CommandError

from articles.exporting import (
    Choice,
    NoSuchChoice,
    NothingToWrite,
    UnwritableOriginal,
    choose,
    records,
    write_book,
    write_originals,
    write_site,
)
from articles.models import record

WRITERS = {"epub": write_book, "site": write_site}
NEEDED = {"epub": "the file", "site": "the file", "original": "the folder its files go to"}
TOLD = 10  # missing pictures that are named


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class Command(BaseCommand):
    """See `help`."""

    help = (
        "Write articles as one JSON object a line, oldest first; as a book (EPUB); as a site in a zip that opens "
        "without a server; or write the original files back."
    )

    def add_arguments(self, parser):
        """Options as in the README."""
        parser.add_argument("--format", choices=["jsonl", "epub", "site", "original"], default="jsonl")
        parser.add_argument("--source", metavar="SLUG", help="only articles of this source")
        parser.add_argument(
            "--tag", "--topic", metavar="NAME", help="only articles with this tag (its name, slug or another name)"
        )
        parser.add_argument("--search", metavar="WORDS", help="only articles that a reader's search finds")
        parser.add_argument("--since", metavar="DATE", type=_date, help="only published on this day or later")
        parser.add_argument("--until", metavar="DATE", type=_date, help="only published on this day or earlier")
        parser.add_argument("--all", action="store_true", help="every state (so originals always)")
        parser.add_argument("out", nargs="?", default="-", metavar="OUT", help="file, or - for standard output")

    def handle(self, **options):
        """Choose articles and write them; refuse a choice that does not exist."""
        kind, out = options["format"], options["out"]
        if kind != "jsonl" and out == "-":
            raise CommandError(f"--format {kind} needs OUT: name {NEEDED[kind]}.")
        chosen = self._chosen(options)
        names = ("format", "source", "tag", "search", "since", "until", "all")
        record("export", "article", **{name: str(options[name]) for name in names if options[name]})
        if kind == "original":
            self._write_originals(chosen.articles, out)
        elif kind == "jsonl":
            self._write_lines(chosen.articles, out)
        else:
            self._write_whole(WRITERS[kind], chosen, out)

    def _chosen(self, options):
        choice = Choice(
            source=options["source"] or "",
            topic=options["tag"] or "",
            search=options["search"] or "",
            since=options["since"],
            until=options["until"],
            everything=options["all"] or options["format"] == "original",  # an archive is given back whole
        )
        try:
            return choose(choice)
        except NoSuchChoice as error:
            raise CommandError(str(error)) from error

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
        for line in records(articles):
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _write_whole(self, write, chosen, out):
        """Under another name until it is whole, so that nothing half done ever has the name that was asked for."""
        place = pathlib.Path(out)
        half = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            with half.open("wb") as file:
                written = write(chosen, file)
            half.replace(place)
        except NothingToWrite:
            raise CommandError("No article is chosen: nothing was written.") from None
        except OSError as error:
            raise CommandError(f"{out} cannot be written ({error}).") from error
        finally:
            half.unlink(missing_ok=True)
        self.stderr.write(
            f"{written.articles} articles and {written.pictures} pictures in {out} "
            f"({place.stat().st_size / 1e6:.1f} MB)"
        )
        if written.missing:
            self.stderr.write(f"{len(written.missing)} pictures are missing; their places say so:")
            for line in written.missing[:TOLD]:
                self.stderr.write(f"  {line}")
            if len(written.missing) > TOLD:
                self.stderr.write("  …")

    def _write_originals(self, articles, out):
        try:
            written = write_originals(articles, pathlib.Path(out))
        except UnwritableOriginal as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{written.files} files in {out}")
        if written.renamed:
            self.stderr.write(f"{len(written.renamed)} of them renamed: files of several articles have the same path:")
            for path, name in written.renamed[:TOLD]:
                self.stderr.write(f"  {path} → {name}")
            if len(written.renamed) > TOLD:
                self.stderr.write("  …")
