"""Settings, in the order of Django's own reference. Every value comes from the environment.

`.env.example` documents each variable. Nothing imports this module; apps read `django.conf.settings`.
"""

import secrets
from pathlib import Path
from typing import Any

import csp.constants

from apps.observability import logs
from project import env, release

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.directory("VAR_DIR", BASE_DIR / "var")


def kept_secret_key() -> str:
    """A key made at the first start and kept beside the data, so that one box needs no set-up."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")


# gunicorn.conf.py says so: requests wait for nothing long, commands may.
IS_WEB = env.choice("PROCESS", "command", ("web", "command")) == "web"

# Core
SITE_NAME = env.text("SITE_NAME", "Groundswell")
SITE_URL = env.address("SITE_URL", f"http://127.0.0.1:{env.port('PORT', 8000)}")
SECRET_KEY = env.text("SECRET_KEY", "") or kept_secret_key()
DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "oauth2_provider",
    "drf_spectacular",
    "syzygy",
    "apps.core",
    "apps.replicas",
    "apps.jobs",
    "apps.pagecache",
    "apps.live",
    "apps.changes",
    "apps.observability",
    "apps.canary",
    "apps.accounts",
    "apps.communities",
    "apps.stories",
    "apps.previews",
    "apps.comments",
    "apps.votes",
    "apps.moderation",
    "apps.search",
    "apps.notifications",
    "apps.personal",
    "apps.feeds",
    "apps.hackernews",
    "apps.webhooks",
    "apps.importing",
    "apps.api",
]

MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "apps.observability.middleware.ViewNameMiddleware",
    "apps.api.middleware.OtherSitesMiddleware",
    # Before the rest: what it answers from the cache needs none of the others.
    "apps.pagecache.middleware.PageCacheMiddleware",
    # What any of the others refuses, programs are told in JSON.
    "apps.api.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Without Nginx the pages too travel compressed; Django masks the CSRF token and varies the length (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.replicas.middleware.FreshnessMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.pagecache.middleware.SlotMiddleware",
    "apps.replicas.middleware.ReadOnlyMiddleware",
    "apps.core.middleware.DomainErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "project.templating.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database
DATABASES: dict[str, Any] = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR}/groundswell.sqlite3")}
# Streaming replicas of the default server; apps/replicas sends reads there.
REPLICAS: list[str] = []
for number, address in enumerate(env.databases("DATABASE_REPLICA_URLS"), start=1):
    REPLICAS.append(f"replica{number}")
    DATABASES[f"replica{number}"] = address | {"TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["apps.replicas.router.Router"] if REPLICAS else []
# A lagging replica would log people and programs out.
REPLICAS_PRIMARY_ONLY = ["sessions.session", "api.token", "oauth2_provider.accesstoken"]
REPLICAS_LAG_LIMIT = env.integer("REPLICA_LAG_LIMIT", 10, minimum=1, maximum=3600)
READ_ONLY_VIEW = "apps.core.views.read_only"
MAINTENANCE_FILE = VAR_DIR / "maintenance"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if REPLICAS:
        raise SystemExit("DATABASE_REPLICA_URLS needs a PostgreSQL to replicate: set DATABASE_URL to its address.")
    DATABASES["default"]["OPTIONS"] = {
        # A write transaction takes its lock at BEGIN and waits for it: no "database is locked" halfway.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # synchronous stays FULL: an answered write survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA cache_size=-64000; PRAGMA temp_store=MEMORY;"
        "PRAGMA mmap_size=268435456;",
    }
else:
    for database in DATABASES.values():
        # The pool keeps connections, not the threads.
        database |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
        database["OPTIONS"] = {
            "connect_timeout": 2,
            "tcp_user_timeout": 5000,
            # Compiling a query takes longer than any of ours runs.
            "options": "-c jit=off",
        } | database.get("OPTIONS", {})
        # Commands need no pool either.
        if IS_WEB:
            database["OPTIONS"]["options"] += (
                " -c statement_timeout=10s -c lock_timeout=2s -c idle_in_transaction_session_timeout=30s"
            )
            database["OPTIONS"] |= {
                # Without a check at each checkout, which would sleep a second on a broken connection: the prober
                # drops the pool of a server that is gone.
                "pool": {
                    "min_size": 1,
                    "max_size": env.integer("WEB_THREADS", 4, minimum=1, maximum=256),
                    "timeout": 2,
                    "reconnect_timeout": 2,
                    "max_lifetime": 1800,
                },
            }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache and sessions
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "apps.pagecache.files.FileCache",
        "LOCATION": VAR_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}
if REDIS_URL := env.text("REDIS_URL", ""):
    CACHES["default"] = {
        # Of django-redis, counting what sessions and tokens ask for.
        "BACKEND": "django_prometheus.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "REDIS_CLIENT_CLASS": "apps.pagecache.guard.Client",
            # The first to meet a slow Redis waits so long; for the next seconds nobody does.
            "SOCKET_CONNECT_TIMEOUT": 0.15,
            "SOCKET_TIMEOUT": 0.15,
        },
    }
    # Read from Redis, kept in the database too: people stay logged in through the loss of either.
    SESSION_ENGINE = "apps.accounts.sessions"
# Redis gone: slower, and said in the log, but never an error.
DJANGO_REDIS_IGNORE_EXCEPTIONS = True
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# Kept pages (apps.pagecache)
PAGECACHE = True
# What a page may depend on in the query of its address; the rest of the query is for nobody here.
PAGECACHE_PARAMETERS = ["order", "after", "before", "text", "q", "ids"]
# Where the whole query counts, as what is unknown is refused; and a refusal is not kept.
PAGECACHE_WHOLE_QUERY_BELOW = "/api/v1/"
# Cookies, besides those of members, that slots look at.
PAGECACHE_SLOT_COOKIES = ["theme"]
# Others see a change after so many seconds at the latest; a busy page is rendered once in half of them.
PAGECACHE_BEHIND_SECONDS = 2.0
# Members get pages without what is theirs when requests wait so long for a thread.
PAGECACHE_QUEUE_SECONDS = 1.0
# Bytes of decoded pages in each process.
PAGECACHE_MEMORY = 32 * 1024 * 1024
# While two releases serve together, neither shows what the other has rendered: its slots may be unknown here.
PAGECACHE_RELEASE = release.name(BASE_DIR)
# Where a CDN reads a page's tags.
PAGECACHE_TAGS_HEADER = env.choice("CDN_TAGS_HEADER", "Surrogate-Key", ("Surrogate-Key", "Cache-Tag", "Edge-Cache-Tag"))
PAGECACHE_LOCK = VAR_DIR / "pagecache.lock"

# Deferred work (apps.jobs)
BROKER_URL = env.broker("BROKER_URL")
# The Celery app that tells workers of work; without a broker, runners find it in the table.
JOBS_TRANSPORT = "project.celery.app" if BROKER_URL else ""

# Live updates (apps.live): whether a live service stands beside the gunicorns
LIVE = env.boolean("LIVE", default=False)
if LIVE and not REDIS_URL:
    raise SystemExit("LIVE needs a Redis, by which the live service hears of things: set REDIS_URL to its address.")
# Kinds of topics that everybody may hear. For any other, a page holds its viewer's key.
LIVE_PUBLIC = ["story"]
# Pages that one process serves at the same time.
LIVE_STREAMS = env.integer("LIVE_STREAMS", 5000, minimum=1, maximum=100_000)

# Search: a configuration of PostgreSQL's full text search; "simple" knows no language
SEARCH_LANGUAGE = env.choice(
    "SEARCH_LANGUAGE",
    "english",
    # ruff: noqa: SIM905  # a list of names
    tuple(
        "simple arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian "
        "indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish "
        "tamil turkish yiddish".split()
    ),
)

# The address of an index of OpenSearch; without it, the database finds words.
SEARCH_URL = env.index("SEARCH_URL")

# Language and time
TIME_ZONE = "UTC"
USE_I18N = False

# Mail
EMAIL_BACKEND = f"apps.core.mail.{env.choice('EMAIL_BACKEND', 'console', ('console', 'smtp')).capitalize()}Backend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.port("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Groundswell <groundswell@localhost>")

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# All machines that run jobs or gunicorn share it.
EXPORTS_DIR = VAR_DIR / "exports"
# Where administrators put files that they want to look into before an import.
IMPORTS_DIR = VAR_DIR / "imports"
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "apps.accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# A stolen session is not enough to take an account: addresses want the password, and their owner hears of changes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_VALIDATORS = "apps.accounts.models.USERNAME_VALIDATORS"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "

# Safety
HTTPS = SITE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("BEHIND_PROXY", default=False) else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_AGE = 60 * 24 * 3600
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "apps.core.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.constants.SELF],
        "img-src": [csp.constants.SELF, "data:"],
        "object-src": [csp.constants.NONE],
        "base-uri": [csp.constants.NONE],
        "frame-ancestors": [csp.constants.NONE],
        "form-action": [csp.constants.SELF],
    },
}

# The API
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "apps.api.problems.refuse",
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.Schema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Groundswell API",
    "DESCRIPTION": "All that people can do in a browser, for programs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["apps.api.schema.complete"],
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}
# Apps of other people: authorization code with PKCE, for clients without a secret.
OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "apps.api.oauth.Scopes",
    "OAUTH2_VALIDATOR_CLASS": "apps.api.oauth.Validator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 86_400,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # On people's own machines, as RFC 8252 has it.
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
    # Tokens are stored hashed, the code's proof is S256, and so on, as RFC 9700 asks.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    # What libraries are told of the site: apps are public, and have no secret.
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
    "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["none"],
}
# It warns of http: apps.api.actions lets it through to people's own machines alone.
SILENCED_SYSTEM_CHECKS = ["oauth2_provider.W008"]
# How often one token, session or, for visitors, address may ask.
API_READS_PER_MINUTE = env.integer("API_READS_PER_MINUTE", 600, minimum=1, maximum=1_000_000)
API_WRITES_PER_MINUTE = env.integer("API_WRITES_PER_MINUTE", 60, minimum=1, maximum=1_000_000)

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "static_root")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# What the site makes itself: thumbnails.
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"

# Link previews (apps.previews): whether the site asks the pages that people link to
LINK_PREVIEWS = env.boolean("LINK_PREVIEWS", default=True)

# Watching (apps.observability): where Prometheus asks this process and its children; nowhere by default
METRICS_ADDRESS = env.place("METRICS_ADDRESS")
# What takes longer is told in the log.
SLOW_REQUEST_SECONDS = env.integer("SLOW_REQUEST_MS", 1000, minimum=1, maximum=60_000) / 1000
SLOW_QUERY_SECONDS = env.integer("SLOW_QUERY_MS", 200, minimum=1, maximum=60_000) / 1000
# Who is told of each request and job, span by span; nobody by default
SPANS_URL = env.collector("OTEL_EXPORTER_OTLP_ENDPOINT")
# Where profiles of single requests are kept
PROFILES_DIR = Path(env.text("PROFILES_DIR", str(VAR_DIR / "profiles")))

# Logs: to standard error, for whoever runs the process to keep
LOG_LEVEL = env.choice("LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = logs.config(LOG_LEVEL, is_readable=DEBUG)
