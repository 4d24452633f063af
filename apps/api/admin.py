"""Admin of tokens and apps: which there are. People revoke their own on their settings pages."""

from django.contrib import admin
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

from apps.api.models import KeptAnswer, Token
from apps.core.admin import ReadOnlyAdmin

# The toolkit's own show secrets, and change what actions should.
admin.site.unregister([AccessToken, Application, Grant, IDToken, RefreshToken])


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Personal tokens, without their secrets."""

    list_display = ("name", "person", "scope", "created_at", "expires_at", "used_at")
    list_select_related = ("person",)
    search_fields = ("id", "person__username__lower")
    exclude = ("digest",)


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    """Answers for those who send a request again."""

    list_display = ("id", "person", "status", "created_at")
    list_select_related = ("person",)
    search_fields = ("id", "person__username__lower")
    exclude = ("digest", "request")


@admin.register(Application)
class AppAdmin(ReadOnlyAdmin):
    """Apps of other people."""

    list_display = ("name", "user", "redirect_uris", "created")
    list_select_related = ("user",)
    search_fields = ("id", "user__username__lower")
    exclude = ("client_secret",)
