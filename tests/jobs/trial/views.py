"""A request that promises something, and has it done by jobs."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.jobs import actions as jobs
from apps.pagecache import purging


@csrf_exempt
@require_POST
def promise(request: HttpRequest) -> HttpResponse:
    """Note each `word` and each `mail`, enqueue the jobs that are to keep them, and purge a tag, in one transaction."""
    words, mails = request.POST.getlist("word"), request.POST.getlist("mail")
    with transaction.atomic(), connection.cursor() as cursor:
        for word in (*words, *mails):
            cursor.execute("INSERT INTO promises VALUES (%s, %s)", [word, word in mails])
        for word in words:
            jobs.enqueue("trial.keep", word=word)
        for mail in mails:
            jobs.enqueue("trial.mail", word=mail)
        purging.purge("trial")
    return HttpResponse(status=201)
