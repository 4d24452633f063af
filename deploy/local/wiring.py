"""How the servers of a fleet learn of each other: the site's settings, Nginx's door, whom Prometheus asks."""

from dataclasses import replace

from deploy.local import postgres, programs
from deploy.local.members import Broker, Database, Live, Member, Nginx, Prometheus, Redis, Scheduler, Worker
from deploy.local.processes import Program
from deploy.local.roster import Roster
from deploy.nginx.render import Door


def environment(roster: Roster) -> dict[str, str]:
    """The site's settings, for gunicorns, workers and commands."""
    own = {
        "DATABASE_URL": roster.primary.url,
        "DATABASE_REPLICA_URLS": ",".join(replica.url for replica in roster.replicas),
        "REDIS_URL": roster.redis.url,
        "LIVE": "1",
        "BROKER_URL": roster.broker.url,
        "SITE_URL": roster.address,
        "ALLOWED_HOSTS": f"{roster.nginx.host},localhost",
        "BEHIND_PROXY": "1",
        "VAR_DIR": str(roster.directory / "site"),
        "STATIC_ROOT": str(roster.static_root),
        # Tests and benchmarks ask nobody outside of this machine.
        "LINK_PREVIEWS": str(int(roster.staying)),
    }
    # The files that somebody's own environment names would win.
    return own | {f"{name}_FILE": "" for name in own}


def program(roster: Roster, member: Member) -> Program:
    """What starts it, on its own machine; writes its file of configuration, if it has one."""
    return replace(_program(roster, member), network=member.network)


def _program(roster: Roster, member: Member) -> Program:
    match member:
        case Database():
            return postgres.program_on(member.data, member.password, {}, member.port, member.host)
        case Redis():
            keeps = isinstance(member, Broker)
            return programs.redis(member.directory, member.port, member.password, host=member.host, keeps=keeps)
        case Nginx():
            return programs.nginx(_door(roster), member.port, member.host)
        case Prometheus():
            targets = {other.name: other.metrics_port for other in roster.members if other.is_counting}
            return programs.prometheus(member.directory, member.port, targets)
    return _program_of_site(roster, member)


def _program_of_site(roster: Roster, member: Member) -> Program:
    settings = environment(roster)
    if roster.is_watched:
        settings["METRICS_ADDRESS"] = f"127.0.0.1:{member.metrics_port}"
    match member:
        case Worker():
            return programs.worker(member.directory, member.queue, settings)
        case Scheduler():
            return programs.scheduler(member.directory, settings)
        case Live():
            return programs.live(member.directory, member.port, settings, member.host)
    return programs.gunicorn(member.directory, member.port, settings, member.host)


def _door(roster: Roster) -> Door:
    return Door(
        directory=roster.nginx.directory,
        listen=[f"{roster.nginx.host}:{roster.nginx.port}"],
        gunicorns=[f"{gunicorn.host}:{gunicorn.port}" for gunicorn in roster.gunicorns],
        live=[f"{roster.live.host}:{roster.live.port}"],
        static_root=roster.static_root,
        media_root=roster.media_root,
        # Tests and benchmarks write much, and all of it from one address.
        limits=roster.staying,
    )
