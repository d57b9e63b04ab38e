"""The builder's keys and errors; the builds themselves are seen wherever their results are used."""

from pathlib import Path

import pytest

from tools import build, modules


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a module `it` of which nothing is built yet."""
    monkeypatch.setattr(modules, "HERE", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "it").mkdir()
    (tmp_path / "it/go.mod").write_text("module it\n\ngo 1.26\n")
    (tmp_path / "it/main.go").write_text("package main\n\nfunc main() {}\n")
    facts(tmp_path, "")
    return tmp_path / "it"


def facts(directory: Path, text: str) -> None:
    (directory / "modules.toml").write_text(f"[it]\n{text}\n")


def test_the_key_follows_the_files_and_the_facts_but_not_the_weight(folder: Path) -> None:
    results = [modules.find("it").result]
    facts(folder.parent, "weight = 5")
    assert modules.find("it").result == results[0]

    facts(folder.parent, 'ldflags = "-X main.version=1"')
    results.append(modules.find("it").result)
    (folder / "main.go").write_text("package main\n\nfunc main() { println() }\n")
    results.append(modules.find("it").result)
    assert len(set(results)) == 3


def test_older_results_are_those_of_this_module_alone(folder: Path) -> None:
    cache = modules.cache_dir()
    for name in ("it-0123456789abcdef", "it-else-0123456789abcdef", "it-else"):
        (cache / name).mkdir(parents=True)
    assert modules.find("it").older_results == [cache / "it-0123456789abcdef"]


@pytest.mark.parametrize(
    ("text", "go_mod", "message"),
    [
        ("speed = 1", "module it\n\ngo 1.26\n", r"unknown speed; known are cgo, .*weight"),
        ("", "module it\n\ngo 1.999\n", r"it needs Go 1.999, here is go1\."),
    ],
)
def test_a_module_that_cannot_be_built_here_is_refused(folder: Path, text: str, go_mod: str, message: str) -> None:
    facts(folder.parent, text)
    (folder / "go.mod").write_text(go_mod)
    with pytest.raises(modules.BuildError, match=message):
        modules.find("it")


def test_an_unknown_module_is_refused_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(modules.BuildError, match=r"no module 'that'.* there are: it"):
        build.ensure(["that"])


def test_without_go_one_sentence_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    modules.go_version.cache_clear()
    with pytest.raises(modules.BuildError, match="no `go` on PATH"):
        build.ensure(["it"])


def test_a_failed_build_names_its_log_and_leaves_nothing_half_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts(folder.parent, 'prepare = "echo there is no such thing; exit 3"')

    assert build.main(["it"]) == 1

    said = capsys.readouterr().err
    log = modules.cache_dir() / "logs/it.log"
    assert f"preparing it failed; the whole log is in {log}" in said
    assert "there is no such thing" in said
    assert {path.name for path in modules.cache_dir().iterdir()} == {"build.lock", "logs"}


def test_a_full_disk_is_said_before_the_build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "GIGABYTES_FOR_ONE", 10**9)
    monkeypatch.setattr(build, "GIGABYTES_FOR_MANY", 10**9)
    with pytest.raises(modules.BuildError, match=r"needs 1000000000 GB in .*GB are free; free some, or set XDG_CACHE_HOME"):
        build.ensure(["it"])
