"""Every setting of the project, read from the environment; docs in .env.example.

A wrong value stops the start with a sentence that says what was expected.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.csp import CSP

from coachdash import environment, postgres
from coachdash.logs.configuration import FORMATS, configure_structlog, logging_config
from coachdash.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environment.read(BASE_DIR / ".env")

# Without DATABASE_URL this is a checkout on somebody's desk; with it, a deployment unless it says otherwise.
DEBUG = environment.boolean(env, "DEBUG", default=postgres.wanted())
SECRET_KEY = environment.secret_key(env, debug=DEBUG, kept_in=VAR_DIR / "secret_key")
ALLOWED_HOSTS = environment.hosts(env, "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.origins(env, "CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "jobqueue",
    "django_crontab",  # after jobqueue, whose command `crontab` is the one to use
    "gameplatform",
    "coachdash",
]

MIDDLEWARE = [
    "coachdash.middleware.address.AddressMiddleware",
    "coachdash.middleware.headers.HeadersMiddleware",
    "jobqueue.http.middleware.JsonProblemsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "coachdash.middleware.probes.ProbesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "coachdash.middleware.request_log.RequestLogMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "coachdash.middleware.policy.SitePolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "coachdash.urls"
WSGI_APPLICATION = "coachdash.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.csp",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": environment.database(env)}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"

# So often a name may fail to log in from one address before both together have to wait.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or others could keep somebody out for ever
AXES_LOCKOUT_CALLABLE = "coachdash.lockout.answer"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# The files of the API's page; ninja is no installed app, or every worker would import it.
STATICFILES_DIRS = [BASE_DIR / "templates" / "static", environment.folder_of("ninja") / "static"]
WHITENOISE_USE_FINDERS = DEBUG

SECURE_CSP: dict[str, Any] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

SESSION_COOKIE_AGE = 12 * 3600  # seconds; a day at school
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script asks for it
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes of a body
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
# Proxies in front of the site that say in X-Forwarded-For whom they speak for.
TRUSTED_PROXIES = environment.number(env, "TRUSTED_PROXIES", default=0 if DEBUG else 1, most=9)

if not DEBUG:
    SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)$", r"^metrics$"]
    SECURE_SSL_REDIRECT = environment.boolean(env, "SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    # Without a proxy, anybody could claim to come by HTTPS.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_CSP["upgrade-insecure-requests"] = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers take these names only over HTTPS, from this very host, for all of it.
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

LOGGING = logging_config(
    format_=environment.choice(env, "LOG_FORMAT", default="console" if DEBUG else "json", options=FORMATS),
    level=environment.choice(env, "LOG_LEVEL", default="INFO", options=("DEBUG", "INFO", "WARNING", "ERROR")),
)
configure_structlog()
SENTRY_DSN = environment.sentry_dsn(env)

GAME_PLATFORM: dict[str, Any] = {
    "ENABLED": environment.boolean(env, "GAME_PLATFORM_INTEGRATION_ENABLED", default=True),
    "PROVIDER": environment.choice(env, "GAME_PLATFORM_PROVIDER", default="metactf", options=("metactf",)),
    "API_BASE_URL": environment.url(
        env, "GAME_PLATFORM_API_BASE_URL", default="https://api.metactf.com/integrations/syned/v1"
    ),
    "API_TOKEN": env("GAME_PLATFORM_API_TOKEN", default=""),
    "COACHES_OF": "coachdash.scopes.coaches_of_organization",
}
JOB_QUEUE: dict[str, Any] = {
    "DISABLED": environment.boolean(env, "JOB_QUEUE_DISABLED", default=False),
    "VERSION": env("APP_VERSION", default="")[:64],
    "RUNNER_SECRETS": environment.rotating_secret(env, "JOB_QUEUE_RUNNER_SECRET"),
    "CRON_SECRETS": environment.rotating_secret(env, "CRON_SECRET"),
    "METRICS_TOKENS": environment.rotating_secret(env, "METRICS_TOKEN"),
    "METRICS": ["gameplatform.metrics.families"],
    "SECRETS": [text for text in (GAME_PLATFORM["API_TOKEN"], SENTRY_DSN) if len(text) >= environment.SHORTEST_MASKED],
    "SCOPES": "coachdash.scopes.SCOPES",
    "SCHEDULE_TEMPLATES": "gameplatform.schedules.TEMPLATES",
    "PLAYBOOK": BASE_DIR / "docs" / "playbook.md",
    "QUICK_ACTIONS": "gameplatform.quick_actions.QUICK_ACTIONS",
    "DASHBOARD": "coachdash.admin_dashboard.PARTS",
}
TASKS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "jobqueue.backend.JobQueueBackend"}}

# Where no worker may stay: `manage.py crontab add` has cron do this, at the host's local time.
CRONJOBS: list[tuple[Any, ...]] = [
    ("* * * * *", "jobqueue.crontab.tick"),
    ("* * * * *", "jobqueue.crontab.cycle"),
    ("25 3 * * *", "jobqueue.crontab.cleanup"),
]
CRONTAB_DJANGO_MANAGE_PATH = str(BASE_DIR / "manage.py")
# One cycle at a time on a host: one that lasts goes on to take what becomes due, and others would only pile up.
CRONTAB_LOCK_JOBS = True
