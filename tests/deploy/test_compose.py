"""deploy/compose.yaml: a valid file, whose services may do little and name only what there is."""

import json
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml

from deploy.local import scratch
from deploy.nginx import render

FILE = scratch.ROOT / "deploy" / "compose.yaml"
# Interpolated: ${NAME:-default}, ${NAME-default} and ${NAME:?what to do}.
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?::?-([^}]*)|:\?[^}]+)\}")


@cache
def project() -> dict[str, Any]:
    words = VARIABLE.sub(lambda found: "/given" if found[2] is None else found[2], FILE.read_text(encoding="utf-8"))
    loaded: dict[str, Any] = yaml.safe_load(words)
    return loaded


SERVICES = list(project()["services"])
LASTING = [name for name in SERVICES if name not in {"door", "migrate"}]


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = project()["services"][name]
    return found


def start_roles() -> set[str]:
    """What deploy/image/start knows."""
    words = (scratch.ROOT / "deploy/image/start").read_text(encoding="utf-8")
    branches = re.findall(r"^    (\w[\w |]*)\)$", words, re.MULTILINE)
    return {role for branch in branches for role in branch.split(" | ")}


def test_file_keeps_to_the_specification() -> None:
    compose_spec.PyCompose.from_json(json.dumps(project())).validate()


@pytest.mark.parametrize("name", SERVICES)
def test_service_may_do_nothing_that_it_needs_not(name: str) -> None:
    found = service(name)

    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found.get("user", "").split(":")[0] != "0"
    assert found["mem_limit"]
    assert found["cpus"]


@pytest.mark.parametrize("name", LASTING)
def test_lasting_service_comes_back_and_is_asked_how_it_is(name: str) -> None:
    found = service(name)

    assert found["restart"] == "unless-stopped"
    assert "test" in found["healthcheck"] or name == "backup"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_names_is_there(name: str) -> None:
    found = service(name)
    volumes = [volume.split(":")[0] for volume in found.get("volumes", [])]

    assert set(found.get("depends_on", {})) <= set(SERVICES)
    for volume in volumes:
        if volume.startswith("./") and volume != "./compose/tls":
            assert (FILE.parent / volume).exists(), volume
        elif not volume.startswith((".", "/")):
            assert volume in project()["volumes"], volume


@pytest.mark.parametrize("name", [name for name in SERVICES if service(name)["image"] == "groundswell"])
def test_settings_are_known_and_hold_no_secret(name: str) -> None:
    known = (scratch.ROOT / ".env.example").read_text(encoding="utf-8")

    for variable, text in service(name)["environment"].items():
        assert re.search(rf"^#{variable.removesuffix('_FILE')}=", known, re.MULTILINE), variable
        if variable.endswith("_FILE"):
            assert text.removeprefix("/run/secrets/") in service(name)["secrets"]
        else:
            assert "@" not in text


@pytest.mark.parametrize("name", SERVICES)
def test_command_is_one_that_the_image_knows(name: str) -> None:
    if service(name)["image"] == "groundswell":
        assert service(name)["command"][0] in start_roles() | {"sh"}


def test_prometheus_is_told_of_all_who_answer_it() -> None:
    told = (scratch.ROOT / "docs/shipping.md").read_text(encoding="utf-8")
    answer = {name for name in LASTING if "METRICS_ADDRESS" in service(name).get("environment", {})}

    assert set(re.findall(r"`([\w-]+):9100`", told)) == answer
    assert all("outside" in service(name)["networks"] for name in answer)


def rendered(script: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Nginx's configuration, as a shell's script has it made."""
    [options] = re.findall(r"deploy\.nginx\.render (.+?)>", script, re.DOTALL)
    render.main(shlex.split(options.replace("\\\n", " ")))
    return capsys.readouterr().out


def test_nginx_knows_who_is_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    configuration = rendered(service("door")["command"][2], capsys)

    for name, port in {"web1": 8000, "web2": 8000, "live": 8100}.items():
        assert f"server {service(name)['networks']['site']['ipv4_address']}:{port}" in configuration


def test_secrets_are_made_once_and_fit_together(tmp_path: Path) -> None:
    script = tmp_path / "secrets"
    script.write_bytes((FILE.parent / "compose/secrets").read_bytes())

    first, second = (subprocess.run(["sh", str(script)], check=False, capture_output=True) for _ in range(2))

    kept = {path.name: path.read_text(encoding="ascii") for path in (tmp_path / "secrets.d").iterdir()}
    assert (first.returncode, second.returncode) == (0, 1)
    assert set(kept) == set(project()["secrets"])
    assert kept["site_password"] in kept["database_url"]
    assert kept["site_password"] in kept["replica_urls"]
    assert kept["copy_password"] in kept["backup_url"]
    assert len(set(kept.values())) == len(kept)
    assert (tmp_path / "secrets.d").stat().st_mode & 0o777 == 0o700


def test_what_the_image_is_made_of_is_there() -> None:
    wanted = (scratch.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    for line in wanted:
        assert not line.startswith("!") or (scratch.ROOT / line[1:]).exists(), line
