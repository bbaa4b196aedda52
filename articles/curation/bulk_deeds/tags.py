"""A tag put on many articles, or taken off them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from articles.curation.bulk_deeds.kind import BulkDeed, Left, Result, Verdict, editable, edited, marks, unmark
from articles.curation.roles import may_change
from articles.curation.topics import topic_named
from articles.curation.workflow import Refused
from articles.models import Article, Tag, TaggedArticle, keep_baseline


@dataclass(frozen=True)
class TagDeed(BulkDeed):
    """Puts a tag on, or takes it off."""

    adds: bool = True

    def read(self, words, user):
        """A tag by name or alias, in either script; a new one for those who make tags, made when the job begins."""
        tag = topic_named(words)
        if tag:
            return {"tag": tag.pk, "name": tag.name}
        if not self.adds or not words.strip() or not user.has_perm("articles.add_tag"):
            raise Refused(_("There is no tag of that name."))
        return {"tag": None, "name": words.strip()[:200]}

    def open(self, job):
        """The tag may have been deleted or merged away."""
        if job.given["tag"] and not Tag.objects.filter(pk=job.given["tag"]).exists():
            raise Refused(_("The tag is gone."))

    def judge(self, job, user, articles):
        """One query."""
        verdicts = editable(user, articles)
        uses = TaggedArticle.objects.filter(tag=job.given["tag"], content_object__in=articles)
        having = set(uses.values_list("content_object", flat=True)) if job.given["tag"] else set()
        for article in articles:
            if (article.pk in having) == self.adds:
                verdicts[article.pk] = Verdict(Result.ALREADY)
        return verdicts

    def change(self, job, user, articles, now):
        """One insert or delete of uses, with revisions and search entries."""
        ids = [one.pk for one in articles]
        keep_baseline(ids)
        left = self._add(job.given["tag"], ids) if self.adds else self._remove(job, user, articles, now)
        self.keep(job, user, ids)
        return left

    def _add(self, tag: int, ids: list[int]) -> dict[int, Left]:
        editor = TaggedArticle.Origin.EDITOR
        uses = [TaggedArticle(tag_id=tag, content_object_id=pk, origin=editor) for pk in ids]
        return {use.content_object_id: Left(use.pk) for use in TaggedArticle.objects.bulk_create(uses)}

    def _remove(self, job, user, articles, now) -> dict[int, Left]:
        """Marked as edited, so that no import brings the tag back."""
        uses = TaggedArticle.objects.filter(tag=job.given["tag"], content_object__in=articles)
        origins = dict(uses.values_list("content_object", "origin"))
        uses.delete()
        Article.objects.filter(pk__in=origins).update(**edited(user, now))
        return {one.pk: Left(before=marks(one, now) | {"origin": origins[one.pk]}) for one in articles}

    def undo(self, job, user, pairs, now):
        """Where the use that we made is still there, or the place is still empty."""
        mine = {article.pk: (item, article) for item, article in pairs if may_change(user, article)}
        uses = TaggedArticle.objects.filter(tag=job.given["tag"], content_object__in=mine)
        present = dict(uses.values_list("content_object", "pk"))
        if self.adds:
            ids = [pk for pk, (item, _article) in mine.items() if present.get(pk) == item.mark]
            keep_baseline(ids)
            TaggedArticle.objects.filter(pk__in=[present[pk] for pk in ids]).delete()
        else:
            ids = [pk for pk in mine if pk not in present]
            TaggedArticle.objects.bulk_create(
                TaggedArticle(tag_id=job.given["tag"], content_object_id=pk, origin=mine[pk][0].before["origin"])
                for pk in ids
            )
            for pk in ids:
                unmark(mine[pk][1], mine[pk][0].before, now)
            Article.objects.bulk_update([mine[pk][1] for pk in ids], ["edited_at", "edited_by", "updated_at"])
        self.keep(job, user, ids, undone=True)
        return set(ids)
