"""No engine for containers runs here, so docker-compose.yml is held against the code, line by line."""

import re
from typing import Any

import pytest
from sqlalchemy import make_url
from temporalio.envconfig import ClientConfig

from journey.contracts.names import SEARCH_ATTRIBUTES
from journey.settings import Settings
from starter.cli.worker import api
from starter.up.temporal import RETENTION
from tests.architecture.compose import (
    COMPOSE,
    EXAMPLE,
    ROOT,
    document,
    environment,
    ours,
    parsed,
    resolved,
    services,
    variables,
)
from tests.starter.api.routes import open_paths

SERVICES = services()
ALL = pytest.mark.parametrize("name", SERVICES)
NAMESPACE = (ROOT / "deploy" / "temporal" / "namespace.sh").read_text(encoding="utf-8")


def one_shot(service: dict[str, Any]) -> bool:
    """Whether a service does one thing and ends."""
    return str(service["restart"]).startswith("on-failure")


def checked_url(service: dict[str, Any]) -> tuple[str, int, str]:
    """Host, port and path of the URL that a health check asks for."""
    found = re.search(r"http://([\d.]+):(\d+)(/\S*)", " ".join(service["healthcheck"]["test"]))
    assert found
    return found[1], int(found[2]), found[3]


def test_everything_that_an_installation_needs_is_there() -> None:
    assert {"postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui"} < set(SERVICES)
    assert set(ours()) == {"migrate", "api", "worker"}
    assert SERVICES["worker"]["scale"] == 2


@pytest.mark.parametrize(("name", "command"), [("migrate", "db upgrade"), ("api", "api"), ("worker", "worker")])
def test_every_command_of_ours_exists_with_its_options(name: str, command: str) -> None:
    assert parsed(SERVICES[name]["command"]) == command


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_our_processes_read_every_variable_that_they_are_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"JOURNEY_{field.upper()}" for field in Settings.model_fields}
    given = SERVICES[name]["environment"]
    assert {variable for variable in given if variable.startswith("JOURNEY_")} <= known
    for variable, value in environment(SERVICES[name]).items():
        monkeypatch.setenv(variable, value)

    url = make_url(Settings().store_url)

    assert (url.host, url.port, url.database, url.username) == ("postgres", 5432, "journey", "journey")


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_our_processes_find_temporal_by_its_standard_variables(name: str) -> None:
    given = environment(SERVICES[name])

    found = ClientConfig.load_client_connect_config(disable_file=True, override_env_vars=given)

    assert found.get("target_host") == "temporal:7233"
    assert found.get("namespace") == environment(SERVICES["temporal-namespace"])["TEMPORAL_NAMESPACE"]
    assert sum(variable.startswith("TEMPORAL_") for variable in given) == len(found)  # each of them was read


def test_the_databases_of_the_urls_are_made_on_the_first_start() -> None:
    script = (ROOT / "deploy" / "postgres" / "databases.sh").read_text(encoding="utf-8")

    assert re.findall(r"CREATE DATABASE (\w+) OWNER (\w+)", script) == [
        ("journey", "journey"), ("temporal", "temporal"), ("temporal_visibility", "temporal"),
    ]  # fmt: skip
    passwords = {name for name in SERVICES["postgres"]["environment"] if name != "POSTGRES_PASSWORD"}
    assert passwords == set(re.findall(r"\$(\w+_PASSWORD)", script))


def test_ports_are_the_ones_that_processes_listen_on() -> None:
    words = SERVICES["api"]["command"]
    port = int(words[words.index("--port") + 1])
    metrics = int(environment(SERVICES["worker"])["JOURNEY_METRICS_PORT"])
    scraped = {job["job_name"]: job for job in document(ROOT / "deploy" / "prometheus.yml")["scrape_configs"]}

    assert port == api.__defaults__[1] == checked_url(SERVICES["api"])[1]  # type: ignore[index] # it has defaults
    assert resolved(SERVICES["api"]["ports"][0]) == f"127.0.0.1:{port}:{port}"
    assert metrics == checked_url(SERVICES["worker"])[1]
    assert scraped["api"]["dns_sd_configs"][0] == {"names": ["api"], "type": "A", "port": port}
    assert scraped["worker"]["dns_sd_configs"][0] == {"names": ["worker"], "type": "A", "port": metrics}
    served = SERVICES["temporal"]["environment"]["PROMETHEUS_ENDPOINT"].partition(":")[2]
    assert scraped["temporal"]["static_configs"] == [{"targets": [f"temporal:{served}"]}]


@ALL
def test_what_is_published_is_published_on_the_loopback_interface_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert resolved(port).startswith("127.0.0.1:"), port


def test_health_checks_ask_for_what_the_api_answers_without_a_key() -> None:
    assert checked_url(SERVICES["api"])[2] in open_paths()


@ALL
def test_images_are_pinned_by_a_version(name: str) -> None:
    image = SERVICES[name]["image"]

    assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", image), image


def test_temporal_and_the_tools_that_prepare_it_have_one_version() -> None:
    tags = {name: one["image"].partition(":")[2] for name, one in SERVICES.items() if "temporalio/" in one["image"]}

    assert tags["temporal"] == tags["temporal-schema"] == tags["temporal-namespace"]


@ALL
def test_dependencies_can_come_true(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        target = SERVICES[other]
        if how["condition"] == "service_completed_successfully":
            assert one_shot(target), other
        else:
            assert how["condition"] == "service_healthy"
            assert "test" in target["healthcheck"], other


def test_nothing_of_ours_starts_before_the_tables_stand_and_no_worker_before_its_namespace() -> None:
    done = "service_completed_successfully"

    assert {SERVICES[name]["depends_on"]["migrate"]["condition"] for name in ("api", "worker")} == {done}
    assert SERVICES["worker"]["depends_on"]["temporal-namespace"]["condition"] == done
    assert "temporal-namespace" not in SERVICES["api"]["depends_on"]  # it takes events with Temporal away


@ALL
def test_services_come_back_by_themselves(name: str) -> None:
    assert SERVICES[name]["restart"] in {"unless-stopped", "on-failure:5"}


def test_no_password_is_written_down_and_the_example_names_every_one() -> None:
    asked = variables()
    secret = {name for name in asked if name.endswith("PASSWORD")}

    assert {asked[name] for name in secret} == {"?"}
    assert set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == set(asked)
    assert set(re.findall(r"^([A-Z_]+PASSWORD)=(.+)$", EXAMPLE, re.MULTILINE)) == set()
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_the_example_gives_the_settings_that_compose_hands_on() -> None:
    handed_on = set(re.findall(r"^    (JOURNEY_\w+):$", COMPOSE, re.MULTILINE))

    assert handed_on == set(re.findall(r"^# (JOURNEY_\w+)=", EXAMPLE, re.MULTILINE))


def test_mounted_files_and_volumes_exist_and_are_used() -> None:
    mounts = [mount.split(":")[0] for one in SERVICES.values() for mount in one.get("volumes", [])]
    named = {mount for mount in mounts if not mount.startswith(".")}

    assert all((ROOT / mount).is_file() for mount in mounts if mount.startswith("."))
    assert named == set(document(ROOT / "docker-compose.yml")["volumes"])


def test_the_namespace_script_registers_the_search_attributes_of_the_code() -> None:
    keywords = re.search(r'^keywords="([^"]+)"$', NAMESPACE, re.MULTILINE)
    assert keywords
    registered = dict.fromkeys(keywords[1].split(), "Keyword")
    registered |= {name: kind for kind, name in re.findall(r"^register (\w+) (\w+)$", NAMESPACE, re.MULTILINE)}

    assert registered == SEARCH_ATTRIBUTES
    assert f"retention={RETENTION.days}d" in NAMESPACE
