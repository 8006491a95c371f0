"""`gateway sandbox`: the sandbox platforms alone, over HTTP."""

import sys
from typing import Any

import uvicorn

from gateway.cli.lazy_command import Arguments
from gateway.cli.listening import listen, port_of
from gateway.cli.serving import Serving, serve_until_signal, uvicorn_config
from gateway.logs import configure_logging
from gateway.registry import sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.part import Parts, accounts_of
from gateway.sandbox.server import SandboxProtocol
from gateway.sandbox.server_state import Setting
from gateway.settings import LogSettings


def run(arguments: Arguments) -> None:
    """Play the platforms until a signal ends it.

    Raises:
        ConfigurationError: the port is busy.
    """
    configure_logging(LogSettings(level="warning"))
    parts, events_to = sandbox_parts(), arguments.events_to
    with listen(arguments.host, arguments.port, "--port") as listener:
        address = f"http://{arguments.host}:{port_of(listener)}"
        setting = Setting(events_to={part.name: events_to for part in parts} if events_to else {})
        sandbox = create_sandbox(parts, setting, state_file=arguments.state)
        serving = Serving("sandbox", sandbox_config(sandbox), listener)
        serve_until_signal([serving], lambda: _greet(parts, address, events_to))


def sandbox_config(app: Any) -> uvicorn.Config:
    """How uvicorn serves the sandbox: on asyncio's own loop, where its faults reach the socket."""
    return uvicorn_config(app, loop="asyncio", http=SandboxProtocol)


def _greet(parts: Parts, address: str, events_to: str | None) -> None:
    lines = [f"The sandbox platforms listen on {address}; Ctrl-C ends them.", "Accounts:"]
    lines += (
        f"  {account.platform:13} {account.app_id:33} {account.secret}"
        for account in accounts_of(parts)
    )
    for part in parts if events_to is not None else ():
        if part.event_settings:
            settings = ", ".join(f"{name} {value}" for name, value in part.event_settings.items())
            lines.append(f"Paid orders are pushed to {events_to}, for a {part.name} shop with")
            lines.append(f"  {settings}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
