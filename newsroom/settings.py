"""One settings file: everything works with no variable set; every variable is read strictly (newsroom.environment)."""

import pathlib
import sys

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from newsroom import environment, storage

BASE_DIR = pathlib.Path(__file__).resolve().parent.parent

# --- What this installation is ---
DEBUG = environment.flag("NEWSROOM_DEBUG", False)
SECRET_KEY = environment.text("NEWSROOM_SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "NEWSROOM_SECRET_KEY is not set: give a long random text (or NEWSROOM_SECRET_KEY_FILE), or set"
            " NEWSROOM_DEBUG=true on a machine of your own. `make run` does the latter."
        )
    SECRET_KEY = "only-for-a-developer's-own-machine-where-NEWSROOM_DEBUG-is-true"  # noqa: S105
ALLOWED_HOSTS = environment.words("NEWSROOM_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = environment.address("NEWSROOM_SITE_URL", "http://127.0.0.1:8000")
SITE_NAME = environment.text("NEWSROOM_SITE_NAME", "Newsroom")
TRUSTED_PROXIES = environment.number("NEWSROOM_TRUSTED_PROXIES", 0)  # how many of ours stand before this program
REL_ME = environment.words("NEWSROOM_REL_ME", [])  # profiles elsewhere that are this newsroom too
DATA_DIR = environment.folder("NEWSROOM_DATA_DIR", BASE_DIR / "var")
FETCH_IMAGES = environment.flag("NEWSROOM_FETCH_IMAGES", True)
DATA_DIR.mkdir(parents=True, exist_ok=True)

# --- The parts ---
INSTALLED_APPS = [
    "articles",
    "taggit",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "articles.views.compression.TextCompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "articles.views.validation.ValidationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "articles.views.scripts.ScriptMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Where things are kept ---
DATABASES = {"default": environment.database("DATABASE_URL", DATA_DIR / "newsroom.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": environment.cache("CACHE_URL")}
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = environment.text("NEWSROOM_MEDIA_URL", "/media/")
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": storage.pictures(MEDIA_URL),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or "pytest" in sys.modules
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Jobs: none, or a broker ---
CELERY_BROKER_URL = environment.address("CELERY_BROKER_URL", "", ("redis", "rediss", "amqp", "amqps"))
HAS_BROKER = bool(CELERY_BROKER_URL)
RENDITIONS_ON_DEMAND = not HAS_BROKER and MEDIA_URL.startswith("/")  # nobody makes them ahead, and we serve them
CELERY_BROKER_URL = CELERY_BROKER_URL or "memory://localhost/"  # never reached: tasks run where they are called then
CELERY_TASK_ALWAYS_EAGER = not HAS_BROKER
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {"fetch due images": {"task": "articles.tasks.fetch_due_images", "schedule": 300.0}}
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 1800, "unacked_restore_throttle": 1} if CELERY_BROKER_URL.startswith("redis") else {}
)

# --- Language and time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese")), ("zh-hant", _("Traditional Chinese"))]
LOCALE_PATHS = [BASE_DIR / "articles" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Safety ---
SECURE_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by load balancers, inside
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HTTPS
SECURE_HSTS_PRELOAD = SECURE_HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
_media_origin = [MEDIA_URL] if MEDIA_URL.startswith("http") else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, *_media_origin],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
PERMISSIONS_POLICY = {
    name: []
    for name in ("camera", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "payment", "usb")
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"

# --- Tags, logs, tests ---
TAGGIT_CASE_INSENSITIVE = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"celery": {"level": "WARNING"}},  # each task leaves a record of its own
    "root": {"handlers": ["stderr"], "level": "INFO" if DEBUG else "WARNING"},
}
