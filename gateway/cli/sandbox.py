"""`gateway sandbox`: the sandbox platforms alone, over HTTP."""

import sys
from argparse import Namespace

from gateway.cli.listening import listen, port_of
from gateway.cli.serving import Serving, sandbox_config, serve_until_signal
from gateway.logs import configure_logging
from gateway.sandbox.accounts import DEFAULT_ACCOUNTS
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.event_message import EVENT_AES_KEY, EVENT_TOKEN
from gateway.settings import LogSettings


def run(arguments: Namespace) -> None:
    """Play the platforms until a signal ends it.

    Raises:
        ConfigurationError: where the port is busy.
    """
    configure_logging(LogSettings(level="warning"))
    with listen(arguments.host, arguments.port, "--port") as listener:
        address = f"http://{arguments.host}:{port_of(listener)}"
        sandbox = create_sandbox(state_file=arguments.state, events_to=arguments.events_to)
        serving = Serving("sandbox", sandbox_config(sandbox), listener)
        serve_until_signal([serving], lambda: _greet(address, arguments.events_to))


def _greet(address: str, events_to: str | None) -> None:
    lines = [f"The sandbox platforms listen on {address}; Ctrl-C ends them.", "Accounts:"]
    lines += (
        f"  {account.platform:13} {account.app_id:33} {account.secret}"
        for account in DEFAULT_ACCOUNTS
    )
    if events_to is not None:
        lines.append(f"Paid orders are pushed to {events_to}, for a shop with")
        lines.append(f"  event_token {EVENT_TOKEN}, event_aes_key {EVENT_AES_KEY}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
