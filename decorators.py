"""`@log`: every call of a decorated function goes to the call log of its side.

It keeps what it decorates: signature, docstring, types, and whether it is a method, a
class method, a static method, a property, a generator or a coroutine function.
`log_config/call_log.py` decides how calls are written, `docs/logging.md` shows it.
"""

import functools
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from sys import _getframe
from types import FunctionType
from typing import Any, TypeVar, cast

from log_config.call_log import CallSite, LongCall, Mode, call_log_of, raised

__all__ = ["log"]

Logged = TypeVar("Logged")

_clock = time.perf_counter
_OFF, _SUMMED = int(Mode.OFF), int(Mode.SUMMED)


def log(target: Logged) -> Logged:
    """Return `target` with each of its calls accounted for.

    A coroutine's or generator's time runs from its first step to its end, the waiting
    included; its caller is who drives it then.
    """
    return cast(Logged, _log(target))


def _log(target: Any) -> Any:
    if isinstance(target, staticmethod | classmethod):
        return type(target)(_log(target.__func__))
    if isinstance(target, property):
        get, change, delete = (
            part and _log(part) for part in (target.fget, target.fset, target.fdel)
        )
        return property(get, change, delete, target.__doc__)
    site = _site(target)
    if inspect.iscoroutinefunction(target):
        return _log_coroutine(target, site)
    if inspect.isgeneratorfunction(target):
        return _log_generator(target, site)
    return _log_function(target, site)


def _site(function: FunctionType) -> CallSite:
    module = function.__module__
    if module == "__main__":
        # An entry point run as a script: its file's name is its module's.
        module = Path(function.__code__.co_filename).stem
    call_log = call_log_of(module)
    site = CallSite(call_log, function, f"{module}.{function.__qualname__}")
    call_log.register(site)
    return site


def _log_function(function: Callable[..., Any], site: CallSite) -> Callable[..., Any]:
    times = site.times

    @functools.wraps(function)
    def logged(*args: Any, **kwargs: Any) -> Any:
        # The busiest way first: it is taken a hundred thousand times a second.
        mode = site.mode
        if mode == _SUMMED:
            caller = _getframe(1)
            # Bytecode lies inside its code object, so address plus offset is one number
            # that names the place of the call, and cheaper than a tuple of the two.
            key = id(caller.f_code) + caller.f_lasti
            started = _clock()
            try:
                result = function(*args, **kwargs)
            except BaseException:
                took = _clock() - started
                site.add_to_sum(key, caller, took, failed=True)
                raise
            took = _clock() - started
            try:
                # One step for other threads: Python lets none in between the look-up
                # and the append, so there is no lock here (see `CallSite.take_sums`).
                times[key].append(took)
            except KeyError:
                site.add_to_sum(key, caller, took)
            return result
        if mode == _OFF:
            return function(*args, **kwargs)
        arguments = site.describe_arguments(args, kwargs)
        started = _clock()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            took = _clock() - started
            site.add_line(arguments, _getframe(1), took, raised(error), failed=True)
            raise
        took = _clock() - started
        site.add_line(arguments, _getframe(1), took, site.returned(result))
        return result

    return logged


def _log_coroutine(function: Callable[..., Any], site: CallSite) -> Callable[..., Any]:
    @functools.wraps(function)
    async def logged(*args: Any, **kwargs: Any) -> Any:
        if site.mode == _OFF:
            return await function(*args, **kwargs)
        with LongCall(site, args, kwargs, _getframe(1)) as call:
            result = await function(*args, **kwargs)
            call.result = result
        return result

    return logged


def _log_generator(function: Callable[..., Any], site: CallSite) -> Callable[..., Any]:
    @functools.wraps(function)
    def logged(*args: Any, **kwargs: Any) -> Any:
        if site.mode == _OFF:
            return (yield from function(*args, **kwargs))
        with LongCall(site, args, kwargs, _getframe(1)) as call:
            result = yield from function(*args, **kwargs)
            call.result = result
        return result

    return logged
