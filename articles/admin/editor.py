"""What the article's form shows instead of bare fields: the editor of the body, and the lead picture by its looks."""

from __future__ import annotations

import json

from django import forms
from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from articles import images
from articles.models import ArticleImage, Image

WIDE_ENOUGH = 640  # pixels


def view_of(image: Image, *, whole: bool = False) -> str:
    """The address of a small copy of a stored picture, or of the whole of it; empty when there is none here."""
    if not image.is_stored:
        return ""
    if not images.can_be_shown(image):
        return image.file.url
    plans = images.whole(image) if whole else images.cards(image)[:1]
    plan = next((plan for plan in plans if plan.width >= WIDE_ENOUGH), plans[-1] if plans else None)
    return default_storage.url(f"{plan.stem}.webp") if plan else image.file.url


class BodyWidget(forms.Textarea):
    """A textarea, and over it the editor that the page's script builds; `places` are the article's pictures."""

    places: list[ArticleImage] = []

    def render(self, name, value, attrs=None, renderer=None) -> str:
        """The whole editor; without script only the textarea is seen."""
        pictures = [
            {
                "src": place.image.origin_url,
                "view": view_of(place.image, whole=True),
                "alt": place.image.alt,
                "state": place.image.get_state_display(),
                "width": place.image.width,
                "height": place.image.height,
                "caption": place.caption,
            }
            for place in self.places
        ]
        context = {
            "pictures": pictures,
            "pictures_json": json.dumps(pictures, ensure_ascii=False),
            "textarea": super().render(name, value, attrs, renderer),
        }
        return render_to_string("admin/articles/article/_editor.html", context)


class LeadPictures(forms.RadioSelect):
    """The lead picture, chosen among the article's pictures by their looks; `pictures` are offered, in order."""

    pictures: list[Image] = []

    def render(self, name, value, attrs=None, renderer=None) -> str:
        """A row of small pictures, and none."""
        chosen = "" if value is None else str(value)
        offered = [(image, view_of(image), str(image.pk) == chosen) for image in self.pictures]
        context = {"name": name, "offered": offered, "has_none": not any(row[2] for row in offered), "id": attrs["id"]}
        return render_to_string("admin/articles/article/_lead_pictures.html", context)

    def id_for_label(self, id_, index=None) -> str:
        """A group has no one control to be labelled."""
        return ""
