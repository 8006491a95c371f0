"""The compose files fit their schema, the gateway's settings, and one another."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from gateway.settings import Settings
from tests.deploy.configurations import (
    COMPOSE,
    DEPLOY,
    DRAIN,
    PORT,
    compose,
    configured,
    named_files,
)
from tests.house.dockerfile import stages
from tests.house.tree import ROOT

NAMES = ("single", "replicas")
#: What a platform or an authority gives out, and the key that `gateway keys` prints.
GIVEN = {
    *("weixin_secret", "weixin_event_token", "weixin_event_aes_key"),
    *("tls_certificate", "tls_key", "metrics_key"),
}
#: Services that end by themselves.
ONCE = {"migrate", "restore"}
REPLICAS = ("gateway-1", "gateway-2")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """The folder of a compose file."""
    assert isinstance(request.param, str)
    return request.param


@pytest.fixture
def secrets(name: str, tmp_path: Path) -> Path:
    """The secrets that the documented script makes, and those that a platform gives out."""
    script = COMPOSE / "make-secrets.sh"
    first = subprocess.run([script, name], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.split(":")[0] for line in first.stdout.splitlines()] == [
        "write secrets/weixin_secret",
        "write secrets/weixin_event_token",
        "write secrets/weixin_event_aes_key",
    ]
    folder = tmp_path / "secrets"
    for given in ("weixin_secret", "weixin_event_token"):
        (folder / given).write_text("given by the platform\n")
    (folder / "weixin_event_aes_key").write_text("a" * 43)
    return folder


def settings_of(name: str, secrets: Path) -> Settings:
    """The settings that the gateway of a compose file starts with."""
    text = (COMPOSE / name / "gateway.toml").read_text(encoding="utf-8")
    files = {f"/run/secrets/{path.name}": path for path in secrets.iterdir()}
    return configured(text, files)


def gateways(name: str) -> dict[str, dict[str, Any]]:
    """The services that run the gateway's image."""
    image = "commerce-gateway:${GATEWAY_VERSION:-"
    services: dict[str, dict[str, Any]] = compose(name)["services"]
    return {key: one for key, one in services.items() if one["image"].startswith(image)}


def seconds(duration: str) -> int:
    """The seconds of a duration such as 60s."""
    return int(duration.removesuffix("s"))


@pytest.mark.long
def test_the_compose_files_fit_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    files = [COMPOSE / name / "compose.yaml" for name in NAMES]
    checked = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", "--no-cache", *files],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout.strip()) == (0, "ok -- validation done")


def test_the_gateway_starts_with_what_the_script_makes(name: str, secrets: Path) -> None:
    settings = settings_of(name, secrets)

    assert settings.warnings == ()
    assert (settings.server.host, settings.server.port) == ("0.0.0.0", PORT)  # noqa: S104 - as said
    assert settings.auth.mode == "keys"
    assert (settings.store.sqlite_file is None) is (name == "replicas")
    assert settings.cache.is_memory is (name == "single")


def test_secrets_that_are_there_stay(name: str, secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}

    again = subprocess.run(
        [COMPOSE / "make-secrets.sh", name], cwd=secrets.parent, capture_output=True, check=True
    )

    assert again.stdout == b""
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_the_script_asks_for_a_compose_file(tmp_path: Path) -> None:
    refused = subprocess.run(
        [COMPOSE / "make-secrets.sh"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (refused.returncode, refused.stderr) == (2, "usage: make-secrets.sh single|replicas\n")


def test_every_secret_is_a_file_that_is_made_or_given(name: str, secrets: Path) -> None:
    document = compose(name)
    files = {key: one["file"] for key, one in document["secrets"].items()}
    services = document["services"].values()
    mounted = {secret for one in services for secret in one.get("secrets", ())}
    made = {path.name for path in secrets.iterdir()}

    assert files == {key: f"./secrets/{key}" for key in files}
    assert mounted == files.keys()
    assert files.keys() - made == (GIVEN - made if name == "replicas" else set())
    # Only written into two others.
    assert made - files.keys() == ({"cache_password"} if name == "replicas" else set())


def test_the_gateway_is_given_the_secrets_that_its_configuration_names(name: str) -> None:
    named = named_files((COMPOSE / name / "gateway.toml").read_text(encoding="utf-8"))

    for service in gateways(name).values():
        assert {f"/run/secrets/{secret}" for secret in service["secrets"]} == named
        assert service["configs"] == [{"source": "gateway", "target": "/etc/gateway/gateway.toml"}]
        assert service["command"][-2:] == ["--config", "/etc/gateway/gateway.toml"]
    assert compose(name)["configs"]["gateway"] == {"file": "./gateway.toml"}


def test_what_the_gateway_writes_is_in_a_volume(name: str, secrets: Path) -> None:
    settings = settings_of(name, secrets)

    for service in gateways(name).values():
        volume, *backups = [one.rsplit(":", 1)[1] for one in service["volumes"]]
        assert backups == (["/backup"] if name == "single" else [])
        assert volume == next(rest for word, rest in stages()[1] if word == "VOLUME")
        assert settings.auth.keys_file.parent == Path(volume)
        if settings.store.sqlite_file is not None:
            assert settings.store.sqlite_file.parent == Path(volume)
        assert [one.split(":")[0] for one in service["tmpfs"]] == ["/tmp"]  # noqa: S108 - the mount


def test_every_service_is_hardened(name: str) -> None:
    for key, service in compose(name)["services"].items():
        limits = service["deploy"]["resources"]["limits"]
        assert service["read_only"] is True, key
        assert service["cap_drop"] == ["ALL"], key
        assert service["security_opt"] == ["no-new-privileges:true"], key
        assert int(service["user"].partition(":")[0]) > 0, key
        assert limits.keys() == {"cpus", "memory", "pids"}, key
        assert service["restart"] == ("no" if key in ONCE else "unless-stopped"), key
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, key


def test_every_image_is_of_a_version(name: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = {one["image"] for one in compose(name)["services"].values()}

    assert f"commerce-gateway:${{GATEWAY_VERSION:-{version}}}" in images
    assert [one for one in images if not re.search(r":-?v?\d+\.\d+(\.\d+)?(-\w+|\})?$", one)] == []


def test_the_gateway_runs_as_the_user_of_its_image(name: str) -> None:
    (user,) = [rest for word, rest in stages()[1] if word == "USER"]

    for service in gateways(name).values():
        assert service["user"] == f"{user}:{user}"


def test_the_gateway_has_the_time_that_its_end_takes(name: str) -> None:
    for service in gateways(name).values():
        if service["command"][0] == "serve":
            assert seconds(service["stop_grace_period"]) >= DRAIN


def test_the_health_check_asks_whether_the_gateway_is_ready(name: str) -> None:
    for service in gateways(name).values():
        if service["command"][0] == "serve":
            command, python, option, program = service["healthcheck"]["test"]
            assert (command, python, option) == ("CMD", "python", "-c")
            assert f"http://127.0.0.1:{PORT}/readyz" in program
            compile(program, "healthcheck", "exec")


def test_replicas_start_once_the_store_is_migrated() -> None:
    services = compose("replicas")["services"]

    assert services["migrate"]["command"][0] == "migrate"
    for replica in REPLICAS:
        assert services[replica]["command"][0] == "serve"
        assert services[replica]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "valkey": {"condition": "service_healthy"},
        }
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_proxy_and_replicas_know_each_other_by_address(secrets: Path, name: str) -> None:
    if name == "single":
        (network,) = compose(name)["networks"]["gateway"]["ipam"]["config"]
        trusted = network["gateway"]
    else:
        services = compose(name)["services"]
        trusted = services["proxy"]["networks"]["edge"]["ipv4_address"]
        site = (COMPOSE / name / "nginx.conf").read_text()
        edges = [services[replica]["networks"]["edge"] for replica in REPLICAS]
        assert re.findall(r"^    server ([\d.:]+) ", site, re.MULTILINE) == [
            f"{edge['ipv4_address']}:{PORT}" for edge in edges
        ]

    assert [str(one) for one in settings_of(name, secrets).server.trusted_proxies] == [
        f"{trusted}/32"
    ]


def rules(site: str) -> set[str]:
    """The directives of a site, but for names and addresses of its own."""
    lines = {line.strip() for line in site.splitlines()}
    own = r"#|$|server [\d.]|listen|ssl_certificate"
    return {line for line in lines if not re.match(own, line)}


def test_the_proxy_has_the_rules_of_the_documented_one() -> None:
    documented = rules((ROOT / "docs" / "nginx.conf").read_text())

    ours = rules((COMPOSE / "replicas" / "nginx.conf").read_text())

    assert documented <= ours
    assert ours - documented == {"proxy_connect_timeout 2s;"}


def test_nginx_takes_the_proxy_s_configuration(nginx: Path, tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("shop.example")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "tls_certificate")
    certificate.private_key_pem.write_to_path(tmp_path / "tls_key")
    site = (COMPOSE / "replicas" / "nginx.conf").read_text()
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{ }}\n"
        f"http {{ access_log off;\n{site.replace('/run/secrets', str(tmp_path))}\n}}"
    )

    tried = subprocess.run(
        [nginx, "-t", "-q", "-p", tmp_path, "-e", "stderr", "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (tried.returncode, tried.stderr) == (0, "")


def test_prometheus_takes_its_configuration(promtool: Path, tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "prometheus", tmp_path, dirs_exist_ok=True)
    (tmp_path / "metrics_key").write_text("a key")
    file = tmp_path / "prometheus.yaml"
    file.write_text(file.read_text().replace("/run/secrets", str(tmp_path)))

    checked = subprocess.run(
        [promtool, "check", "config", file], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_prometheus_scrapes_both_replicas() -> None:
    document = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
    (job,) = document["scrape_configs"]
    services = compose("replicas")["services"]

    assert job["static_configs"] == [{"targets": [f"{replica}:{PORT}" for replica in REPLICAS]}]
    assert set(services["prometheus"]["networks"]) & set(services["gateway-1"]["networks"])
    assert job["authorization"]["credentials_file"] == "/run/secrets/metrics_key"
    assert services["prometheus"]["secrets"] == ["metrics_key"]


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())[
        "datasources"
    ]
    (provider,) = yaml.safe_load((provisioning / "dashboards/gateway.yaml").read_text())[
        "providers"
    ]
    services, configs = compose("replicas")["services"], compose("replicas")["configs"]
    mounted = {one["target"]: configs[one["source"]] for one in services["grafana"]["configs"]}

    assert source["url"] == "http://prometheus:9090"
    assert set(services["prometheus"]["networks"]) & set(services["grafana"]["networks"])
    assert mounted[f"{provider['options']['path']}/gateway.json"] == {
        "file": "../../grafana/dashboard.json"
    }


def test_prometheus_has_the_alerts_beside_its_configuration() -> None:
    document = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
    targets = {one["target"] for one in compose("replicas")["services"]["prometheus"]["configs"]}

    assert document["rule_files"] == ["alerts.yaml"]
    assert targets == {"/etc/prometheus/prometheus.yaml", "/etc/prometheus/alerts.yaml"}


def test_what_a_compose_file_mounts_from_the_tree_exists(name: str) -> None:
    files = [one["file"] for one in compose(name)["configs"].values()]

    assert [file for file in files if not (COMPOSE / name / file).is_file()] == []
