"""The scripts of k8s/ are sound, and do what they say where that can be tried without a cluster."""

import ast
import stat

import pytest

from tools import K8S, ROOT, call


def scripts():
    """Every file that starts with a line that says what runs it, and shell scripts that are mounted rather than run."""
    for path in sorted([*K8S.rglob("*"), *(ROOT / ".github").rglob("*")]):
        if path.is_file() and "__pycache__" not in path.parts:
            first = path.read_bytes()[:80].split(b"\n")[0].decode(errors="replace")
            if first.startswith("#!") or path.suffix == ".sh":
                yield path, first


SHELL = [path for path, first in scripts() if "python" not in first]
PYTHON = [path for path, first in scripts() if "python" in first]


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("script", SHELL, ids=named)
def test_shellcheck(script):
    done = call("shellcheck", "--severity", "style", "--external-sources", script)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", PYTHON, ids=named)
def test_python_scripts_compile_and_say_what_they_are_for(script):
    assert ast.get_docstring(ast.parse(script.read_text()))


@pytest.mark.parametrize("script", SHELL + PYTHON, ids=named)
def test_scripts_can_be_run_and_stop_at_the_first_error(script):
    assert script.stat().st_mode & stat.S_IXUSR or script.suffix == ".sh"
    if script in SHELL:
        assert "\nset -eu" in script.read_text()


def test_kind_up_and_down():
    """Their own test, with stubs in the place of Docker, kind, kubectl and helm."""
    done = call("bash", K8S / "kind" / "test")
    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_something(tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\nrm -rf $1/*\n")
    assert call("shellcheck", script).returncode != 0
