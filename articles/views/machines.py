"""Addresses for machines: is the process alive, is it ready, what may robots read, where are the pictures."""

import mimetypes
import pathlib

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles import health, images
from articles.curation.takedown_effects import settle
from articles.views.takedowns import tombstone_line

PICTURE_TYPES = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"})  # no SVG: it can script
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything that this process needs is there; otherwise 503 with a line for each thing that is not.

    Costs what `health.wanting` costs.
    """
    wanting = health.wanting()
    if wanting:
        return HttpResponse("".join(f"{line}\n" for line in wanting), content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything but the editors' desk may be read; where the sitemaps are."""
    lines = ["User-agent: *", f"Disallow: {reverse('admin:index')}", ""]
    lines += [f"Sitemap: {settings.SITE_URL}{reverse(name)}" for name in ("sitemap_xml", "sitemap_news_xml")]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a telephone shows when a reader keeps the site on it."""
    icons = [
        {"src": static("articles/seal.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("articles/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("articles/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("articles/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png"}
        | {"purpose": "maskable"},
    ]
    content = {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME[:12],
        "id": "/",
        "start_url": reverse("front"),
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": "#b3291b",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon for whoever asks without having read a page."""
    return HttpResponsePermanentRedirect(static("articles/favicon.ico"))


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse | HttpResponse:
    """A stored picture. Anything that is not a picture by its name is 404, whatever lies in the folder.

    One that is taken down is gone from the moment of that on, even while its file still lies here. Two queries.
    A rendition that nobody has made yet is made for the first reader who asks for it.
    Names of stored pictures never get other bytes, so browsers may keep them for good.
    """
    kind = mimetypes.guess_type(pathlib.PurePosixPath(path).name)[0]
    if kind not in PICTURE_TYPES:
        raise Http404
    settle()
    take_down = images.withheld_at(path)
    if take_down is not None:
        return tombstone_line(take_down)
    try:
        if path.startswith("renditions/") and not default_storage.exists(path):
            images.make_on_demand(path)
        file = default_storage.open(path)
    except (OSError, ValueError, SuspiciousFileOperation) as error:
        raise Http404 from error
    return FileResponse(
        file,
        content_type=kind,
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
