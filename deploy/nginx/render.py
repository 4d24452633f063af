"""Nginx's configuration, from the one template: `python -m deploy.nginx.render --help`."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).parent
BROTLI_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What differs from place to place.

    `directory` gets logs and caches. `gunicorns` and `live` services are "host:port" or "unix:/path". `listen` and
    `listen_tls` are ports or "address:port"; with a `certificate`, what comes to `listen` is sent to https. Without
    `user`, whoever starts Nginx runs it. `trusted_proxies` are networks; without any, nobody is believed to speak for
    somebody else.
    """

    directory: Path
    gunicorns: Sequence[str]
    static_root: Path
    media_root: Path
    listen: Sequence[str]
    live: Sequence[str] = ()
    listen_tls: Sequence[str] = ()
    server_name: str = "_"
    certificate: str = ""
    key: str = ""
    trusted_proxies: Sequence[str] = ()
    user: str = ""
    limits: bool = True


def render(door: Door) -> str:
    """The whole file; for brotli, on the machine that it is for."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (a configuration, and no stranger's words in it)
    )
    brotli_module = BROTLI_MODULE if BROTLI_MODULE.exists() else None
    return environment.get_template("nginx.conf.j2").render(**asdict(door), brotli_module=brotli_module)


def main(arguments: Sequence[str]) -> None:
    """Print the file for production."""
    options = _parser().parse_args(arguments)
    if bool(options.certificate) != bool(options.key):
        raise SystemExit("A certificate has a key: give --certificate and --key, or neither.")
    sys.stdout.write(render(Door(**vars(options))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.nginx.render", description="Print Nginx's configuration for production."
    )
    add = parser.add_argument
    add("--server-name", required=True, help="host names, separated by spaces")
    each = "host:port or unix:/path; for each again"
    add("--gunicorn", dest="gunicorns", action="append", required=True, metavar="ADDRESS", help=each)
    live = "a live service, like a gunicorn; for each again"
    add("--live", action="append", default=[], metavar="ADDRESS", help=live)
    add("--static-root", type=Path, required=True, help="where collectstatic has put the files")
    add("--media-root", type=Path, required=True, help="media in the site's VAR_DIR")
    add("--directory", type=Path, default=Path("/var/lib/groundswell-nginx"), help="for logs and caches; it must exist")
    add("--listen", nargs="+", default=["80", "[::]:80"], metavar="PORT", help="default: 80, IPv4 and IPv6")
    add("--listen-tls", nargs="+", default=["443", "[::]:443"], metavar="PORT", help="with a certificate; default: 443")
    add("--certificate", default="", help="the chain's file, for https")
    add("--key", default="", help="its key's file")
    trusted = "a load balancer or CDN in front, such as 10.0.0.0/8; for each again"
    add("--trusted-proxy", dest="trusted_proxies", action="append", default=[], metavar="NETWORK", help=trusted)
    add("--user", default="www-data", help="who runs the workers")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
