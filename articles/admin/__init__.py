"""What editors see: the stock admin with a desk for each kind of work."""

from django.conf import settings
from django.contrib import admin
from taggit import admin as _taggit_registers_first  # noqa: F401
from taggit.models import Tag as TaggitTag

from articles.admin import articles, imports, library, people, pictures, spellings, tags, trail

__all__ = ["articles", "imports", "library", "people", "pictures", "spellings", "tags", "trail"]

# taggit registers a tag of its own, which this project does not use: two kinds of tags would only confuse.
admin.site.unregister(TaggitTag)
admin.site.site_header = settings.SITE_NAME
admin.site.site_title = settings.SITE_NAME
