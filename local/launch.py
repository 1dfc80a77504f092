"""Runs between fork and exec of every supervised process: `python -I -S launch.py OPTIONS COMMAND…`.

A program of its own, without imports from the project, so that it starts in 20 ms.
"""

import ctypes
import json
import os
import pwd
import resource
import signal
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 4
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    options = json.loads(sys.argv[1])
    _limit_resources()
    _hear_signals()
    if options["privileges"] == "namespace":
        enter_namespace()
    elif options["privileges"] == "dropped":
        drop_privileges()
    # Last, as a change of credentials clears it.
    _check(libc.prctl(PR_SET_PDEATHSIG, options["death_signal"], 0, 0, 0))
    if os.getppid() != options["parent"]:
        sys.exit("the supervisor is gone")
    os.environ.update(options["marks"])
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606


def unprivileged_id() -> int:
    """One that the machine knows by name, as initdb asks for it."""
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0}
    return names.get("nobody") or next(iter(names.values()), 65534)


def enter_namespace() -> None:
    """Root outside, an ordinary user inside: files stay root's, and folders that only root may enter stay open."""
    outside, inside = os.geteuid(), unprivileged_id()
    _check(libc.unshare(CLONE_NEWUSER))
    with open("/proc/self/uid_map", "w", encoding="ascii") as mapping:  # noqa: PTH123
        mapping.write(f"{inside} {outside} 1")


def drop_privileges() -> None:
    """Where namespaces are refused. The one capability kept lets it reach its data below folders of mode 0700."""
    # Else access(2), by which PostgreSQL looks for its programs, would ignore the capability.
    _check(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    number = unprivileged_id()
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)
    mask = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _check(libc.capset(header, sets))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _hear_signals() -> None:
    """Whoever started the supervisor may have ignored some, as `nohup` does; so would all that it starts."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    main()
