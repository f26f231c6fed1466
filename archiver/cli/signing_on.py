"""`connect`: walks through letting the archive in to a page, and keeps the token it ends with."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import click

from archiver.cli.output import table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.ports import Connector
    from archiver.procedures.page_connecting import Connected, Grant
    from archiver.records.pages import Consent, PageSettings

_HERE = "127.0.0.1"
_PATIENCE = 300.0
_THANKS = b"The archive has its answer. You may close this window.\n"


@click.command("connect")
@click.argument("page")
@click.option("--key", is_flag=True, help="Enter a key or token instead of signing in.")
@click.option("--client-id", default="", help="The id of the agency's own app at the platform.")
@click.option(
    "--port",
    type=click.IntRange(1024, 65535),
    default=8747,
    show_default=True,
    help="Where the browser brings the answer, on this machine.",
)
@click.option("--paste", is_flag=True, help="The browser is on another machine: paste its answer.")
@click.option("--personal", is_flag=True, help="It is a person's own token: it dies with them.")
@pass_counter
def connect(
    counter: Counter,
    page: str,
    *,
    key: bool,
    client_id: str,
    port: int,
    paste: bool,
    personal: bool,
) -> None:
    r"""Let the archive in to PAGE: sign in with a browser, or enter its key or token.

    The token is tried before it is kept, in the file that the page's token_file names. Use an
    account or app of the organisation: a person's own token dies when they leave. Who owns the
    page, and who stands in, is entered as the configuration names them.

    \b
    Examples:
      archiver connect Facebook
      archiver connect Videos --client-id 1234.apps.googleusercontent.com
    """
    from archiver.office.token_files import keeper_of
    from archiver.procedures import page_connecting

    office = counter.office
    settings = office.config.page(page)
    if office.imports(settings):
        raise ConfigInvalid(f"{page}: reads an export file, and needs no token")
    page_connecting.demand_connectable(office.account, office.person, settings)
    connector, keep = office.connectors[settings.connector], keeper_of(settings)
    consent = None if key else connector.capabilities.access.consent
    _explain(connector, settings)
    if consent is None:
        token, below = _hidden("token"), ""
    else:
        grant = _signed_in(office, connector, consent, client_id, port, paste=paste)
        token, below = grant.token, grant.written()
    outcome = page_connecting.connect(
        office.account,
        office.person,
        settings,
        token,
        opener=office.source,
        keep=keep or (lambda _token, _below: None),
        organisation=not personal,
        below=below,
    )
    _tell(settings, outcome)


def _tell(settings: PageSettings, outcome: Connected) -> None:
    """Print what was tried; exit with 1 where anything was refused."""
    rows = [(c.what, c.answer, c.detail) for c in outcome.checks]
    table(f"Access to {settings.name}", ("right", "answer", "what it says"), rows)
    if not outcome.granted:
        click.echo("nothing was kept", err=True)
        sys.exit(1)
    click.echo(f"{settings.name} is connected; its token lies in {settings.token_file}")


def _explain(connector: Connector, settings: PageSettings) -> None:
    """Say what must be granted, and how, and that an organisation's token is preferred."""
    access = connector.capabilities.access
    for line in access.permissions:
        click.echo(f"It must be granted: {line}", err=True)
    for number, step in enumerate(access.steps, 1):
        click.echo(f"{number}. {step}", err=True)
    click.echo(
        f"{settings.owner} administers the page, {settings.second_administrator} stands in.",
        err=True,
    )


def _signed_in(
    office: Office,
    connector: Connector,
    consent: Consent,
    client_id: str,
    port: int,
    *,
    paste: bool,
) -> Grant:
    """Have somebody say yes in a browser, and give what comes of it."""
    from archiver.procedures import page_connecting

    if not client_id:
        raise ConfigInvalid(
            "--client-id is missing: signing in needs an app of the agency's own",
            remedy="Register one as the steps say, with the address "
            f"http://{_HERE}:{port}/ to come back to; or enter a key with --key.",
        )
    app = page_connecting.App(client_id=client_id, secret=_hidden("secret of the app, if any"))
    asking = page_connecting.ask(consent, app, f"http://{_HERE}:{port}/")
    click.echo("Open this in a browser, signed in as the department's own account:", err=True)
    click.echo(asking.address)
    answer = _line("address that the browser was sent to") if paste else brought_to(port)
    return page_connecting.redeem(
        office.account, connector, office.config.fetching, consent, app, asking, answer
    )


def brought_to(port: int, *, patience: float = _PATIENCE) -> str:
    """Wait until the browser brings the answer to us; give the address it asked for.

    Raises:
        ConfigInvalid: nothing came, or the port is taken.
    """
    came: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = "state=" in self.path
            if answers:
                came.append(self.path)
            self.send_response(200 if answers else 404)
            self.send_header("content-type", "text/plain")
            self.end_headers()
            self.wfile.write(_THANKS if answers else b"")

        def log_message(self, *_args: object) -> None:
            """Write the answer nowhere: it holds a code."""

    try:
        server = HTTPServer((_HERE, port), Receiver)
    except OSError as error:
        raise ConfigInvalid(f"port {port} cannot be listened at: {error.strerror}") from None
    with server:
        server.timeout = patience
        server.handle_timeout = lambda: came.append("")  # type: ignore[method-assign] # as documented
        while not came:
            server.handle_request()
    if not came[0]:
        raise ConfigInvalid("nobody answered in the browser", remedy="Say it again, or --paste.")
    return f"http://{_HERE}:{port}{came[0]}"


def _hidden(words: str) -> str:
    """Ask for a secret, which is not shown; from a pipe, take its next line."""
    if sys.stdin.isatty():
        return str(click.prompt(words, hide_input=True, err=True, default="")).strip()
    return sys.stdin.readline().strip()


def _line(words: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(words, err=True)).strip()
    return sys.stdin.readline().strip()
