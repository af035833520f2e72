import argparse
import itertools
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import pytest

from common.client_settings import ClientSettings
from common.command_parser import CommandParser
from common.limits import Limits
from common.server_settings import ServerSettings
from common.settings import Sources, add_flags, resolve, setting, show
from errors import ExitCode, SettingsError


class Table(msgspec.Struct, kw_only=True, frozen=True):
    """Settings of a program that exists only here."""

    port: Annotated[int, setting("port to knock at", flags=("-p",), ge=0, le=9)] = 1
    wait_seconds: Annotated[
        float, setting("time to wait, at most 100% of it", ge=0)
    ] = 5.0
    loud: Annotated[bool, setting("say more")] = False
    motto: Annotated[str, setting("words to begin with", metavar="WORDS")] = ""


class Other(msgspec.Struct, kw_only=True, frozen=True):
    """Settings of a second program."""

    colour: Annotated[str, setting("colour of it all")] = "red"
    secret: Annotated[bool, setting("ask for the secret", hides=True)] = False
    hidden: Annotated[
        bool | None,
        setting(
            "speak behind the hand",
            unset="except to friends",
            words={"always": True, "mostly": None},
        ),
    ] = None
    mode: Annotated[Literal["on", "off", "half"], setting("how it works")] = "half"


# How each source says `port` is `value`, strongest first; what it is called there.
Say = Callable[[str, Any], Sources]
KINDS: dict[str, tuple[Say, str]] = {
    "flag": (lambda name, value: Sources({name: value}, {}, {}), "flag --port"),
    "environment": (
        lambda name, value: Sources({}, {f"JIM_{name.upper()}": value}, {}),
        "environment JIM_PORT",
    ),
    ".env": (
        lambda name, value: Sources({}, {}, {f"JIM_{name.upper()}": value}),
        ".env JIM_PORT",
    ),
    "file": (
        lambda name, value: Sources({}, {}, {}, {name: value}, "some.yaml"),
        "file some.yaml: port",
    ),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def said(kind: str, name: str, value: object) -> Sources:
    return KINDS[kind][0](name, value)


def both(one: Sources, other: Sources) -> Sources:
    return Sources(
        {**one.flags, **other.flags},
        {**one.environment, **other.environment},
        {**one.dotenv, **other.dotenv},
        one.file_values or other.file_values,
        one.file_name or other.file_name,
    )


def complaint(sources: Sources, table: type[msgspec.Struct] = Table) -> str:
    with pytest.raises(SettingsError) as caught:
        resolve(table, sources)
    assert caught.value.exit_code == (
        ExitCode.USAGE if sources.flags else ExitCode.SETTINGS
    )
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_without_sources_every_value_is_its_default() -> None:
    resolved = resolve(Table, Sources({}, {}, {}))
    assert resolved.values == Table()
    assert {str(source) for source in resolved.sources.values()} == {"default"}


@EVERY_KIND
def test_each_source_beats_the_default(kind: str) -> None:
    resolved = resolve(Table, said(kind, "port", "7"))
    assert resolved.values == Table(port=7)
    assert str(resolved.sources["port"]) == KINDS[kind][1]
    assert str(resolved.sources["loud"]) == "default"


@pytest.mark.parametrize(("strong", "weak"), list(itertools.combinations(KINDS, 2)))
def test_the_stronger_of_two_sources_wins(strong: str, weak: str) -> None:
    sources = both(said(strong, "port", "7"), said(weak, "port", "8"))
    resolved = resolve(Table, sources)
    assert resolved.values.port == 7
    assert str(resolved.sources["port"]) == KINDS[strong][1]


@pytest.mark.parametrize(("strong", "weak"), list(itertools.combinations(KINDS, 2)))
def test_two_sources_complete_each_other(strong: str, weak: str) -> None:
    sources = both(said(strong, "port", "7"), said(weak, "motto", "hi"))
    assert resolve(Table, sources).values == Table(port=7, motto="hi")


def test_all_sources_at_once_leave_the_flag() -> None:
    sources = Sources(
        {"port": "2"}, {"JIM_PORT": "3"}, {"JIM_PORT": "4"}, {"port": 5}, "some.yaml"
    )
    assert resolve(Table, sources).values.port == 2


@EVERY_KIND
@pytest.mark.parametrize(
    ("value", "right"),
    [("x", "expected int"), ("10", "<= 9"), ("-1", ">= 0"), ("", "expected int"),
     ("1.5", "expected int")],
)  # fmt: skip
def test_a_wrong_value_is_one_sentence_from_every_source(
    kind: str, value: str, right: str
) -> None:
    sentence = complaint(said(kind, "port", value))
    assert "the setting port" in sentence
    assert f"from the {KINDS[kind][1]} is wrong: {value or 'it is empty'}" in sentence
    assert right in sentence
    assert "port to knock at" in sentence


@pytest.mark.parametrize("value", [None, True, 1.5, [1], {"a": 1}, 10, -1, 2**70])
def test_a_wrong_value_of_any_type_in_the_file_is_one_sentence(value: object) -> None:
    sentence = complaint(said("file", "port", value))
    assert "the setting port from the file some.yaml: port is wrong" in sentence


@EVERY_KIND
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_a_time_without_end_is_wrong(kind: str, value: str) -> None:
    assert "wait_seconds" in complaint(said(kind, "wait_seconds", value))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_time_without_end_is_wrong_in_the_file_as_yaml_writes_it(
    value: float,
) -> None:
    assert "wait_seconds" in complaint(said("file", "wait_seconds", value))


@EVERY_KIND
@pytest.mark.parametrize(
    ("word", "meant"),
    [("yes", True), ("on", True), ("true", True), ("YES", True), ("1", True),
     ("no", False), ("off", False), ("false", False), ("No", False), ("0", False)],
)  # fmt: skip
def test_a_switch_may_be_said_in_words(kind: str, word: str, meant: bool) -> None:
    assert resolve(Table, said(kind, "loud", word)).values.loud is meant


@EVERY_KIND
@pytest.mark.parametrize("word", ["maybe", "y", "2", ""])
def test_another_word_for_a_switch_is_wrong_and_the_right_ones_are_named(
    kind: str, word: str
) -> None:
    sentence = complaint(said(kind, "loud", word))
    assert "the setting loud" in sentence
    assert "yes or no" in sentence


@EVERY_KIND
@pytest.mark.parametrize(
    ("word", "meant"),
    [("yes", True), ("off", False), ("1", True), ("always", True), ("mostly", None)],
)
def test_a_switch_that_may_be_neither_takes_words_of_its_own(
    kind: str, word: str, meant: bool | None
) -> None:
    assert resolve(Other, said(kind, "hidden", word)).values.hidden is meant
    assert "yes or no" in complaint(said(kind, "hidden", "rarely"), Other)


@pytest.mark.parametrize(
    ("flags", "meant", "shown"),
    [
        ([], None, "except to friends"),
        (["--hidden"], True, "yes"),
        (["--no-hidden"], False, "no"),
    ],
)
def test_a_switch_that_may_be_neither_has_both_flags_and_says_what_neither_is(
    flags: list[str], meant: bool | None, shown: str
) -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, Other)
    assert "(default: except to friends)" in parser.format_help()
    resolved = resolve(Other, Sources(vars(parser.parse_args(flags)), {}, {}))
    assert resolved.values.hidden is meant
    assert re.search(f"^hidden +{shown} ", show(resolved), re.MULTILINE)


@pytest.mark.parametrize(("value", "word"), [(True, "on"), (False, "off")])
def test_a_word_that_yaml_takes_for_a_switch_stays_a_word(
    value: bool, word: str
) -> None:
    assert resolve(Other, said("file", "mode", value)).values.mode == word


@EVERY_KIND
def test_a_wrong_value_that_may_be_a_secret_is_not_shown(kind: str) -> None:
    with pytest.raises(SettingsError, match="it is not shown here") as refused:
        resolve(Other, said(kind, "secret", "hunter2"))
    assert "hunter2" not in str(refused.value)
    assert "ask for the secret" in str(refused.value)


@EVERY_KIND
def test_a_wrong_value_cannot_drive_the_terminal(kind: str) -> None:
    sentence = complaint(said(kind, "port", "\x1b[31m\n7"))
    assert r"\x1b[31m\n7" in sentence
    assert sentence.isprintable()


def test_a_wrong_value_in_a_source_that_is_overruled_is_nobodys_business() -> None:
    sources = both(said("flag", "port", "7"), said("file", "port", "x"))
    assert resolve(Table, sources).values.port == 7


@pytest.mark.parametrize("kind", ["environment", ".env"])
def test_an_unknown_variable_is_refused_with_the_nearest_name(kind: str) -> None:
    sentence = complaint(said(kind, "prot", "7"))
    assert kind in sentence
    assert "JIM_PROT" in sentence
    assert "did you mean JIM_PORT?" in sentence


@pytest.mark.parametrize("kind", ["environment", ".env"])
def test_a_variable_like_no_setting_is_refused_with_where_to_look(kind: str) -> None:
    sentence = complaint(said(kind, "zzzzzzzz", "7"))
    assert "JIM_ZZZZZZZZ" in sentence
    assert "--help" in sentence


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_name() -> None:
    sentence = complaint(said("file", "wait_second", 7))
    assert "some.yaml" in sentence
    assert "'wait_second'" in sentence
    assert "did you mean wait_seconds?" in sentence


@pytest.mark.parametrize("key", [1, None, True, "zzzzzzzz", "JIM_PORT", "a\nb"])
def test_a_key_of_the_file_like_no_setting_is_refused(key: object) -> None:
    complaint(Sources({}, {}, {}, {key: 7}, "some.yaml"))


@pytest.mark.parametrize("values", [[1], 7, "port", True])
def test_a_file_that_holds_no_settings_is_one_sentence(values: object) -> None:
    sentence = complaint(Sources({}, {}, {}, values, "some.yaml"))
    assert "some.yaml" in sentence
    assert "port: 7777" in sentence


@pytest.mark.parametrize("values", [None, {}])
def test_an_empty_file_changes_nothing(values: object) -> None:
    resolved = resolve(Table, Sources({}, {}, {}, values, "some.yaml"))
    assert resolved.values == Table()


@pytest.mark.parametrize("kind", ["environment", ".env"])
def test_the_variable_of_another_program_is_no_error(kind: str) -> None:
    sources = said(kind, "colour", "blue")
    assert resolve(Table, sources, [Other]).values == Table()
    assert "JIM_COLOUR" in complaint(sources)


def test_the_key_of_another_program_in_the_file_is_no_error() -> None:
    """Server, client and launcher may share the file that JIM_SETTINGS names."""
    sources = said("file", "colour", "blue")
    assert resolve(Table, sources, [Other]).values == Table()
    with pytest.raises(SettingsError, match="'colour'"):
        resolve(Table, sources)


def test_variables_of_others_are_left_alone() -> None:
    strange = {"PATH": "/bin", "JIMMY": "x", "port": "9", "XJIM_PORT": "9"}
    assert resolve(Table, Sources({}, strange, dict(strange))).values == Table()


def test_a_variable_without_a_value_in_dotenv_is_not_there() -> None:
    assert resolve(Table, Sources({}, {}, {"JIM_PORT": None})).values == Table()


def test_flags_of_others_are_left_alone() -> None:
    sources = Sources({"show_settings": True, "port": "7"}, {}, {})
    assert resolve(Table, sources).values == Table(port=7)


def parse(*arguments: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    add_flags(parser, Table)
    return vars(parser.parse_args(arguments))


def test_only_the_flags_that_were_given_are_handed_on() -> None:
    assert parse() == {}
    assert parse("-p", "7") == parse("--port", "7") == {"port": "7"}
    assert parse("--wait-seconds", "2") == {"wait_seconds": "2"}
    assert parse("--loud") == {"loud": True}
    assert parse("--no-loud") == {"loud": False}


def test_a_switch_can_be_set_back_by_a_flag() -> None:
    sources = both(Sources(parse("--no-loud"), {}, {}), said("file", "loud", True))
    assert resolve(Table, sources).values.loud is False


@pytest.mark.parametrize("arguments", [["--prot", "7"], ["--port"], ["--loud=maybe"]])
def test_a_flag_that_does_not_exist_exits_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(*arguments)
    assert caught.value.code == ExitCode.USAGE
    assert capsys.readouterr().err


def test_help_names_each_setting_its_meaning_and_its_default() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, Table)
    text = " ".join(parser.format_help().split())
    # Python 3.13 names the value once, after both spellings.
    both = ("-p PORT, --port PORT", "-p, --port PORT")
    assert any(f"{one} port to knock at (default: 1)" in text for one in both)
    assert "time to wait, at most 100% of it (default: 5.0)" in text
    assert "--loud, --no-loud say more (default: no)" in text
    assert "--motto WORDS words to begin with (default: none)" in text


def test_show_says_each_value_and_where_it_came_from() -> None:
    sources = both(said("environment", "port", "7"), said("file", "loud", True))
    assert show(resolve(Table, sources)) == (
        "port          7     environment JIM_PORT\n"
        "wait_seconds  5.0   default\n"
        "loud          yes   file some.yaml: loud\n"
        "motto         none  default\n"
    )


def test_show_says_what_the_program_takes_for_what_is_empty() -> None:
    for sources in (Sources({}, {}, {}), said("flag", "motto", "")):
        shown = show(resolve(Table, sources), {"motto": "ours", "port": "no"})
        assert re.search("^motto +ours +(default|flag)", shown, re.MULTILINE)
        assert re.search("^port +1 +default", shown, re.MULTILINE)
    shown = show(resolve(Table, said("flag", "motto", "mine")), {"motto": "ours"})
    assert re.search("^motto +mine +flag", shown, re.MULTILINE)


def test_show_keeps_a_value_on_its_line() -> None:
    shown = show(resolve(Table, said("flag", "motto", "a\nb\x1b[2J")))
    assert r"a\nb\x1b[2J" in shown
    assert shown.count("\n") == 4
    assert "\x1b" not in shown


@pytest.mark.parametrize("table", [ServerSettings, ClientSettings])
def test_every_setting_of_a_program_has_a_flag_a_variable_and_a_meaning(
    table: type[msgspec.Struct],
) -> None:
    parser = CommandParser()
    add_flags(parser, table)
    described = {action.dest: action.help for action in parser.arguments}
    for name, value in msgspec.structs.asdict(table()).items():
        assert described[name]
        word = "optional" if value is None else str(value)
        variables = {f"JIM_{name.upper()}": word}
        assert resolve(table, Sources({}, variables, {})).values == table()


@EVERY_KIND
@pytest.mark.parametrize("port", ["80", "1", "1023", "70000", "65536", "-1"])
def test_a_port_the_server_may_not_have_is_refused(kind: str, port: str) -> None:
    sentence = complaint(said(kind, "port", port), ServerSettings)
    assert f"is wrong: {port}" in sentence
    assert "1024-65535, or 0 for any free one" in sentence


@EVERY_KIND
@pytest.mark.parametrize(
    "name", ["text_port", "minechat_read_port", "minechat_send_port"]
)
@pytest.mark.parametrize("port", ["80", "65536", "-1"])
def test_a_port_that_no_door_may_have_is_refused(
    kind: str, name: str, port: str
) -> None:
    sentence = complaint(said(kind, name, port), ServerSettings)
    assert f"is wrong: {port}" in sentence
    assert name in sentence


@EVERY_KIND
@pytest.mark.parametrize("port", ["0", "1024", "7777", "65535"])
def test_a_port_the_server_may_have_is_taken(kind: str, port: str) -> None:
    assert resolve(ServerSettings, said(kind, "port", port)).values.port == int(port)


@pytest.mark.parametrize("port", ["0", "65536"])
def test_a_port_no_server_can_have_is_refused_by_the_client(port: str) -> None:
    assert "1-65535" in complaint(said("flag", "port", port), ClientSettings)


def test_the_client_may_go_to_a_port_of_the_system() -> None:
    assert resolve(ClientSettings, said("flag", "port", "80")).values.port == 80


def test_server_and_client_know_each_others_variables() -> None:
    sources = Sources({}, {"JIM_NAME": "alice", "JIM_ROOMS": "5"}, {})
    assert resolve(ServerSettings, sources, [ClientSettings]).values.rooms == 5
    assert resolve(ClientSettings, sources, [ServerSettings]).values.name == "alice"


def test_the_defaults_are_those_that_are_promised() -> None:
    server = ServerSettings()
    assert (server.port, server.ip, server.log_texts) == (7777, "", False)
    assert (server.name_characters, server.object_bytes, server.text_bytes) == (
        25,
        64 * 1024,
        16 * 1024,
    )
    assert (server.sign_in_seconds, server.silence_seconds) == (15, 60)
    assert (server.unanswered_probes, server.connections_per_address) == (3, 256)
    assert (server.message_burst, server.message_rate) == (200, 50)
    assert (server.owed_bytes, server.owed_seconds) == (4 * 1024 * 1024, 5)
    assert server.kept_guest_seconds == 15 * 60
    assert (ClientSettings().address, ClientSettings().port) == ("localhost", 7777)


# Without these nothing works at all; every other limit can be switched off by 0.
CANNOT_BE_SWITCHED_OFF = {"name_characters", "unanswered_probes", "message_burst"}


@pytest.mark.parametrize("name", Limits.__struct_fields__)
def test_every_limit_can_be_raised_or_switched_off(name: str) -> None:
    default = getattr(Limits(), name)
    more = str(default + 1)
    resolved = resolve(ServerSettings, said("flag", name, more))
    assert getattr(resolved.values, name) == default + 1
    if name in CANNOT_BE_SWITCHED_OFF:
        assert ">= 1" in complaint(said("flag", name, "0"), ServerSettings)
    else:
        off = resolve(ServerSettings, said("flag", name, "0"))
        assert getattr(off.values, name) == 0


def test_a_client_is_told_the_limits_that_concern_it() -> None:
    told = Limits(text_bytes=1, object_bytes=2, message_rate=3.5).told()
    assert (told["text"], told["object"], told["rate"]) == (1, 2, 3.5)
    assert set(told) == {
        "name", "object", "text", "nesting", "burst", "rate", "silence", "owed",
    }  # fmt: skip


# What each place says of address and port, weakest first; what is in force then.
ADDRESSES: dict[str, tuple[list[dict[str, str]], tuple[str, int]]] = {
    "an address with its port": ([{"address": "[::1]:9"}], ("::1", 9)),
    "the same port twice": ([{"address": "h:9", "port": "9"}], ("h", 9)),
    "the port of a stronger place": ([{"address": "h:9"}, {"port": "8"}], ("h", 8)),
    "the address of a stronger place": ([{"port": "8"}, {"address": "h:9"}], ("h", 9)),
    "a port stays for another address": ([{"port": "8"}, {"address": "h"}], ("h", 8)),
    "a port goes with its address": (
        [{"address": "h:9"}, {"address": "i"}],
        ("i", 7777),
    ),
    "both ways": (
        [{"address": "h:9", "port": "9"}, {"address": "i", "port": "8"}],
        ("i", 8),
    ),
}


@pytest.mark.parametrize("weak", KINDS)
@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_brings_its_port_along(case: str, weak: str) -> None:
    values, meant = ADDRESSES[case]
    kinds = list(reversed(KINDS))[list(reversed(KINDS)).index(weak) :]
    if len(kinds) < len(values):
        return
    sources = Sources({}, {}, {})
    for kind, given in zip(kinds, values, strict=False):
        for name, value in given.items():
            sources = merged(sources, said(kind, name, value))
    found = resolve(ClientSettings, sources).values
    assert (found.address, found.port) == meant


def merged(one: Sources, other: Sources) -> Sources:
    file: Any = {**(one.file_values or {}), **(other.file_values or {})} or None  # type: ignore[dict-item]
    return both(one, other)._replace(file_values=file)


@EVERY_KIND
def test_two_ports_or_none_that_can_be_read_are_refused(kind: str) -> None:
    two = merged(said(kind, "address", "h:9"), said(kind, "port", "8"))
    said_of_two = complaint(two, ClientSettings)
    assert "there are two ports, 9 (" in said_of_two
    assert KINDS[kind][1].replace("port", "address").replace("PORT", "ADDRESS") in (
        said_of_two
    )
    secret = said(kind, "address", "h:1#&invite=inv_marked")
    assert "marked" not in complaint(secret, ClientSettings)
    assert "HOST:PORT" in complaint(secret, ClientSettings)


@pytest.mark.parametrize(
    ("given", "ip", "port"),
    [
        ("localhost", "localhost", 7777),
        ("127.0.0.1,[::1]:8000", "127.0.0.1,::1", 8000),
        ("fe80::1%lan0, 192.0.2.1", "fe80::1%lan0,192.0.2.1", 7777),
        ("", "", 7777),
    ],
)
def test_a_server_may_have_several_addresses(given: str, ip: str, port: int) -> None:
    values = resolve(ServerSettings, said("flag", "ip", given)).values
    assert (values.ip, values.port) == (ip, port)


def test_addresses_of_a_server_have_one_port() -> None:
    assert "two ports, 8000" in complaint(
        said("flag", "ip", "127.0.0.1:8000,::1,localhost:9000"), ServerSettings
    )


PUBLIC = "chat.example:443, [2001:db8::1]:9,192.0.2.1"


@EVERY_KIND
def test_what_a_server_is_called_keeps_each_port(kind: str) -> None:
    values = resolve(ServerSettings, said(kind, "public_address", PUBLIC)).values
    assert values.public_address == PUBLIC.replace(" ", "")
    assert values.port == 7777


@EVERY_KIND
def test_what_a_server_can_not_be_called_is_refused(kind: str) -> None:
    for wrong in ("chat example", "http://chat.example", "host:x", "a,,b"):
        said_of_it = complaint(said(kind, "public_address", wrong), ServerSettings)
        assert "HOST:PORT" in said_of_it
