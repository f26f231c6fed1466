"""`listen`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archiver.cli.output import emit_json, json_option, table
from archiver.cli.root import Counter, pass_counter

if TYPE_CHECKING:
    from archiver.office.listening import Ear


@click.command()
@click.option("--once", is_flag=True, help="Work off what waits, and end; nothing is taken in.")
@click.option("--addresses", is_flag=True, help="Say where each platform delivers to, and end.")
@json_option
@pass_counter
def listen(counter: Counter, *, once: bool, addresses: bool, as_json: bool) -> None:
    r"""Take in what platforms deliver by themselves, until stopped, and work it off.

    Of pages that name a signing_env or signing_file. Each delivery is proven by its signature and
    kept before it is answered. The streams of pages with streaming = true are followed. One
    process of an archive does this; it speaks plain HTTP, so that a reverse proxy must stand
    before it. See docs/listening.md.

    \b
    Examples:
      archiver listen
      archiver listen --addresses
    """
    from archiver.listening.serving import Worker, serve
    from archiver.office.listening import Ear

    ear = Ear(counter.office)
    if addresses:
        _print_addresses(ear, as_json=as_json)
        return

    def say(line: str) -> None:
        click.echo(line, err=True)

    if not once:
        serve(ear, say)
    elif not Worker(ear, say).work_off():
        sys.exit(1)


def _print_addresses(ear: Ear, *, as_json: bool) -> None:
    base = ear.office.config.listening.public_url
    if as_json:
        told = [
            {
                "page": one.page,
                "connector": one.connector,
                "url": base + one.path,
                "url_of_page_alone": base + one.of_one_page,
                "word": one.word,
            }
            for one in ear.addresses
        ]
        emit_json({"addresses": told})
        return
    rows = [(one.page, base + one.path, base + one.of_one_page, one.word) for one in ear.addresses]
    table("Where platforms deliver to", ("page", "address", "of this page alone", "word"), rows)
