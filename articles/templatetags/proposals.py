"""The tags that an article may be about, with reasons, places and buttons."""

from django import template

from articles import curation, proposing
from articles.models import Article

register = template.Library()


@register.inclusion_tag("admin/articles/article/_proposals.html", takes_context=True)
def tag_proposals(context, article: Article, inside_form: bool = False) -> dict:
    """Nine queries. `inside_form`: the buttons belong to the form around them, which is saved first."""
    return {
        "article": article,
        "proposals": proposing.proposals_for(article),
        "refused": proposing.refused_for(article),
        "inside_form": inside_form,
        "may_tag": curation.may_tag(context["request"].user) if "request" in context else False,
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
    }
