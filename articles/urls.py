"""Addresses of the public site (names are used by models and templates)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import path, register_converter

from articles import feeds, sitemaps
from articles.views import (
    api,
    browsing,
    changes,
    front,
    lists,
    machines,
    metrics,
    prefetching,
    previewing,
    reading,
    search,
    stories,
    takedowns,
)


class _Digits:
    """A number of a fixed count of digits, so that /25/1/ is not a second address of /2025/01/."""

    def to_python(self, value: str) -> int:
        return int(value)


class _Year(_Digits):
    regex = "[0-9]{4}"

    def to_url(self, value: int) -> str:
        return f"{int(value):04}"


class _TwoDigits(_Digits):
    regex = "[0-9]{2}"

    def to_url(self, value: int) -> str:
        return f"{int(value):02}"


register_converter(_Year, "year")
register_converter(_TwoDigits, "two")

urlpatterns = [
    path("", front.front, name="front"),
    path("a/<int:number>.json", reading.article_json, name="article_json"),
    path("preview/front/<str:token>/", front.front_preview, name="front_preview"),
    path("preview/<str:token>/", reading.preview, name="preview"),
    path("preview/unsaved/<str:token>/", previewing.unsaved, name="preview_unsaved"),
    path("a/<int:number>/", reading.article, name="article_by_number"),
    path("a/<int:number>/changes/", changes.changes, name="changes"),
    path("a/<int:number>/<str:slug>/", reading.article, name="article"),
    path("transparency/", takedowns.transparency, name="transparency"),
    path("transparency.json", takedowns.transparency_json, name="transparency_json"),
    path("stories/", stories.stories, name="stories"),
    path("story/<str:slug>/", stories.story, name="story"),
    path("sources/", lists.sources, name="sources"),
    path("source/<str:slug>/", lists.source, name="source"),
    path("tags/", lists.tags, name="tags"),
    path("tags/by-name/", browsing.topics_by_name, name="topics_by_name"),
    path("tag/<str:slug>/", lists.tag, name="tag"),
    path("search/", search.results, name="search"),
    path("search.json", search.results_json, name="search_json"),
    path("archive/", lists.archive, name="archive"),
    path("on-this-day/", browsing.on_this_day, name="on_this_day"),
    path("on-this-day/<two:month>-<two:day>/", browsing.on_this_day, name="on_this_day_of"),
    path("archive/undated/", lists.undated, name="undated"),
    path("<year:year>/", lists.year, name="year"),
    path("<year:year>/<two:month>/", lists.month, name="month"),
    path("<year:year>/<two:month>/<two:day>/", lists.day, name="day"),
    *feeds.addresses_of("", "site", feeds.of_site),
    *feeds.addresses_of("source/<str:slug>/", "source", feeds.of_source),
    *feeds.addresses_of("tag/<str:slug>/", "tag", feeds.of_tag),
    *feeds.addresses_of("search/", "search", feeds.of_search),
    path("sitemap.xml", sitemaps.index, name="sitemap_xml"),
    path("sitemap-pages.xml", sitemaps.pages, name="sitemap_pages_xml"),
    path("sitemap-topics.xml", sitemaps.topics, name="sitemap_topics_xml"),
    path("sitemap-stories.xml", sitemaps.stories, name="sitemap_stories_xml"),
    path("sitemap-news.xml", sitemaps.news, name="sitemap_news_xml"),
    path("sitemap-undated.xml", sitemaps.undated, name="sitemap_undated_xml"),
    path("sitemap-<year:year>-<two:month>.xml", sitemaps.month, name="sitemap_month_xml"),
    path("api/", api.manual, name="api"),
    path("api/openapi.json", api.openapi, name="openapi_json"),
    path("api/articles/", api.articles, name="api_articles_json"),
    path("api/articles/<int:number>", api.article, name="api_article_json"),
    path("api/tags/", api.tags, name="api_tags_json"),
    path("api/sources/", api.sources, name="api_sources_json"),
    path("oembed", api.oembed, name="oembed"),
    path("healthz", machines.healthz, name="healthz"),
    path("readyz", machines.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("manifest.webmanifest", machines.manifest, name="manifest"),
    path("favicon.ico", machines.favicon, name="favicon"),
    path("speculation-rules.json", prefetching.rules, name="speculation_rules_json"),
    path("robots.txt", machines.robots, name="robots"),
]

if not urlsplit(settings.MEDIA_URL).netloc:
    urlpatterns.append(path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", machines.media, name="media"))
