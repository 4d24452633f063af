#!/usr/bin/env python
"""The command line of the site: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from project import counters, env

# What they count is shown together with what gunicorn counts.
LASTING = {"run_jobs", "schedule_jobs"}

if __name__ == "__main__":
    env.read_file()
    if LASTING.intersection(sys.argv[1:2]):
        counters.share()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)
