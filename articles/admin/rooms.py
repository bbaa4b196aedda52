"""Which desks stand together in the list beside every page: by the work that is done at them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

admin.site.rooms += [
    (_("Articles"), ("article", "possibleduplicate", "story", "correction", "frontpage", "savedfilter", "takedown")),
    (_("Pictures"), ("image", "imagehost")),
    (_("Topics and words"), ("tag", "tagmerge", "spelling", "synonymset")),
    (_("Imports"), ("importrun", "importfile", "original", "source")),
    (_("Records"), ("deed", "bulkjob", "step", "revision", "articlemerge", "ping")),
    (
        _("Behind the desks"),
        ("hold", "block", "withheldpicture", "remainder", "storyarticle", "tagverdict", "claim"),
    ),
    (_("People"), ("user", "group")),
]
