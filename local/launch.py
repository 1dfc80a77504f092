"""Runs between fork and exec of every supervised process: `python -I -S launch.py OPTIONS COMMAND…`.

A program of its own, without imports from the project, so that it starts in 20 ms.
"""

import ctypes
import json
import os
import resource
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

# Belongs to nobody, and is small enough to be mapped in containers.
DROPPED_ID = 64990
MAPPED_ID = 1000

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    options = json.loads(sys.argv[1])
    _limit_resources()
    if options["privileges"] == "namespace":
        enter_namespace()
    elif options["privileges"] == "dropped":
        drop_privileges()
    # Last, as a change of credentials clears it.
    _check(libc.prctl(PR_SET_PDEATHSIG, options["death_signal"], 0, 0, 0))
    if os.getppid() != options["parent"]:
        sys.exit("the supervisor is gone")
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606


def enter_namespace() -> None:
    """Root outside, an ordinary user inside: files stay root's, and folders that only root may enter stay open."""
    owner = os.geteuid()
    _check(libc.unshare(CLONE_NEWUSER))
    with open("/proc/self/uid_map", "w", encoding="ascii") as mapping:  # noqa: PTH123
        mapping.write(f"{MAPPED_ID} {owner} 1")


def drop_privileges() -> None:
    """Where namespaces are refused. The one capability kept lets it reach its data below folders of mode 0700."""
    _check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(DROPPED_ID, DROPPED_ID, DROPPED_ID)
    os.setresuid(DROPPED_ID, DROPPED_ID, DROPPED_ID)
    mask = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _check(libc.capset(header, sets))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    main()
