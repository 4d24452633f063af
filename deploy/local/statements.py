"""Counts what the site asks a database, through pg_stat_statements.

Not what goes on all the time: the prober, positions, sessions' set-up, looks for jobs and for votes to fold.
"""

from collections import Counter

from deploy.local.members import SITE, Database

# Every server loads it; transactions' own statements are not counted.
SETTINGS = """
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track_utility = off
"""
PAGES = r"""
    SELECT query, sum(calls)::bigint FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND userid = (SELECT oid FROM pg_roles WHERE rolname = %s)
      AND query !~ 'replicas_heartbeat|_wal_|set_config|pg_stat_statements|jobs_job|^SELECT \$1 AS "a" FROM "\w+delta"'
    GROUP BY query
"""


def prepare(primary: Database) -> None:
    """Make the view, once; the replicas repeat it."""
    primary.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def counts(database: Database) -> Counter[str]:
    """How often the site has asked each query since the server's start."""
    return Counter(dict(database.query(PAGES, [SITE])))


def count(database: Database) -> int:
    """How many queries the site has asked since the server's start."""
    return counts(database).total()
