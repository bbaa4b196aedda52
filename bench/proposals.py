"""How good tag proposals are: the tags of a third of the articles are hidden, learned from the rest, and proposed.

    NEWSROOM_DATA_DIR=… NEWSROOM_DEBUG=true python bench/proposals.py   three times, another third each time
    … python bench/proposals.py --show 5                      and five articles with what was proposed

Run it on an installation of your own that holds tagged articles (`manage.py import_articles …`); nothing is kept.
Precision at 3: of the first three proposals, how many the article had. Recall at 5: of the tags that an article had
and that the rest knows, how many are among the first five. Beside them: names alone, without what was learned.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
THIRDS = 3


class Kept(Exception):
    """Ends the transaction in which tags were hidden."""


def measure(third: int, show: int) -> dict[str, list[float]]:
    """Precision and recall of each hidden article, with and without learning."""
    from articles.models import Article, Tag, TagClue, TaggedArticle  # noqa: PLC0415 - after the setup
    from articles.proposing import learn  # noqa: PLC0415
    from articles.proposing.offering import _publishers  # noqa: PLC0415

    uses = TaggedArticle.objects.exclude(tag__key__in=_publishers())
    truth: dict[int, set[int]] = {}
    for article, tag in uses.values_list("content_object", "tag"):
        if article % THIRDS == third:
            truth.setdefault(article, set()).add(tag)
    TaggedArticle.objects.filter(content_object__in=truth).delete()
    known = set(TaggedArticle.objects.values_list("tag", flat=True))
    articles = {row.pk: row for row in Article.objects.select_related("source").filter(pk__in=truth)}
    found: dict[str, list[float]] = {}
    learn()
    for learned in (True, False):
        if not learned:
            TagClue.objects.all().delete()
        for number, article in articles.items():
            wanted = truth[number] & known
            if wanted:
                _score(found, article, wanted, learned, show=learned and len(found) and show > 0)
                show -= learned
    found["articles"] = [len(articles)]
    found["tags the rest knows"] = [sum(len(tags & known) for tags in truth.values())]
    found["tags"] = [sum(map(len, truth.values())), Tag.objects.count()]
    return found


def _score(found: dict, article, wanted: set[int], learned: bool, show: bool) -> None:
    from articles.proposing import proposals_for  # noqa: PLC0415

    proposals = proposals_for(article)
    tags = [proposal.tag.pk for proposal in proposals]
    name = "learned" if learned else "names alone"
    if tags:
        found.setdefault(f"precision at 3, {name}", []).append(len(wanted & set(tags[:3])) / len(tags[:3]))
    found.setdefault(f"recall at 5, {name}", []).append(len(wanted & set(tags[:5])) / min(len(wanted), 5))
    found.setdefault(f"articles with proposals, {name}", []).append(bool(tags))
    if show:
        print(f"\n{article.title}")
        for proposal in proposals:
            mark = "+" if proposal.tag.pk in wanted else " "
            print(f"  {mark} {proposal.chance:.2f} {proposal.tag.name}: {'; '.join(r.words for r in proposal.reasons)}")


def main() -> None:
    """Three measurements, then their means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N articles of the first third")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    import django  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    django.setup()
    together: dict[str, list[float]] = {}
    for third in range(THIRDS):
        try:
            with transaction.atomic():
                for name, values in measure(third, options.show if third == 0 else 0).items():
                    together.setdefault(name, []).extend(values)
                raise Kept
        except Kept:
            continue
    for name, values in sorted(together.items()):
        if name.startswith(("precision", "recall", "articles with")):
            print(f"{name:42} {sum(values) / len(values):.3f}  ({len(values)} articles)")
        else:
            print(f"{name:42} {', '.join(f'{value:.0f}' for value in values)}")


if __name__ == "__main__":
    main()
