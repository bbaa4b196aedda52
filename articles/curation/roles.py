"""Roles and their rights, in one table: made by a migration, repaired by a command, tried address by address."""

from articles.models import Article

EVERYTHING = ("add", "change", "delete", "view")
VIEW = ("view",)
RECORDS = (
    "original",
    "importrun",
    "importfile",
    "reference",
    "revision",
    "step",
    "imagehost",
    "rendition",
    "tagmerge",
    "correction",
    "frontpage",
    "articlemerge",
)
# What the program remembers beside the desks' own rows.
BEHIND_THE_DESKS = ("hold", "block", "withheldpicture", "remainder", "storyarticle", "tagverdict", "claim")

_REPORTER = {
    "article": ("add", "change", "view"),
    "articleimage": ("add", "change", "view"),
    "image": VIEW,
    "tag": VIEW,
    "source": VIEW,
    "possibleduplicate": VIEW,
    "story": VIEW,
    "savedfilter": EVERYTHING,
    "takedown": ("add", "view"),
    **dict.fromkeys(RECORDS, VIEW),
}
_EDITOR = _REPORTER | {
    "article": ("add", "change", "view", "review", "publish"),
    "articleimage": EVERYTHING,
    "image": ("change", "view"),
    "tag": EVERYTHING,
    "tagalias": EVERYTHING,
    "taggedarticle": EVERYTHING,
    "possibleduplicate": ("change", "view"),
    "story": ("add", "change", "view"),
    "spelling": EVERYTHING,
    "synonymset": EVERYTHING,
    "bulkjob": ("add", "view"),
    "bulkitem": VIEW,
    "savedfilter": (*EVERYTHING, "share"),
    "correction": ("add", "change", "view"),
    "frontpage": ("change", "view"),
}
_CHIEF = _EDITOR | {
    "article": (*EVERYTHING, "review", "publish"),
    "image": ("change", "delete", "view"),
    "source": EVERYTHING,
    "bulkjob": ("add", "change", "view"),
    "deed": VIEW,
    "takedown": ("add", "view", "decide"),
    "ping": VIEW,
    **dict.fromkeys(BEHIND_THE_DESKS, VIEW),
    "importrun": ("view", "steer"),
    "possibleduplicate": ("change", "delete", "view"),
    "story": EVERYTHING,
    "user": ("add", "change", "view"),
    "group": VIEW,
}
ROLES = {"reporter": _REPORTER, "editor": _EDITOR, "chief": _CHIEF}

REPORTER_STATES = frozenset({Article.Status.INBOX, Article.Status.DRAFT})


def may_change(user, article: Article) -> bool:
    """Whether this person may edit this article as it stands: in review or later, only those who review may."""
    if not user.has_perm("articles.change_article"):
        return False
    return article.status in REPORTER_STATES or user.has_perm("articles.review_article")


def may_tag(user) -> bool:
    """Whether this person says what articles are about; others see topics and proposals."""
    return user.has_perm("articles.add_taggedarticle")


def may_change_source(user) -> bool:
    """Whether this person may say that an article is another source's."""
    return user.has_perm("articles.review_article")


def repair_roles(groups, permissions, content_types) -> dict[str, int]:
    """Give each role's group exactly its rights; returns how many rights each has.

    Takes the three model classes, so that a migration can call it before the rights of new models exist: those are made
    here, as Django would make them.
    """
    counts = {}
    for role, rights in ROLES.items():
        group, _ = groups.objects.get_or_create(name=role)
        wanted = []
        for model, deeds in rights.items():
            app = "auth" if model in ("user", "group") else "articles"
            content_type, _ = content_types.objects.get_or_create(app_label=app, model=model)
            for deed in deeds:
                right, _ = permissions.objects.get_or_create(
                    content_type=content_type, codename=f"{deed}_{model}", defaults={"name": f"Can {deed} {model}"}
                )
                wanted.append(right)
        group.permissions.set(wanted)
        counts[role] = len(wanted)
    return counts
