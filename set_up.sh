#!/bin/sh
# Make the virtual environment of this checkout, or bring it up to date.
#
#   sh set_up.sh python   the environment alone
#   sh set_up.sh .run     with what the programs need
#   sh set_up.sh .dev     with what their tests need
#
# `make` calls it with its PYTHON, VENV and LOCKED. A file of the last two names in the
# environment says that it was done, and nothing is done while that is newer than what
# it was made from. Nothing half-made stays: where the environment can't be made, or
# Ctrl-C ends pip, which leaves packages that look whole, it is removed.
set -u

goal=${1:?python, .run or .dev}
: "${PYTHON:=python3}" "${VENV:=.venv}" "${LOCKED=yes}"
running=

say() {
    printf '%s\n' "$@" >&2
}

give_up() {
    say "$@"
    exit 1
}

# Runs a Python where Ctrl-C does not reach it, for it would print a traceback: behind
# us, and in a session of its own, so that it can be ended with all that it has started.
run() {
    "$1" -c "$alone" "$@" &
    running=$!
    wait "$running"
    set -- $?
    running=
    return "$1"
}
alone='import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])'

stop() {
    if [ -n "$running" ]
    then
        kill -- "-$running" 2>/dev/null || kill "$running"
        wait "$running"
    fi 2>/dev/null
    [ -z "$making" ] || remove
    say "" "Not set up; the next time begins anew."
    exit 130
}

remove() {
    # What nobody made as an environment, we don't take away.
    [ -e "$VENV/pyvenv.cfg" ] || return
    # Some process may be dying in it still.
    rm -rf "$VENV" 2>/dev/null || { sleep 1 && rm -rf "$VENV"; }
}

is_new() {
    run "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# One that is there may be a mere stand-in for it, as pyenv has them.
newer_python() {
    for name in python3.14 python3.13 python3.12 python3.11
    do
        if command -v "$name" >/dev/null && is_new "$name"
        then
            echo "$name"
            return
        fi
    done
    return 1
}

check_python() {
    command -v "$PYTHON" >/dev/null || give_up \
        "There is no $PYTHON here. On Debian:" "  apt install python3 python3-venv"
    is_new "$PYTHON" && return
    newer=$(newer_python) || give_up \
        "Python 3.11 or newer is needed, and $PYTHON is older. Name another:" \
        "  make run PYTHON=/where/it/is/python3.12"
    give_up "Python 3.11 or newer is needed, and $PYTHON is older. This one will do:" \
        "  make run PYTHON=$newer"
}

make_environment() {
    check_python
    run "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || give_up \
        "$PYTHON has no venv. On Debian:" "  apt install python3-venv"
    say "Setting up $VENV, once; it takes about half a minute."
    making=yes
    run "$PYTHON" -m venv "$VENV" && return
    remove
    give_up "The virtual environment $VENV could not be made; the reason stands above."
}

pip_install() {
    run "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

install() {
    if [ -z "$LOCKED" ]
    then
        # With what builds the package: the lock files have it, the extra has not.
        pip_install --upgrade setuptools --editable '.[dev]'
    else
        # The checkout itself, with what the lock file has brought and nothing else.
        pip_install --require-hashes --requirement "$lock" &&
            pip_install --no-deps --no-build-isolation --editable .
    fi
}

is_done() {
    [ -e "$VENV/$goal" ] &&
        [ ! pyproject.toml -nt "$VENV/$goal" ] && [ ! "$lock" -nt "$VENV/$goal" ]
}

cd "$(dirname "$0")" || exit
making=
lock=requirements.lock
[ "$goal" != .dev ] || lock=requirements-dev.lock
trap stop INT TERM HUP

[ -w . ] || give_up "This folder can't be written, so nothing can be set up in it:" \
    "  $(pwd)" "Copy it to where you may write, and type make there."
if [ -e "$VENV/pyvenv.cfg" ] && ! run "$VENV/bin/python" -c 'import pip' 2>/dev/null
then
    say "The Python of $VENV does not work any more: $VENV is made anew."
    remove
fi
[ -e "$VENV/pyvenv.cfg" ] || make_environment
[ "$goal" != python ] || exit 0
! is_done || exit 0
[ -n "$making" ] || say "Bringing $VENV up to date."
making=yes
install || give_up "The packages could not be installed; the reason stands above." \
    "Where it is the network, try again when it is back."
touch "$VENV/.run" "$VENV/$goal"
