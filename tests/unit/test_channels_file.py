"""The channels file: who is told by what, near misses, and secrets that nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.messages import translator
from adapters.notify.configuration import Configuration, channels_file, read_configuration
from adapters.notify.secret import HIDDEN, Secret, hidden
from adapters.notify.settings import ChannelsTrouble, UnknownSetting
from engine.errors import DeliveryFailed, EngineError
from tests.integration.receivers import free_port, message, notice

VALUES = ("hunter2-hunter2", "k3y-of-the-robot", "SECdingtalk", "t0ken", "whsec")

FILE = "duban.db.channels.yaml"
PLAIN_IS_REFUSED = "mail goes unencrypted only to this very machine. starttls / tls"
FULL = """\
channels:
  email:
    kind: smtp
    host: mail.example.com
    security: starttls
    user: duban
    password: ${TEST_PASSWORD}
    from: duban@example.com
    timeout: 5
  hook: {kind: webhook, url: 'https://oa.example.com/notices', secret: 'file:hook.secret'}
  group: {kind: wecom, key: '${TEST_KEY}', form: text}
  ding: {kind: dingtalk, token: '${TEST_TOKEN}', secret: '${TEST_SECRET}'}
  fei: {kind: feishu, token: '${TEST_TOKEN}'}
  drop: {kind: folder, path: notices}
people:
  zhang: {email: zhang@example.com, group: 13800000000, drop: true}
  li: {group: lisi}
  'post:group-office': {email: office@example.com, drop: }
default: [drop, log]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    password, key, secret, token, hook = VALUES
    for name, value in {"PASSWORD": password, "KEY": key, "SECRET": secret, "TOKEN": token}.items():
        monkeypatch.setenv(f"TEST_{name}", value)
    path = tmp_path / FILE
    path.write_text(FULL, encoding="utf-8")
    secret_file = tmp_path / "hook.secret"
    secret_file.write_text(f"{hook}\n")
    secret_file.chmod(0o600)
    return path


@pytest.fixture
def refused(file: Path) -> Callable[[str, str], str]:
    """Replace a part of the file and return how that is refused."""

    def change(old: str, new: str) -> str:
        assert old in FULL
        file.write_text(FULL.replace(old, new), encoding="utf-8")
        with pytest.raises((ChannelsTrouble, UnknownSetting)) as caught:
            read_configuration(file).open(translator("en"))
        return str(caught.value).removeprefix(f"{FILE}: ")

    return change


def test_everybody_is_told_by_the_channels_that_have_an_address_for_them(file: Path) -> None:
    found = read_configuration(file)
    assert list(found.channels_of("zhang")) == ["email", "group", "drop"]
    assert list(found.channels_of("li")) == ["group"]
    assert list(found.channels_of("post:group-office")) == ["email", "drop"]
    assert list(found.channels_of("anybody")) == ["drop", "log"]
    assert found.people["zhang"] == {
        "email": "zhang@example.com",
        "group": "13800000000",
        "drop": "",
    }


def test_all_channels_are_opened_and_the_log_is_always_there(file: Path) -> None:
    opened = read_configuration(file).open(translator("en"))
    assert sorted(opened) == ["ding", "drop", "email", "fei", "group", "hook", "log"]


def test_without_a_file_everything_goes_to_the_log() -> None:
    found = read_configuration(None)
    assert found.channels_of("zhang") == ("log",)
    assert list(found.open(translator("en"))) == ["log"]


def test_an_empty_file_is_no_file(tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("")
    assert read_configuration(empty).channels_of("zhang") == ("log",)


def test_who_is_told_by_what_needs_no_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PASSWORD", "KEY", "SECRET", "TOKEN"):
        monkeypatch.delenv(f"TEST_{name}")
    (file.parent / "hook.secret").unlink()
    found = read_configuration(file)
    assert list(found.channels_of("li")) == ["group"]
    with pytest.raises(ChannelsTrouble, match=r"email\.password: the environment"):
        found.open(translator("en"))


def test_the_file_lies_beside_the_database_unless_it_is_named(tmp_path: Path) -> None:
    database = tmp_path / "duban.db"
    assert channels_file(database, None) is None
    assert channels_file(None, None) is None
    beside = tmp_path / FILE
    beside.write_text("")
    assert channels_file(database, None) == beside
    assert channels_file(database, str(tmp_path / "other.yaml")) == tmp_path / "other.yaml"
    with pytest.raises(ChannelsTrouble, match="No such file"):
        read_configuration(tmp_path / "other.yaml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    host:", "    hots:", "channels.email.host: it is missing. "),
        (
            "timeout: 5",
            "timeot: 5",
            "channels.email knows no timeot. Did you mean: ('timeout',)?",
        ),
        (
            "timeout: 5",
            "timeout: soon",
            "channels.email.timeout: it should be a whole number from 1. … 300",
        ),
        (
            "kind: wecom",
            "kind: wekom",
            "channels.group.kind knows no wekom. Did you mean: ('wecom',)?",
        ),
        (
            "security: starttls",
            "security: startls",
            "channels.email.security knows no startls. Did you mean: ('starttls', 'tls')?",
        ),
        (
            "security: starttls",
            "security: plain",
            "channels.email.security: " + PLAIN_IS_REFUSED,
        ),
        ("li: {group:", "li: {grop:", "people.li knows no grop. Did you mean: ('group', 'drop')?"),
        ("default: [drop, log]", "default: [dorp]", "knows no dorp. Did you mean: ('drop',)?"),
        ("default: [drop, log]", "default: []", "default: it should be a list of channels. "),
        ("people:", "poeple:", "knows no poeple. Did you mean: ('people',)?"),
        (
            "'https://oa",
            "'http://oa",
            "channels.hook.url: only https keeps what is sent to itself. ",
        ),
        (
            "'https://oa.example.com/notices'",
            "'oa.example.com'",
            "channels.hook.url: it should be an address such as https://host/path. ",
        ),
        ("zhang@example.com", "zhang", "channels.email: that is no mail address. zhang"),
        (
            "'zhang@example.com'"[1:-1],
            '"a@b.cn\\nBcc: c@d.cn"',
            "people.zhang.email: it is too long, or holds what cannot be printed. ",
        ),
        ("    user: duban\n", "", "channels.email: user and password belong together. "),
        ("drop: true}", "drop: [true]}", "people.zhang.drop: it should be a text. "),
        ("  li: {group: lisi}", "  li: lisi", "people.li: it should be a map. "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    refused: Callable[[str, str], str], old: str, new: str, said: str
) -> None:
    assert refused(old, new).removeprefix(f"{FILE} ") == said


def test_a_secret_that_stands_in_the_file_is_refused_and_not_repeated(
    refused: Callable[[str, str], str],
) -> None:
    said = refused("${TEST_PASSWORD}", VALUES[0])
    assert said == (
        "channels.email.password: a secret does not stand in this file. "
        "Write ${NAME} for a variable of the environment, or file:PATH for a file of mode 600."
    )


def test_yaml_that_cannot_be_read_is_refused_without_quoting_it(
    refused: Callable[[str, str], str],
) -> None:
    quoted = f"'{VALUES[0]}"
    assert refused("${TEST_PASSWORD}", quoted) == FILE + ":10: it is not valid YAML. "
    twice = f"${{TEST_PASSWORD}}\n    password: {VALUES[0]}"
    assert refused("${TEST_PASSWORD}", twice) == FILE + ":8: a key stands there twice. "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_secret_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    (file.parent / "hook.secret").chmod(mode)
    with pytest.raises(ChannelsTrouble, match="others may read the file of the secret") as caught:
        read_configuration(file).open(translator("en"))
    assert str(caught.value).endswith(f"chmod 600 {file.parent / 'hook.secret'}")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 5000])
def test_a_file_that_holds_no_secret_is_refused(file: Path, content: bytes) -> None:
    (file.parent / "hook.secret").write_bytes(content)
    with pytest.raises(ChannelsTrouble, match="the file of the secret"):
        read_configuration(file).open(translator("en"))


def test_secrets_show_nowhere(file: Path) -> None:
    secret = Secret(VALUES[0])
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{[secret]}"]
    assert VALUES[0] not in "".join(shown)
    assert hidden(f"535 {VALUES[0]}!", [None, Secret(""), secret]) == f"535 {HIDDEN}!"
    configuration = read_configuration(file)
    opened = configuration.open(translator("en"))
    seen = [repr(configuration), repr(opened)]
    for channel in opened.values():
        robot = getattr(channel, "_robot", None)
        seen += [repr(vars(channel)), repr(robot)]
    assert [value for value in VALUES if value in "".join(seen)] == []


def test_no_error_of_any_channel_holds_a_secret(file: Path) -> None:
    """Nobody listens; whatever is raised, and its whole chain, is clean."""
    port = free_port()
    local = f"http://127.0.0.1:{port}/"
    text = FULL.replace("https://oa.example.com/notices", local).replace(
        "mail.example.com", "127.0.0.1"
    )
    text = text.replace("from: duban", f"port: {port}\n    from: duban")
    for kind in ("wecom", "dingtalk", "feishu"):
        text = text.replace(f"kind: {kind},", f"kind: {kind}, url: '{local}',")
    file.write_text(text)
    opened = read_configuration(file).open(translator("en"))
    for name in ("email", "hook", "group", "ding", "fei"):
        with pytest.raises(DeliveryFailed) as caught:
            opened[name].send(notice("zhang", name), message())
        error: BaseException | None = caught.value
        assert isinstance(error, EngineError)
        said = translator("zh").error(error) + repr(error) + repr(error.values)
        assert [value for value in VALUES if value in said] == []


def test_a_configuration_can_be_made_without_a_file() -> None:
    assert Configuration().channels_of("x") == ("log",)
