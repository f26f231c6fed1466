"""Websockets that stay open: which addresses they go to, what is refused, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from archiver.records.errors import (
    AddressRefused,
    AnswerUnreadable,
    CertificateRefused,
    ConfigInvalid,
    PermissionLost,
    PlatformUnreachable,
)
from connectors.fetching import FRAME_BYTES, Socket
from tests.connectors.authority import HERE, Authority
from tests.connectors.platforms import fetching
from tests.connectors.streaming_server import HANG_UP, StreamingServer, a_streaming_server


@pytest.fixture
def server() -> Iterator[StreamingServer]:
    with a_streaming_server() as told:
        yield told


def brought(line: Socket, count: int) -> list[bytes]:
    """Give the next *count* frames."""
    found = line.frames(5.0)
    told = [next(found) for _ in range(count)]
    assert None not in told
    return [frame for frame in told if frame is not None]


def test_frames_come_as_they_were_sent_and_our_name_and_headers_go_with_the_question(
    tmp_path, server
):
    server.say('{"a": 1}', b"\xff\x00", "ü")

    with closing(
        Socket.opened(
            f"{server.url}/there?x=1", fetching(tmp_path), headers={"Authorization": "Bearer t"}
        )
    ) as line:
        assert brought(line, 3) == [b'{"a": 1}', b"\xff\x00", "ü".encode()]

    assert server.asked == [("/there", [("x", "1")])]
    assert server.headers[0]["authorization"] == "Bearer t"
    assert server.headers[0]["user-agent"] == "archiver-tests"


def test_where_nothing_comes_that_is_said_and_then_waited_on(tmp_path, server):
    with closing(Socket.opened(server.url, fetching(tmp_path))) as line:
        frames = line.frames(0.01)
        assert next(frames) is None
        server.say("at last")
        assert next(frame for frame in frames if frame is not None) == b"at last"


def test_a_connection_that_breaks_off_is_told_after_what_it_brought(tmp_path, server):
    server.say("one", HANG_UP)

    with closing(Socket.opened(server.url, fetching(tmp_path))) as line:
        assert brought(line, 1) == [b"one"]
        with pytest.raises(PlatformUnreachable, match="broke off"):
            brought(line, 1)


def test_a_frame_larger_than_frames_may_be_is_hung_up_on(tmp_path, server):
    server.say("x" * FRAME_BYTES, "x" * (FRAME_BYTES + 1))

    with closing(Socket.opened(server.url, fetching(tmp_path))) as line:
        assert len(brought(line, 1)[0]) == FRAME_BYTES
        with pytest.raises(PlatformUnreachable, match="broke off with 1009"):
            brought(line, 1)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, PermissionLost),
        (403, PermissionLost),
        (404, AnswerUnreadable),
        (429, PlatformUnreachable),
        (500, PlatformUnreachable),
        (503, PlatformUnreachable),
    ],
)
def test_a_refusal_is_told_by_its_status_and_without_secrets(tmp_path, server, status, error):
    server.refuses.append(status)

    with pytest.raises(error, match=str(status)) as refused:
        Socket.opened(f"{server.url}/?access_token=opensesame", fetching(tmp_path))

    assert "opensesame" not in str(refused.value)


def test_no_redirect_is_followed_and_nobody_else_is_shown_the_token(tmp_path, server):
    with a_streaming_server() as other:
        server.refuses.append(302)
        server.redirects = other.url

        with pytest.raises(AnswerUnreadable, match="no websocket answers"):
            Socket.opened(server.url, fetching(tmp_path), headers={"authorization": "Bearer t"})

    assert (len(server.asked), other.asked) == (1, [])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "wss://", "wss://host:port/", "ws://127.0.0.1:0/", "[", ""]
)
def test_what_is_no_address_of_a_websocket_is_refused(tmp_path, url):
    with pytest.raises(AddressRefused, match="is not a ws or wss address"):
        Socket.opened(url, fetching(tmp_path))


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "::1"])
def test_a_host_at_a_private_address_is_not_connected_to(tmp_path, server, address):
    port = server.url.rpartition(":")[2]
    guarded = fetching(tmp_path, allow_private_hosts=frozenset())

    with pytest.raises(AddressRefused):
        Socket.opened(
            f"ws://stream.example:{port}/", guarded, resolve=lambda _host, _port: [address]
        )

    assert server.asked == []


def test_the_next_address_of_a_host_is_tried_where_nobody_answers_at_the_first(tmp_path, server):
    port = server.url.rpartition(":")[2]
    allowed = fetching(tmp_path, allow_private_hosts=frozenset({"stream.example"}))
    with closing(
        Socket.opened(
            f"ws://stream.example:{port}/",
            allowed,
            resolve=lambda _host, _port: ["::1", "127.0.0.1"],
        )
    ):
        assert server.headers[0]["host"] == f"stream.example:{port}"


def test_where_nobody_answers_the_platform_is_unreachable(tmp_path):
    with a_streaming_server() as gone:
        pass

    with pytest.raises(PlatformUnreachable, match="the connection failed"):
        Socket.opened(gone.url, fetching(tmp_path))


def test_what_may_not_stand_in_a_header_is_not_sent(tmp_path, server):
    with pytest.raises(ConfigInvalid, match="authorization"):
        Socket.opened(server.url, fetching(tmp_path), headers={"authorization": "a\r\nb: c"})

    assert server.asked == []


def test_over_tls_the_server_must_prove_its_name_by_an_authority_that_is_trusted(tmp_path):
    authority = Authority(tmp_path)
    with a_streaming_server(authority.vouch_for(HERE)) as server:
        server.say("sealed")
        with closing(Socket.opened(server.url, fetching(tmp_path, ca_file=authority.file))) as line:
            assert brought(line, 1) == [b"sealed"]

        with pytest.raises(CertificateRefused):
            Socket.opened(server.url, fetching(tmp_path))
