"""Interpret a SIGHUP: a closed terminal, or a wish to reload."""

import os
import signal
from collections.abc import Mapping

from decorators import log

__all__ = ["reloads_on_hangup"]

# What keeps services running tells them so: systemd and those like it, supervisord.
_MANAGERS = ("NOTIFY_SOCKET", "SUPERVISOR_ENABLED")
_FIRST_PROCESS = 1


@log
def reloads_on_hangup(choice: str, environment: Mapping[str, str]) -> bool:
    """Tell whether SIGHUP is to reload; else a server ends with its terminal.

    Ask before the signal gets a handler and before the environment is tidied: `auto`
    reloads where a service manager, a container or nohup has started us.
    """
    if choice != "auto":
        return choice == "reload"
    return (
        any(environment.get(name) for name in _MANAGERS)
        or os.getpid() == _FIRST_PROCESS
        or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    )
