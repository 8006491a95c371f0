"""`gateway run`: the sandbox and the gateway on it, in one process."""

import asyncio
import os
import secrets
import shutil
import socket
import sys
import threading
import time
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from gateway.app import create_app
from gateway.auth.key_manager import KeyManager
from gateway.cli.lazy_command import Arguments
from gateway.cli.listening import listen, port_of
from gateway.cli.sandbox import sandbox_config
from gateway.cli.serving import Serving, serve_until_signal, server_config
from gateway.demo.configuration import demo_configuration, demo_shops
from gateway.demo.folder import DemoFolder, write_private
from gateway.demo.seed import demo_key, fill_ledger, sandbox_state
from gateway.errors import ConfigurationError
from gateway.logs import configure_logging
from gateway.registry import PLATFORMS, sandbox_parts
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.server_state import Setting
from gateway.settings import Settings

#: Environment variables that are set if there is a display; macOS always has one.
_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


def open_browser(address: str) -> None:
    """Open the address in a browser if there is a terminal and a display; failures are ignored."""
    if not sys.stdout.isatty() or not _has_screen():
        return
    # A browser that starts slowly must delay neither the servers nor the end of the process.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _has_screen() -> bool:
    return sys.platform == "darwin" or any(name in os.environ for name in _SCREENS)


#: The sandbox listens on loopback only, wherever the gateway listens.
_LOOPBACK: Final = "127.0.0.1"
#: How many ports above the gateway's are tried for the sandbox.
_TRIES: Final = 20
#: Seconds between two orders that are paid in the demo.
_ORDERS_EVERY: Final = 20.0


def run(arguments: Arguments) -> None:
    """Serve the demo until a signal ends it.

    Raises:
        ConfigurationError: a port is busy, or another demo uses the same state.
    """
    folder = DemoFolder()
    with (
        folder.held(),
        # Bound before the state is changed: a busy port leaves everything as it was.
        listen(arguments.host, arguments.port, "--port") as listener,
        _platforms_listener(arguments.sandbox_port, port_of(listener)) as platforms,
    ):
        if arguments.reset:
            folder.reset()
        settings = _settings(folder, arguments.host, port_of(listener), port_of(platforms))
        configure_logging(settings.log, settings.secret_values())
        _serve(settings, folder, (platforms, listener), browser=not arguments.no_browser)


def _serve(
    settings: Settings,
    folder: DemoFolder,
    listeners: tuple[socket.socket, socket.socket],
    *,
    browser: bool,
) -> None:
    platforms, listener = listeners
    parts = sandbox_parts()
    state = sandbox_state(folder, parts, time.time)
    asyncio.run(fill_ledger(settings, state))
    book = KeyManager(settings.auth.keys_file, lambda: datetime.now(UTC), secrets.token_bytes)
    key = demo_key(folder, book)
    if settings.server.on_loopback:
        settings = settings.with_graphiql_key(key)
    events_to = {
        shop.platform: f"{_reached(settings)}{shop.events_path}"
        for shop in demo_shops()
        if shop.events_path is not None
    }
    setting = Setting(events_to=events_to, demo_orders_every=_ORDERS_EVERY)
    sandbox = create_sandbox(parts, setting, state=state, state_file=folder.sandbox)
    servings = [
        Serving("sandbox", sandbox_config(sandbox), platforms),
        Serving("gateway", server_config(create_app(settings), settings), listener),
    ]
    serve_until_signal(servings, lambda: _greet(settings, key, port_of(platforms), browser=browser))


def _reached(settings: Settings) -> str:
    """The gateway's address as the sandbox reaches it, whatever its public address is."""
    host = settings.server.host
    named = _LOOPBACK if host == "0.0.0.0" else host  # noqa: S104 - not bound to, but recognised
    return f"http://{f'[{named}]' if ':' in named else named}:{settings.server.port}"


def _platforms_listener(port: int | None, gateway_port: int) -> socket.socket:
    option = "--sandbox-port"
    if port is not None:
        return listen(_LOOPBACK, port, option)
    for candidate in range(gateway_port + 1, gateway_port + _TRIES):
        try:
            return listen(_LOOPBACK, candidate, option)
        except (ConfigurationError, OverflowError):
            continue
    return listen(_LOOPBACK, 0, option)


def _settings(folder: DemoFolder, host: str, port: int, sandbox_port: int) -> Settings:
    text = demo_configuration(
        folder,
        folder.encryption_key_text(secrets.token_bytes),
        host=host,
        port=port,
        sandbox=f"http://{_LOOPBACK}:{sandbox_port}",
    )
    write_private(folder.configuration, text)
    return Settings.load(PLATFORMS, folder.configuration, os.environ)


def command_name() -> str:
    """The command as it is typed here: `make run` installs it where no shell looks for it."""
    called = Path(sys.argv[0])
    found = shutil.which("gateway") is not None or not called.is_file()
    return "gateway" if found else os.path.relpath(called)


def _greet(settings: Settings, key: SecretStr, sandbox_port: int, *, browser: bool) -> None:
    graphiql = f"{settings.server.public_url}/graphql"
    held = "GraphiQL holds it already" if settings.server.graphiql_key else "for its headers"
    sys.stdout.write(
        f"{len(settings.shops)} shops on sandbox platforms: "
        f"{', '.join(f'{shop.key} ({shop.name})' for shop in settings.shops)}\n\n"
        f"  GraphiQL  {graphiql}\n"
        f"  API key   {key.get_secret_value()}  ({held})\n"
        f"  Sandbox   http://{_LOOPBACK}:{sandbox_port}\n\n"
        f"Other commands: {command_name()} --help\n"
        "State is kept in .gateway/; --reset starts again. Ctrl-C ends both.\n"
    )
    sys.stdout.flush()
    if browser:
        open_browser(graphiql)
