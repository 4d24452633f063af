"""All addresses, joined from the apps' own lists."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from apps.api.urls import oauth
from apps.observability.admin import operations, profile, profile_list
from apps.pagecache.admin import page_cache
from apps.votes.admin import recounts

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.forbidden"
handler404 = "apps.core.views.not_found"
handler500 = "apps.core.views.failure"

# Through the site's own page, which slows down who guesses.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
admin.site.index_template = "admin/observability/index.html"
admin.site.site_header = admin.site.site_title = settings.SITE_NAME

urlpatterns = [
    path("admin/page-cache/", admin.site.admin_view(page_cache), name="page_cache"),
    path("admin/operations/", admin.site.admin_view(operations), name="operations"),
    path("admin/profiles/", admin.site.admin_view(profile_list), name="profiles"),
    path("admin/profiles/<str:name>", admin.site.admin_view(profile), name="profile"),
    path("admin/recounts/", admin.site.admin_view(recounts), name="recounts"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.account.urls")),
    path("", include("apps.core.urls")),
    path("", include("apps.canary.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.communities.urls")),
    path("", include("apps.stories.urls")),
    path("", include("apps.previews.urls")),
    path("", include("apps.votes.urls")),
    path("", include("apps.moderation.urls")),
    path("", include("apps.search.urls")),
    path("", include("apps.api.urls")),
    path("", include((oauth, "oauth2_provider"))),
    path("", include("apps.notifications.urls")),
    path("", include("apps.personal.urls")),
    path("", include("apps.feeds.urls")),
    path("", include("apps.hackernews.urls")),
    # Last, since any word can end a thread's address.
    path("", include("apps.comments.urls")),
]
