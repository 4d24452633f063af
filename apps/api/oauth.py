"""What django-oauth-toolkit asks of the site. Not here: its settings (project), its pages (views/access.py)."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from apps.api.models import Scope


class Scopes(BaseScopes):  # type: ignore[misc]  # ships no types
    """The same words as for personal tokens."""

    def get_all_scopes(self) -> dict[str, str]:
        """Each scope and what it allows."""
        return {str(scope): str(scope.label) for scope in Scope}

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """All of them, for every app."""
        return list(Scope.values)

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """What an app gets that does not say what it needs."""
        return [str(Scope.READ)]
