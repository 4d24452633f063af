#!/usr/bin/env python
"""The command line of the site: `python manage.py help` lists what it can do."""

import os
import sys

import django
from django.core.management import execute_from_command_line

from project import counters, env

# They count for Prometheus, each as a service of its kind.
LASTING = {"run_jobs": "runner", "schedule_jobs": "scheduler"}

if __name__ == "__main__":
    env.read_file()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if kind := LASTING.get(" ".join(sys.argv[1:2])):
        counters.share(kind)
        django.setup()
        counters.tell()
    execute_from_command_line(sys.argv)
