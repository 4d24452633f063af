"""What Prometheus is told to alert on, tried on made-up series; the fleet's test tries it on real ones."""

import subprocess

import pytest

from deploy.local.scratch import ROOT

DIRECTORY = ROOT / "deploy" / "prometheus"


@pytest.mark.parametrize(
    "command", ["check config prometheus.yml", "check rules alerts.yml", "test rules alerts.test.yml"]
)
def test_rules_and_their_own_tests_hold(command: str) -> None:
    said = subprocess.run(["promtool", *command.split()], cwd=DIRECTORY, capture_output=True, text=True)

    assert said.returncode == 0, said.stdout + said.stderr
