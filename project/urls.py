"""All addresses, joined from the apps' own lists."""

from django.contrib import admin
from django.urls import include, path

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.forbidden"
handler404 = "apps.core.views.not_found"
handler500 = "apps.core.views.failure"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("account/", include("allauth.account.urls")),
    path("", include("apps.core.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.communities.urls")),
    path("", include("apps.stories.urls")),
    path("", include("apps.votes.urls")),
    path("", include("apps.moderation.urls")),
    # Last, since any word can end a thread's address.
    path("", include("apps.comments.urls")),
]
