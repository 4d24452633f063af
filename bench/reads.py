"""Which server answers the queries of 1,000 page views: printed for visitors and for members.

Run: `python -m bench.reads [VIEWS]`. The aims: replicas answer at least 95 % of visitors' and 90 % of members' page
queries. The mix is that of Lobsters in 2018 (jonhoo/trawler), without logging in and out and without downvotes,
which this site has not; members write between their views, each write's own queries are not counted, what the
member reads after it is.
"""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import django

from deploy.local import fleet, statements
from deploy.local.fleet import Fleet

VIEWS = 1000
MEMBERS = 20
CSRF = "c" * 32
# Of a hundred requests.
READS = {"story": 55.842, "front": 30.105, "person": 6.702, "comments": 4.674, "newest": 0.967}
WRITES = {"comment vote": 0.630, "story vote": 0.475, "comment": 0.316, "reply": 0.071, "story": 0.053}
