"""What the site asks of allauth: free names that fit addresses, limits for each sender, mail that leads here."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.tags import PEOPLE
from apps.core.http import client_address
from apps.jobs import actions as jobs
from apps.pagecache import purging
from apps.pagecache.tags import viewer

RESERVED = {"admin", "administrator", "moderator", "root", "support", "system", "erased", "deleted", "groundswell"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Checks names on sign-up, and tells the list of people, the search and kept pages."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose guesses are counted together: not those of all who come through the same proxy."""
        return str(client_address(request) or "")

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """The name, or a ValidationError that says what is wrong with it."""
        name: str = super().clean_username(username, shallow=shallow)
        if name.lower() in RESERVED:
            raise ValidationError("This name is kept for the site itself. Choose another.")
        if not shallow and User.objects.filter(username__lower=name.lower()).exists():
            raise ValidationError("This name is taken. Choose another.")
        return name

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that names the site and links to it by SITE_URL: a request's Host is whatever its sender says."""
        site = SimpleNamespace(name=settings.SITE_NAME, domain=urlsplit(settings.SITE_URL).netloc)
        links = {name: _here(link) for name, link in context.items() if name.endswith("_url")}
        super().send_mail(template_prefix, email, context | links | {"current_site": site})

    def set_password(self, user: User, password: str) -> None:
        """Change the password, which ends the person's other sessions, and what those have kept of pages."""
        super().set_password(user, password)
        purging.purge(viewer(user.pk))

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Add a person."""
        person: User = super().save_user(request, user, form, commit)
        jobs.enqueue("search.index", kind="person", pk=person.pk)
        purging.purge(PEOPLE)
        return person


def _here(link: str) -> str:
    """The same page at the site's own address."""
    return f"{settings.SITE_URL}{urlsplit(link).path}"
