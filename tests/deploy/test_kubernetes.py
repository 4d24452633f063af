"""deploy/kubernetes, put together by kubectl: valid manifests, whose pods may do little and name only what there is."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.local import scratch
from tests.deploy.test_compose import rendered, start_roles

FOLDER = scratch.ROOT / "deploy" / "kubernetes"
VERSION = "1.33"
# What gunicorn gives the requests under way when it is told to end.
GUNICORN_SECONDS = 30
# Operators bring schemas of their own, and make pods of their own.
OPERATORS = {"postgresql.cnpg.io/v1"}
OPERATORS_LABELS = "cnpg.io/"

Manifest = dict[str, Any]


@cache
def manifests() -> list[Manifest]:
    kubectl = Path(sys.executable).with_name("kubectl")
    built = subprocess.run([kubectl, "kustomize", FOLDER / "overlays/example"], check=True, capture_output=True)
    return [dict(manifest) for manifest in yaml.safe_load_all(built.stdout)]


def of_kind(*kinds: str) -> list[Any]:
    found = [manifest for manifest in manifests() if manifest["kind"] in kinds]
    return [pytest.param(manifest, id=f"{manifest['kind']}-{manifest['metadata']['name']}") for manifest in found]


def pods() -> list[Any]:
    return of_kind("Deployment", "Job")


def pod(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["spec"]["template"]["spec"]
    return found


def containers(manifest: Manifest) -> Iterator[Manifest]:
    yield from pod(manifest).get("initContainers", [])
    yield from pod(manifest)["containers"]


def labels() -> list[dict[str, str]]:
    return [param.values[0]["spec"]["template"]["metadata"]["labels"] for param in pods()]


def selects(selector: Manifest) -> bool:
    """Whether there are pods for it. Operators' are not here."""
    wanted = selector.get("matchLabels", {})
    if any(label.startswith(OPERATORS_LABELS) for label in wanted):
        return True
    for expression in selector.get("matchExpressions", []):
        known = {one.get(expression["key"]) for one in labels()}
        assert set(expression["values"]) <= known
    return any(wanted.items() <= one.items() for one in labels())


@pytest.mark.parametrize("manifest", of_kind(*{manifest["kind"] for manifest in manifests()}))
def test_manifest_keeps_to_the_schema(manifest: Manifest) -> None:
    if manifest["apiVersion"] not in OPERATORS:
        kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("manifest", pods())
def test_pod_may_do_nothing_that_it_needs_not(manifest: Manifest) -> None:
    assert pod(manifest)["automountServiceAccountToken"] is False
    assert pod(manifest)["securityContext"]["runAsNonRoot"] is True
    assert pod(manifest)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(manifest):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("manifest", of_kind("Deployment"))
def test_pod_is_asked_whether_it_lives_and_is_ready(manifest: Manifest) -> None:
    for container in pod(manifest)["containers"]:
        ports = {port["name"] for port in container["ports"]}
        for probe in ("livenessProbe", "readinessProbe"):
            asked = container[probe].get("httpGet") or container[probe]["tcpSocket"]
            assert asked["port"] in ports


@pytest.mark.parametrize("manifest", pods())
def test_image_and_what_it_is_told_to_be(manifest: Manifest) -> None:
    images = {container["image"] for container in containers(manifest)}
    site = {image for image in images if image.startswith("registry.example.org/groundswell:")}

    assert len(site) == 1
    assert {image.partition(":")[0] for image in images - site} <= {"nginx"}
    for container in containers(manifest):
        if container["image"] in site:
            assert container["args"][0] in start_roles() | {"sh", "cp", "python"}


def test_what_drops_waits_until_it_is_told_that_the_former_release_has_gone() -> None:
    jobs = {param.values[0]["metadata"]["name"]: param.values[0]["spec"] for param in of_kind("Job")}

    waits = {name: spec.get("suspend", False) for name, spec in jobs.items()}

    assert waits == {"migrate": False, "contract": True}
    assert [spec["template"]["spec"]["containers"][0]["args"] for spec in jobs.values()] == [[name] for name in jobs]


@pytest.mark.parametrize(
    "manifest", [param for param in of_kind("Deployment") if re.search("worker|sched", str(param.id))]
)
def test_pod_waits_for_no_migration_that_waits_for_it(manifest: Manifest) -> None:
    [migrated] = pod(manifest)["initContainers"]

    assert migrated["args"] == ["python", "manage.py", "migrate", "--pre-deploy", "--check"]


def test_webs_find_what_another_one_has_made() -> None:
    [web] = [param.values[0] for param in of_kind("Deployment") if param.id == "Deployment-web"]
    [container] = pod(web)["containers"]

    shared = {mount["mountPath"]: mount["subPath"] for mount in container["volumeMounts"] if mount["name"] == "shared"}

    assert shared == {f"/var/lib/groundswell/{name}": name for name in ("media", "exports", "imports", "profiles")}


def test_pods_that_use_the_database_may_reach_it() -> None:
    [stores] = [param.values[0]["spec"] for param in of_kind("NetworkPolicy") if param.id == "NetworkPolicy-stores"]
    reach = set(stores["podSelector"]["matchExpressions"][0]["values"])

    assert reach == {one["app.kubernetes.io/name"] for one in labels()} - {"nginx"}


@pytest.mark.parametrize("manifest", [param for param in of_kind("Deployment") if "lifecycle" in str(param.values)])
def test_pod_has_time_to_end(manifest: Manifest) -> None:
    [container] = pod(manifest)["containers"]
    waits = int(container["lifecycle"]["preStop"]["exec"]["command"][1])

    assert pod(manifest)["terminationGracePeriodSeconds"] > waits + GUNICORN_SECONDS


@pytest.mark.parametrize("manifest", of_kind("ConfigMap"))
def test_settings_are_known_and_hold_no_secret(manifest: Manifest) -> None:
    known = (scratch.ROOT / ".env.example").read_text(encoding="utf-8")

    for name, text in manifest["data"].items():
        assert re.search(rf"^#{name}=", known, re.MULTILINE), name
        assert not re.search(r"PASSWORD|SECRET|TOKEN|://[^/]*@", f"{name}={text}")


def test_secrets_are_named_and_not_told() -> None:
    kinds = {manifest["kind"] for manifest in manifests()}

    assert "Secret" not in kinds


@pytest.mark.parametrize("manifest", of_kind("Service", "PodDisruptionBudget", "NetworkPolicy"))
def test_selectors_find_pods(manifest: Manifest) -> None:
    spec = manifest["spec"]
    rules = [*spec.get("ingress", []), *spec.get("egress", [])]
    peers = [peer for rule in rules for peer in [*rule.get("from", []), *rule.get("to", [])] if "podSelector" in peer]
    own = {"matchLabels": spec["selector"]} if manifest["kind"] == "Service" else spec.get("selector")

    assert selects(own or spec["podSelector"])
    assert all(selects(peer["podSelector"]) for peer in peers)


@pytest.mark.parametrize("manifest", of_kind("HorizontalPodAutoscaler"))
def test_autoscaler_moves_what_there_is_by_what_is_counted(manifest: Manifest) -> None:
    deployments = {param.values[0]["metadata"]["name"] for param in of_kind("Deployment")}
    code = "".join(path.read_text(encoding="utf-8") for path in (scratch.ROOT / "apps").rglob("metrics.py"))

    assert manifest["spec"]["scaleTargetRef"]["name"] in deployments
    for metric in manifest["spec"]["metrics"]:
        if metric["type"] != "Resource":
            assert f'"{metric[metric["type"].lower()]["metric"]["name"]}"' in code


@pytest.mark.parametrize("queue", ["fast", "default", "slow"])
def test_each_queue_has_a_worker_that_grows_with_it(queue: str) -> None:
    [worker] = [param.values[0] for param in of_kind("Deployment") if param.id == f"Deployment-worker-{queue}"]
    [scaler] = [param.values[0] for param in of_kind("HorizontalPodAutoscaler") if param.id.endswith(f"-{queue}")]

    assert pod(worker)["containers"][0]["args"][:2] == ["worker", queue]
    assert scaler["spec"]["metrics"][1]["external"]["metric"]["selector"]["matchLabels"] == {"queue": queue}
    assert scaler["spec"]["scaleTargetRef"]["name"] == f"worker-{queue}"


def test_nginx_knows_the_services_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    services = {param.values[0]["metadata"]["name"]: param.values[0]["spec"]["ports"] for param in of_kind("Service")}
    [nginx] = [param.values[0] for param in of_kind("Deployment") if param.id == "Deployment-nginx"]

    configuration = rendered(pod(nginx)["initContainers"][0]["args"][2], capsys)

    for name in ("web", "live"):
        assert f"server {name}:{services[name][0]['port']}" in configuration


def test_every_file_is_part_of_it() -> None:
    for file in FOLDER.rglob("kustomization.yaml"):
        named = yaml.safe_load(file.read_text(encoding="utf-8"))["resources"]

        others = {path.name for path in file.parent.glob("*.yaml")} - {"kustomization.yaml"}
        assert others == {name for name in named if name.endswith(".yaml")}
