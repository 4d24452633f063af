"""A site of names: it says which database answered, and lets people add names and log in."""

from django.contrib.auth import login
from django.contrib.auth.models import Group
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.models import User
from apps.replicas import readonly


def names(request: HttpRequest) -> JsonResponse:
    groups = Group.objects.order_by("pk")
    found = [group.name for group in groups]
    return JsonResponse(
        {
            "names": found,
            "database": groups.db,
            "person": str(request.user),
            "notice": readonly.notice(),
        }
    )


@csrf_exempt
def add(request: HttpRequest) -> HttpResponse:
    Group.objects.create(name=request.POST["name"])
    return HttpResponse("added")


@csrf_exempt
def add_raw(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [request.POST["name"]])
    return HttpResponse("added")


@csrf_exempt
def sign_in(request: HttpRequest) -> HttpResponse:
    person, _ = User.objects.get_or_create(username=request.POST["name"])
    login(request, person)
    return HttpResponse("signed in")


@csrf_exempt
def change_password(request: HttpRequest) -> HttpResponse:
    person = User.objects.get(username=str(request.user))
    person.set_password("another good password")
    person.save()
    login(request, person)
    return HttpResponse("changed")


def read_only(request: HttpRequest, message: str) -> HttpResponse:
    return HttpResponse(f"{message} {request.POST.get('name', '')} {request.user}", status=503)


urlpatterns = [
    path("names", names),
    path("add", add),
    path("add-raw", add_raw),
    path("sign-in", sign_in),
    path("change-password", change_password),
]
