"""The manifests fit Kubernetes' schemas, the gateway's settings, and one another."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import Settings
from tests.deploy.configurations import (
    DRAIN,
    KUBERNETES,
    PORT,
    USER,
    configured,
    manifest,
    manifests,
    named_files,
)
from tests.house.tree import ROOT

STORE_KEY = "YSBrZXkgb2YgMzIgYnl0ZXMgZm9yIHRoZSB0ZXN0cyE="
#: What the example of the secret is replaced by.
SECRETS = {
    "store_url": "postgresql://gateway:secret@postgres.example/gateway",
    "store_key": STORE_KEY,
    "cache_url": "redis://gateway:secret@valkey.example:6379/0",
    "weixin_secret": "secret",
    "weixin_event_token": "token",
    "weixin_event_aes_key": "a" * 43,
}
MOUNT = "/run/secrets/gateway"


def pod(kind: str) -> dict[str, Any]:
    """The specification of the pods of the deployment, or of the migration."""
    name = {"Deployment": "gateway", "Job": "gateway-migrate"}[kind]
    specification: dict[str, Any] = manifest(kind, name)["spec"]["template"]["spec"]
    return specification


def container(kind: str) -> dict[str, Any]:
    """The one container of such a pod."""
    (one,) = pod(kind)["containers"]
    found: dict[str, Any] = one
    return found


def configuration() -> str:
    """The gateway.toml of the config map."""
    text: str = manifest("ConfigMap")["data"]["gateway.toml"]
    return text


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings that the gateway starts with."""
    files = {}
    for name, text in SECRETS.items():
        files[f"{MOUNT}/{name}"] = tmp_path / name
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o440)
    return configured(configuration(), files)


@pytest.mark.long
@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_the_manifests_fit_the_schemas_of_a_version(version: str) -> None:
    validator = Path(sys.executable).with_name("kubernetes-validate")
    checked = subprocess.run(
        [validator, "--strict", "-k", version, *sorted(KUBERNETES.glob("*.yaml"))],
        capture_output=True,
        text=True,
        check=False,
    )

    told = checked.stdout.splitlines()
    assert (checked.returncode, checked.stderr) == (0, "")
    # One line a manifest: a kind without a schema would be a warning only.
    assert [line for line in told if " passed for " not in line] == []
    assert len(told) == len(manifests())


def test_the_page_applies_every_manifest() -> None:
    page = (ROOT / "docs" / "deployment.md").read_text()
    names = {path.name for path in KUBERNETES.glob("*.yaml")}

    assert {name for name in names if f"-f {name}" not in page} == {"secret.example.yaml"}


def test_all_is_in_one_namespace() -> None:
    places = {one["metadata"].get("namespace") for one in manifests() if one["kind"] != "Namespace"}

    assert places == {manifest("Namespace", "commerce-gateway")["metadata"]["name"]}


def test_the_gateway_starts_with_the_configuration(settings: Settings) -> None:
    assert settings.warnings == ()
    assert (settings.server.host, settings.server.port) == ("0.0.0.0", PORT)  # noqa: S104 - as said
    assert settings.server.workers == 1
    assert settings.store.sqlite_file is None
    assert not settings.cache.is_memory


def test_the_secret_has_what_the_configuration_names() -> None:
    given = manifest("Secret")["stringData"].keys()

    assert {f"{MOUNT}/{name}" for name in given} == named_files(configuration())
    assert given == SECRETS.keys()


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_a_pod_mounts_its_configuration_and_secrets_as_files(kind: str) -> None:
    mounts = {one["name"]: one for one in container(kind)["volumeMounts"]}
    volumes = {one["name"]: one for one in pod(kind)["volumes"]}

    assert mounts.keys() == volumes.keys()
    assert mounts["config"]["mountPath"] == "/etc/gateway"
    assert volumes["config"]["configMap"] == {"name": "gateway"}
    assert mounts["secrets"]["mountPath"] == MOUNT
    # Octal: readable for the user and for the pod's group, and written by nobody.
    assert volumes["secrets"]["secret"] == {"secretName": "gateway", "defaultMode": 0o440}
    assert "env" not in container(kind)
    assert "envFrom" not in container(kind)
    writable = [name for name, one in mounts.items() if not one.get("readOnly")]
    assert writable == ["temporary"]
    assert mounts["temporary"]["mountPath"] == "/tmp"  # noqa: S108 - the mount
    assert volumes["temporary"]["emptyDir"].keys() == {"sizeLimit"}


def test_the_keys_file_is_a_secret_of_its_own(settings: Settings) -> None:
    (mount,) = [one for one in container("Deployment")["volumeMounts"] if one["name"] == "keys"]
    (volume,) = [one for one in pod("Deployment")["volumes"] if one["name"] == "keys"]

    assert settings.auth.keys_file == Path(mount["mountPath"], "keys.toml")
    assert list(manifest("Secret", volume["secret"]["secretName"])["stringData"]) == ["keys.toml"]


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_a_pod_meets_the_restricted_standard(kind: str) -> None:
    of_pod, of_container = pod(kind)["securityContext"], container(kind)["securityContext"]

    assert of_pod == {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert of_container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod(kind)["automountServiceAccountToken"] is False
    assert pod(kind)["serviceAccountName"] == manifest("ServiceAccount")["metadata"]["name"]
    assert container(kind)["resources"].keys() == {"requests", "limits"}


@pytest.mark.parametrize(("kind", "command"), [("Deployment", "serve"), ("Job", "migrate")])
def test_a_pod_runs_this_version_s_image(kind: str, command: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert container(kind)["image"] == f"registry.example/commerce-gateway:{version}"
    assert container(kind)["args"] == [command, "--config", "/etc/gateway/gateway.toml"]


def test_the_probes_ask_what_they_are_for(settings: Settings) -> None:
    one = container("Deployment")
    probes = {name: one[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}

    assert one["ports"] == [{"name": "http", "containerPort": settings.server.port}]
    assert {name: probe["httpGet"] for name, probe in probes.items()} == {
        "startup": {"path": "/livez", "port": "http"},
        "liveness": {"path": "/livez", "port": "http"},
        "readiness": {"path": "/readyz", "port": "http"},
    }


def test_a_pod_has_the_time_that_its_end_takes() -> None:
    (sleep, pause) = container("Deployment")["lifecycle"]["preStop"]["exec"]["command"]

    assert sleep == "sleep"
    assert pod("Deployment")["terminationGracePeriodSeconds"] >= int(pause) + DRAIN


def test_whatever_selects_pods_selects_the_gateway_s() -> None:
    deployment = manifest("Deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"]

    assert deployment["selector"]["matchLabels"] == labels
    assert manifest("Service")["spec"]["selector"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    for one in pod("Deployment")["topologySpreadConstraints"]:
        assert one["labelSelector"]["matchLabels"] == labels
    migration = manifest("Job", "gateway-migrate")["spec"]["template"]["metadata"]["labels"]
    policy = manifest("NetworkPolicy", "migration")["spec"]["podSelector"]["matchLabels"]
    assert policy == migration != labels


def test_the_autoscaler_alone_sets_the_number_of_replicas() -> None:
    scaler = manifest("HorizontalPodAutoscaler")["spec"]

    assert "replicas" not in manifest("Deployment")["spec"]
    assert scaler["scaleTargetRef"]["name"] == manifest("Deployment")["metadata"]["name"]
    assert scaler["minReplicas"] == 2


def ports(policy: str, direction: str) -> set[int]:
    """The ports that a network policy opens."""
    opened = manifest("NetworkPolicy", policy)["spec"].get(direction, ())
    return {port["port"] for rule in opened for port in rule["ports"]}


def test_the_network_is_closed_but_for_what_is_needed() -> None:
    closed = manifest("NetworkPolicy", "default-deny")["spec"]

    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert ports("gateway", "ingress") == {PORT}
    assert ports("gateway", "egress") == {53, 443, 5432, 6379}
    assert ports("migration", "ingress") == set()
    assert ports("migration", "egress") == {53, 5432}


def test_the_service_and_the_ingress_lead_to_the_gateway() -> None:
    (port,) = manifest("Service")["spec"]["ports"]
    (rule,) = manifest("Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]

    assert port["targetPort"] == "http"
    assert path["backend"] == {"service": {"name": "gateway", "port": {"name": port["name"]}}}


def test_the_ingress_has_the_rules_of_the_documented_proxy() -> None:
    documented = (ROOT / "docs" / "nginx.conf").read_text()
    notes = manifest("Ingress")["metadata"]["annotations"]

    for rule in (
        f"client_max_body_size {notes['nginx.org/client-max-body-size']};",
        f"proxy_read_timeout {notes['nginx.org/proxy-read-timeout']};",
        notes["nginx.org/location-snippets"],
        "proxy_buffering off;",
    ):
        assert rule in documented
    assert notes["nginx.org/proxy-buffering"] == "false"


KUBECTL = """#!/bin/sh
# Stands for a cluster: one secret in a file, and one pod whose /etc and /tmp lie in a folder.
shift 2
case "$1 $2" in
"get secret") base64 <"$CLUSTER/keys.toml" ;;
"exec --stdin")
    shift 4
    script=$(printf '%s' "$3" | sed "s#/etc/gateway#$CLUSTER/etc#g")
    shift 3
    exec sh -c "$script" "$@"
    ;;
"create secret") cat "${5#--from-file=}" ;;
"apply --filename") cat "$3" >"$CLUSTER/keys.toml" ;;
*) exit 1 ;;
esac
"""


@pytest.mark.long
def test_keys_are_added_to_the_secret(tmp_path: Path) -> None:
    """What kubectl itself does is untried."""
    programs, etc = tmp_path / "bin", tmp_path / "etc"
    programs.mkdir()
    etc.mkdir()
    (programs / "kubectl").write_text(KUBECTL)
    (programs / "kubectl").chmod(0o755)
    (tmp_path / "keys.toml").write_text("")
    for name, text in SECRETS.items():
        (etc / name).write_text(text)
    url = f'url = {{ file = "{etc}/store_url" }}'
    local = configuration().replace(MOUNT, str(etc))
    assert url in local
    (etc / "gateway.toml").write_text(local.replace(url, f'url = "sqlite:///{etc}/gateway.db"'))
    environ = {
        **os.environ,
        "CLUSTER": str(tmp_path),
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    for name in ("storefront", "prometheus"):
        added = subprocess.run(
            [KUBERNETES / "keys.sh", "add", name, "--scopes", "ops:read", "--shops", "*"],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert added.returncode == 0, added.stderr
        assert f"The key of {name}, shown this once" in added.stderr

    kept = tomllib.loads((tmp_path / "keys.toml").read_text())["keys"]
    assert [one["name"] for one in kept] == ["storefront", "prometheus"]
