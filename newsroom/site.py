"""The admin site of this project: the stock one, whose front page shows what the desks put on it."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class NewsroomSite(AdminSite):
    """Bears the newsroom's name. Desks register their panels for the front page, and the rooms they stand in, as they
    register their models.
    """

    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = _("The editors’ desk")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.panels: list[Callable[[HttpRequest], dict]] = []
        self.rooms: list[tuple[str, tuple[str, ...]]] = []  # a name, and models in the order in which they are wanted

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict]:
        """What this person may open, by rooms; what stands in none of them follows by its app, as always."""
        apps = super().get_app_list(request, app_label)
        desks = {desk["object_name"].lower(): (app, desk) for app in apps for desk in app["models"]}
        rooms = []
        for name, models in self.rooms:
            found = [desks.pop(model) for model in models if model in desks]
            if found:
                rooms.append({**found[0][0], "name": name, "models": [desk for _app, desk in found]})
        left = {id(desk) for _app, desk in desks.values()}
        rest = [{**app, "models": [desk for desk in app["models"] if id(desk) in left]} for app in apps]
        return rooms + [app for app in rest if app["models"]]

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """The front page, with what each panel found for this person."""
        found = {}
        for panel in self.panels:
            found |= panel(request)
        return super().index(request, found | (extra_context or {}))
