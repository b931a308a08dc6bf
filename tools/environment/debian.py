"""Debian packages unpacked into a folder of ours: no root, and nothing of the system changes."""

import os
import shutil
import subprocess
from pathlib import Path

from shell import Failure, run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Our own lists and downloads. Hooks of the machine (which may need root) are cleared, not run.
APT_CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::Etc::SourceList "{work}/sources.list";
Dir::Etc::SourceParts "-";
Dir::State "{work}/state";
Dir::State::Lists "{work}/lists";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "3";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
"""


def mirrors():
    """Return the Debian mirrors this machine's own apt configuration names, the likeliest first."""
    known = [
        address
        for address, origin, label in _targets("$(REPO_URI)|$(ORIGIN)|$(LABEL)")
        if (origin, label) == ("Debian", "Debian")
    ]
    # Before the machine's first `apt-get update`, as in a fresh container, no origin is known. A
    # wrong guess does no harm: what is not signed by Debian is refused.
    guessed = [
        address
        for (address,) in _targets("$(REPO_URI)", "--no-release-info")
        if address.rstrip("/").endswith("/debian")
    ]
    return list(dict.fromkeys(known + guessed))


def _targets(fields, *options):
    listing = subprocess.run(
        ["apt-get", "indextargets", *options, "--format", fields],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return [line.split("|") for line in dict.fromkeys(listing.splitlines())]


def unpack(cache, packages, tree):
    """Download packages ("name" of sid, or "name/suite") and unpack them into the folder `tree`."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Failure("There is no apt-get and dpkg-deb here.")
    if not KEYRING.exists():
        raise Failure(f"{KEYRING} is missing, so Debian's packages cannot be verified.")
    failure = Failure("This machine's apt configuration names no Debian mirror.")
    for mirror in mirrors():
        try:
            return _unpack_from(cache, mirror, packages, tree)
        except Failure as error:
            failure = error
    raise failure


def _unpack_from(cache, mirror, packages, tree):
    work = tree.with_name(f"{tree.name}.apt")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("state", "lists/partial", "cache/archives/partial", "packages"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    suites = sorted({"sid", *(name.partition("/")[2] for name in packages)} - {""})
    (work / "sources.list").write_text(
        "".join(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites)
    )
    (work / "apt.conf").write_text(APT_CONFIGURATION.format(work=work))

    def quiet(command, what, **options):
        run(command, what, cache.log, keep_open=cache.lock_fds, **options)

    apt = ["apt-get", "-q", "-c", work / "apt.conf"]
    english = {**os.environ, "LC_ALL": "C.UTF-8"}
    quiet([*apt, "update"], "Reading Debian's package lists", env=english)
    names = [name if "/" in name else f"{name}/sid" for name in packages]
    quiet([*apt, "download", *names], "Downloading from Debian", cwd=work / "packages", env=english)
    for package in sorted((work / "packages").glob("*.deb")):
        quiet(["dpkg-deb", "-x", package, tree], f"Unpacking {package.name}")
    shutil.rmtree(work)
    return mirror


def pip_wheel(cache, tree):
    """Return the path of Debian's own pip as a wheel, for a Python without ensurepip."""
    hint = "Install the package python3-venv, or make Debian's or Ubuntu's packages reachable."
    tree.mkdir()
    try:
        run(
            ["apt-get", "-q", "download", "python3-pip-whl"],
            "Downloading pip (this Python has no ensurepip)",
            cache.log,
            hint,
            keep_open=cache.lock_fds,
            cwd=tree,
        )
        for package in tree.glob("*.deb"):
            run(["dpkg-deb", "-x", package, tree], "Unpacking pip", cache.log)
    except Failure:
        unpack(cache, ["python3-pip-whl"], tree)
    wheels = sorted(tree.glob("usr/share/python-wheels/pip-*.whl"))
    if not wheels:
        raise Failure(f"Debian's package python3-pip-whl holds no pip wheel. {hint}")
    return wheels[-1]
