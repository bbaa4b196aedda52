"""One settings file: everything works with no variable set; every variable is read strictly (newsroom.environment)."""

import datetime
import logging
import pathlib
import sys

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from newsroom import environment, faults, logs, storage

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
WEBSUB_HUBS = environment.addresses("NEWSROOM_WEBSUB_HUBS")  # told when feeds change
DATA_DIR = environment.folder("NEWSROOM_DATA_DIR", BASE_DIR / "var")
FETCH_IMAGES = environment.flag("NEWSROOM_FETCH_IMAGES", True)
FILE_SECONDS = environment.number("NEWSROOM_FILE_SECONDS", 120, most=300)  # in which a file is read; most take 0.01
INBOX_DIR = environment.folder("NEWSROOM_INBOX_DIR", None)  # what is dropped there is imported
DATA_DIR.mkdir(parents=True, exist_ok=True)
METRICS_TOKEN = environment.secret("NEWSROOM_METRICS_TOKEN")  # who has it may read /metrics
SENTRY_DSN = environment.address("NEWSROOM_SENTRY_DSN", "")

# --- The parts ---
INSTALLED_APPS = [
    "articles",
    "taggit",
    "csp",
    "django_prose_editor",
    "newsroom.apps.DeskConfig",  # django.contrib.admin, under a site of ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "django_structlog",
]
MIDDLEWARE = [
    "articles.views.headers.HeadersMiddleware",
    "articles.views.watching.InsideMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "articles.views.watching.WatchingMiddleware",
    "articles.views.keeping.KeepingMiddleware",
    "articles.views.compression.TextCompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "articles.views.headers.PolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "articles.views.prefetching.PrefetchingMiddleware",
    "articles.views.validation.ValidationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "articles.views.scripts.ScriptMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "articles.views.acting.ActingMiddleware",
    "articles.guarding.gate.EnrolmentMiddleware",
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
# Whole answers in the memory of each process. A developer's templates change, and tests want every page made anew.
KEPT_PAGES = 0 if DEBUG or "pytest" in sys.modules else environment.number("NEWSROOM_KEPT_PAGES", 300)
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
DATA_UPLOAD_MAX_NUMBER_FILES = 2000  # an import's own limit is lower, and is told in words
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
# A broker that is away is told to whoever waits for a page, soon; what was not handed out has a record.
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
_CLOCK = {  # task: seconds between two of its messages
    "clear_uploads": 86400,
    "feel_pulse": 60,
    "fetch_due_images": 300,
    "find_alike_left": 900,  # as long as a task may take: hardly ever while another is at it
    "forget_sign_ins": 3600,
    "go_on_with_silent_bulk_jobs": 300,
    "go_on_with_silent_imports": 300,
    "index_waiting": 300,
    "learn_topics": 86400,
    "make_missing_renditions": 3600,
    "settle_take_downs": 60,
    "tell_hubs": 60,
    **({"watch_inbox": 30} if INBOX_DIR is not None else {}),
}
# A message that no worker takes before the next one comes is of no use: workers that come back find few, not thousands.
CELERY_BEAT_SCHEDULE = {
    name.replace("_", " "): {
        "task": f"articles.tasks.{name}",
        "schedule": float(seconds),
        "options": {"expires": 3600 if name == "feel_pulse" else seconds},  # the pulse tells how long it had to wait
    }
    for name, seconds in _CLOCK.items()
}
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
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked by load balancers, inside
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
        "require-trusted-types-for": ["'script'"],  # no page of ours builds markup out of strings
        "trusted-types": [NONE],
    },
}
PERMISSIONS_POLICY = {
    name: []
    for name in (
        *("accelerometer", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope", "magnetometer"),
        *("microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
    )
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
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}
LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = ["articles.guarding.throttling.StaffBackend"]
SESSION_ENGINE = "articles.guarding.sessions"
SESSION_COOKIE_AGE = 7 * 86400  # at the latest; after 12 idle hours it ends, too
# Failures are forgotten after a quarter of an hour. No address, name or browser is stored: see throttling.
AXES_HANDLER = "articles.guarding.throttling.ThrottlingHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "articles.guarding.throttling.address_digest"
AXES_USERNAME_CALLABLE = "articles.guarding.throttling.name_digest"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]  # in its log; of what is sent, the handler sees nothing
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# W002, W003 ask for its middleware and its backend: refusals look and cost like any other here, so neither its page for
# them nor its backend, which hashes nothing, is used, but throttling.StaffBackend.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W003"]

# --- Tags, logs, tests ---
TAGGIT_CASE_INSENSITIVE = True
LOGGING = logs.configuration(DEBUG)
DJANGO_STRUCTLOG_CELERY_ENABLED = HAS_BROKER  # a task knows the number of the request that asked for it
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG  # its end is told, with how long it took
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR
faults.tell(SENTRY_DSN)
