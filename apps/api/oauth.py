"""What django-oauth-toolkit asks of the site. Not here: its settings (project), its pages (views/access.py)."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from apps.api import actions
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


class Validator(OAuth2Validator):  # type: ignore[misc]  # ships no types
    """Ends what was given for a code when the code comes again: one of the two has stolen it (RFC 6749, 4.1.2)."""

    def validate_code(self, client_id: str, code: str, *args: Any, **kwargs: Any) -> bool:
        """Whether the code is good for a token."""
        is_good: bool = super().validate_code(client_id, code, *args, **kwargs)
        if not is_good:
            actions.end_tokens_of_code(code=code)
        return is_good

    def _save_bearer_token(self, token: dict[str, str], request: Any, *args: Any, **kwargs: Any) -> None:
        super()._save_bearer_token(token, request, *args, **kwargs)
        if request.grant_type == "authorization_code":
            actions.tie_to_code(refresh_token=token["refresh_token"], code=request.code)
