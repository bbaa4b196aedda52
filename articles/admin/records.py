"""What the program remembers beside the desks' own rows, for chiefs who ask why: seen, and changed by nobody here.

What holds articles and pictures back, what may not come in again, what an undo left, whose word put a report into a
story, what editors said of proposed topics, and who has an item of the inbox in hand.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.articles import HEAVY_BEHIND
from articles.admin.desk import Record, change_link, clean_words, outside_link
from articles.ingest.links import address_key
from articles.models import (
    Block,
    Claim,
    Hold,
    Remainder,
    StoryArticle,
    TagVerdict,
    WithheldPicture,
    block_key,
)


@admin.register(Hold)
class HoldAdmin(Record):
    """Articles that a take-down in force keeps from readers; the article itself may be gone."""

    list_display = ("__str__", "article_link", "take_down", "begins_at", "ends_at")
    list_select_related = ("take_down",)
    fields = ("article_link", "take_down", "begins_at", "ends_at")
    ordering = ("-id",)

    @admin.display(description=_("article"))
    def article_link(self, hold: Hold) -> str:
        """Its number."""
        return change_link("article", hold.article_number)


@admin.register(Block)
class BlockAdmin(Record):
    """What may not come in again: found by an address, or by a hash of a file, a text or a picture, in full."""

    list_display = ("kind", "value", "take_down")
    list_select_related = ("take_down",)
    search_fields = ("value__exact",)
    search_help_text = _("An address or a SHA-256, in full.")
    fields = ("kind", "value", "take_down")
    ordering = ("-id",)

    def get_search_results(self, request, queryset, search_term):
        """By the key under which the importer finds them; a number is a value as any other."""
        term = clean_words(search_term)
        if not term:
            return queryset, False
        asked = {(kind, term) for kind in Block.Kind.values} | {(Block.Kind.ADDRESS.value, address_key(term))}
        return queryset.filter(key__in=[block_key(kind, value) for kind, value in asked]), False


@admin.register(WithheldPicture)
class WithheldPictureAdmin(Record):
    """Pictures that a take-down keeps from readers, and what they were before."""

    list_display = ("__str__", "picture_link", "take_down", "former_state", "name")
    list_select_related = ("take_down",)
    fields = ("address", "picture_link", "take_down", "former_state", "name", "sha256")
    ordering = ("-id",)

    @admin.display(description=_("picture"))
    def picture_link(self, withheld: WithheldPicture) -> str:
        """Its row, while there is one."""
        return change_link("image", withheld.image_id)

    @admin.display(description=_("origin address"))
    def address(self, withheld: WithheldPicture) -> str:
        """As a link."""
        return outside_link(withheld.origin_url)


class OfArticles(Record):
    """Rows of an article, which lists name by its title and never by its body."""

    list_select_related: tuple[str, ...] = ()
    ordering = ("-id",)

    def get_queryset(self, request):
        """With the article's title, not its body."""
        rows = super().get_queryset(request).select_related("article", *self.list_select_related)
        return rows.defer(*HEAVY_BEHIND["article"])

    @admin.display(description=_("article"))
    def article_link(self, row) -> str:
        """Leads to it."""
        return change_link("article", row.article_id, row.article)


@admin.register(Remainder)
class RemainderAdmin(OfArticles):
    """Articles that stayed when their run was undone, and why."""

    list_display = ("run", "article_link", "reason")
    list_select_related = ("run",)
    fields = ("run_link", "article_link", "reason")

    @admin.display(description=_("run"))
    def run_link(self, remainder: Remainder) -> str:
        """The run that was undone."""
        return change_link("importrun", remainder.run_id)


@admin.register(StoryArticle)
class StoryArticleAdmin(OfArticles):
    """Reports of stories, and whose word it is that they belong there."""

    list_display = ("title_of_story", "article_link", "state")
    list_select_related = ("story",)
    fields = ("story_link", "article_link", "state")

    @admin.display(description=_("story"))
    def title_of_story(self, place: StoryArticle) -> str:
        """In the list it leads to the row itself."""
        return place.story.title

    @admin.display(description=_("story"))
    def story_link(self, place: StoryArticle) -> str:
        """Leads to it."""
        return change_link("story", place.story_id, place.story)


@admin.register(TagVerdict)
class TagVerdictAdmin(OfArticles):
    """What editors said of proposed topics: no topic is proposed twice for an article."""

    list_display = ("made_at", "article_link", "tag", "accepted", "made_by")
    list_select_related = ("tag", "made_by")
    fields = ("article_link", "tag", "accepted", "made_by", "made_at")


@admin.register(Claim)
class ClaimAdmin(OfArticles):
    """Who has an item of the inbox in hand, and until when nobody else is offered it."""

    list_display = ("who", "article_link", "since", "until")
    list_select_related = ("user",)
    fields = ("who", "article_link", "since", "until")

    @admin.display(description=_("who"))
    def who(self, claim: Claim) -> str:
        """The person's name."""
        return claim.user.get_username()

    @admin.display(description=_("from"))
    def since(self, claim: Claim):
        """Its beginning, where it was written down."""
        return claim.begun_at

    @admin.display(description=_("until"))
    def until(self, claim: Claim):
        """Its end, unless it is renewed."""
        return claim.ends_at
