"""What editors see: the stock admin with a desk for each kind of work."""

from django.contrib import admin
from django_otp.plugins.otp_static import admin as _static_registers_first  # noqa: F401
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp import admin as _totp_registers_first  # noqa: F401
from django_otp.plugins.otp_totp.models import TOTPDevice
from taggit import admin as _taggit_registers_first  # noqa: F401
from taggit.models import Tag as TaggitTag

from articles.admin import (
    articles,
    audit,
    corrections,
    dashboard,
    duplicates,
    front,
    hubs,
    imports,
    library,
    people,
    pictures,
    records,
    rooms,
    signing,
    spellings,
    stories,
    tags,
    takedowns,
    trail,
)

__all__ = [
    "articles",
    "audit",
    "corrections",
    "dashboard",
    "duplicates",
    "front",
    "hubs",
    "imports",
    "library",
    "people",
    "pictures",
    "records",
    "rooms",
    "signing",
    "spellings",
    "stories",
    "tags",
    "takedowns",
    "trail",
]

# taggit registers a tag of its own, which this project does not use: two kinds of tags would only confuse.
admin.site.unregister(TaggitTag)
# Secrets of second factors are nobody's to look at: `signing_in` has what can be done to them.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)
admin.site.panels.append(dashboard.panel)
