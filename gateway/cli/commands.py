"""The commands and their arguments, as `--help` shows them."""

import re
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from gateway.china_days import CHINA

_HIGHEST_PORT: Final = 65535


@dataclass(frozen=True)
class CliCommand:
    """One command; `function` is `module:name` below gateway.cli and takes the parsed arguments."""

    name: str
    function: str
    summary: str
    description: str
    declare: Callable[[ArgumentParser], None]


def arguments_parser() -> ArgumentParser:
    """The parser of the command line; it ends the process with status 2 on wrong use."""
    parser = ArgumentParser(
        prog="gateway",
        description="One GraphQL schema over the WeChat Store, the Mini Program's shopping list "
        "and Baidu's order centre.",
        epilog="Exit status: 0 done, 1 refused or failed, 2 wrong use.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.declare(_added(commands, command))
    return parser


def _added(commands: Any, command: CliCommand) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(
        command.name,
        help=command.summary,
        description=command.description,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        raise ArgumentTypeError(f"expected a port from 0 to {_HIGHEST_PORT}, not {text!r}")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"expected a number of processes from 1 up, not {text!r}")
    return int(text)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _config(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("gateway.toml"),
        metavar="FILE",
        help="the configuration (default: gateway.toml)",
    )


def _run(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="the gateway's port (default: %(default)s)"
    )
    parser.add_argument(
        "--sandbox-port",
        type=_port,
        help="the sandbox platforms' port (default: the next free one above --port)",
    )
    parser.add_argument(
        "--reset", action="store_true", help="forget the state in .gateway/ and start again"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def _serve(parser: ArgumentParser) -> None:
    _config(parser)
    parser.add_argument("--host", help="address to listen on, instead of server.host")
    parser.add_argument("--port", type=_port, help="port to listen on, instead of server.port")
    parser.add_argument(
        "--workers", type=_workers, help="number of processes, instead of server.workers"
    )


def _sandbox(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=8001, help="port (default: %(default)s)")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keep the state in this file between runs"
    )
    parser.add_argument(
        "--events-to",
        metavar="URL",
        help="push paid orders there, as in http://127.0.0.1:8000/webhooks/wechat/flagship",
    )


def _nothing(_parser: ArgumentParser) -> None:
    pass


def _keys(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a key, and show it once", allow_abbrev=False)
    add.add_argument("name", metavar="NAME", help="what the key is for: letters, digits, . - _")
    add.add_argument(
        "--scopes", type=_names, required=True, metavar="a,b", help="what it may do, see below"
    )
    add.add_argument(
        "--shops", type=_names, required=True, metavar="x,y", help="keys of shops, or * for all"
    )
    add.add_argument(
        "--from",
        dest="networks",
        type=_networks,
        default=frozenset(),
        metavar="CIDR,...",
        help="networks of the clients that may use it, such as 10.0.0.0/8 (default: all)",
    )
    add.add_argument(
        "--refund-limit",
        type=_refund_limit,
        default={},
        metavar="YUAN/call,YUAN/day",
        help="most that a call and a day's calls may refund, such as 200/call,5000/day",
    )
    listing = actions.add_parser("list", help="show the keys there are", allow_abbrev=False)
    rotate = actions.add_parser(
        "rotate", help="make a key in place of another, which works on for a while"
    )
    rotate.add_argument(
        "--overlap",
        type=_duration,
        default=timedelta(days=1),
        metavar="DURATION",
        help="how long the old key works on, as for --expires (default: 24h)",
    )
    for action in (add, rotate):
        action.add_argument(
            "--expires",
            type=_duration,
            metavar="DURATION",
            help="when it ends, such as 90d, 12h, 30m (default: "
            + ("never)" if action is add else "as long as the old one was to last)"),
        )
    scopes = actions.add_parser("scopes", help="change what a key may do", allow_abbrev=False)
    revoke = actions.add_parser("revoke", help="make a key useless for good", allow_abbrev=False)
    for action in (rotate, scopes, revoke):
        action.add_argument("name", metavar="NAME")
    scopes.add_argument("scopes", type=_names, metavar="a,b", help="in place of those it has")
    for action in (add, listing, rotate, scopes, revoke):
        _config(action)
    for action in (add, scopes):
        action.epilog = _SCOPES
        action.formatter_class = RawDescriptionHelpFormatter


_DURATION: Final = re.compile(r"([0-9]{1,5})([dhm])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}
_LONGEST: Final = timedelta(days=3650)


def _duration(text: str) -> timedelta:
    parts = _DURATION.fullmatch(text)
    found = None if parts is None else timedelta(**{_UNITS[parts[2]]: int(parts[1])})
    if found is None or found > _LONGEST:
        raise ArgumentTypeError(f"expected 90d, 12h or 30m, of at most ten years, not {text!r}")
    return found


def _networks(text: str) -> frozenset[str]:
    try:
        return frozenset(str(ip_network(name)) for name in _names(text))
    except ValueError:
        raise ArgumentTypeError(
            f"expected addresses or networks such as 10.0.0.0/8, not {text!r}"
        ) from None


_CEILING: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?/(call|day)")


def _refund_limit(text: str) -> dict[str, int]:
    """The fields of a RefundLimit, whose module is too heavy for `--help`."""
    found: dict[str, int] = {}
    for name in _names(text) or [""]:
        parts = _CEILING.fullmatch(name)
        if parts is None or f"per_{parts[3]}" in found:
            raise ArgumentTypeError(f"expected yuan as in 200/call,5000.50/day, not {text!r}")
        found[f"per_{parts[3]}"] = 100 * int(parts[1]) + int((parts[2] or "").ljust(2, "0"))
    return found


def _pushes(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show pushes, newest first", allow_abbrev=False)
    listing.add_argument(
        "--states",
        type=_states,
        metavar="a,b",
        help=f"only in these states: {', '.join(_PUSH_STATES)}",
    )
    listing.add_argument("--shops", type=_names, metavar="x,y", help="only of these shops")
    listing.add_argument(
        "--most", type=_count, default=50, metavar="N", help="how many (default: %(default)s)"
    )
    retry = actions.add_parser("retry", help="send a push again", allow_abbrev=False)
    giving_up = actions.add_parser("discard", help="give a push up", allow_abbrev=False)
    for action in (retry, giving_up):
        action.add_argument("id", metavar="ID", help="as list shows it, or an id of the API")
    for action in (listing, retry, giving_up):
        _config(action)


def _events(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show events, latest first", allow_abbrev=False)
    listing.add_argument("--shops", type=_names, metavar="x,y", help="only of these shops")
    listing.add_argument(
        "--most", type=_count, default=50, metavar="N", help="how many (default: %(default)s)"
    )
    listing.add_argument("--json", action="store_true", help="as JSON, for programs")
    again = actions.add_parser("replay", help="process an event again", allow_abbrev=False)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", metavar="ID", help="as list shows it")
    which.add_argument("--all", action="store_true", help="all of them, the oldest first")
    for action in (listing, again):
        _config(action)


def _store(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _config(
        actions.add_parser(
            "rekey",
            help="encrypt everything with store.encryption_key, while gateways run",
            allow_abbrev=False,
        )
    )


def _record(parser: ArgumentParser) -> None:
    parser.add_argument("shop", metavar="SHOP", help="the shop's key")
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="a new folder, for the files",
    )
    _config(parser)


def _of_buyer(parser: ArgumentParser) -> None:
    parser.add_argument("shop", metavar="SHOP", help="the shop's key")
    parser.add_argument(
        "buyer_id",
        metavar="OPEN_ID",
        help="the buyer's open id in its app; on Baidu also the swan id",
    )


def _erase(parser: ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    buyer = kinds.add_parser("buyer", help="all of one buyer of a shop", allow_abbrev=False)
    _of_buyer(buyer)
    older = kinds.add_parser("older", help="all that is older than so many days")
    older.add_argument("days", type=_count, metavar="DAYS")
    for kind in (buyer, older):
        _config(kind)


def _import(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="JSON lines, or CSV of shipments")
    parser.add_argument("--shop", required=True, metavar="KEY", help="the shop of all lines")
    parser.add_argument(
        "--kind",
        choices=("orders", "shipments"),
        default="orders",
        help="what the lines are (default: %(default)s)",
    )
    parser.add_argument(
        "--refused", type=Path, metavar="FILE", help="writes the refused lines with their reasons"
    )
    parser.add_argument("--json", action="store_true", help="progress and result as JSON")
    _config(parser)


def _export(parser: ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    buyer = kinds.add_parser("buyer", help="all of one buyer of a shop", allow_abbrev=False)
    _of_buyer(buyer)
    _new_file(buyer, "a new file, for JSON lines")
    _config(buyer)
    for what in ("orders", "after-sales", "changes", "products"):
        objects = kinds.add_parser(what, help=_EXPORTED[what], allow_abbrev=False)
        _new_file(objects, "a new file, for JSON lines; - for standard output")
        objects.add_argument(
            "--selection",
            metavar="'{ … }'",
            help="the fields, as a query selects them (default: all that the ledger has)",
        )
        objects.add_argument(
            "--shops", "--shop", type=_names, metavar="x,y", help="only of these shops"
        )
        objects.add_argument(
            "--statuses", type=_upper_names, metavar="a,b", help="only in these statuses"
        )
        if what != "products":
            objects.add_argument(
                "--from", dest="begin", type=_moment, metavar="TIME", help=_MOMENT_HELP
            )
            objects.add_argument(
                "--to", dest="end", type=_moment, metavar="TIME", help="created before this time"
            )
        objects.add_argument("--json", action="store_true", help="progress and result as JSON")
        _config(objects)


_EXPORTED: Final = {
    "orders": "the orders of shops that keep their copies in the ledger",
    "after-sales": "the after-sales of these shops",
    "changes": "the changes of orders of all shops, as long as they are kept",
    "products": "the products of shops that keep their copies in the ledger",
}
_MOMENT_HELP: Final = (
    "created at or after this time, such as 2026-11-30 (midnight in China) or 2026-11-30T08:00Z"
)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if (
        found is not None
        and found.tzinfo is None
        and re.fullmatch(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text)
    ):
        found = found.replace(tzinfo=CHINA)
    if found is None or found.tzinfo is None:
        raise ArgumentTypeError(
            f"expected a date, or a time with its offset as in 2026-11-30T08:00+08:00, not {text!r}"
        )
    return found


def _upper_names(text: str) -> list[str]:
    return [name.upper().replace("-", "_") for name in _names(text)]


def _new_file(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help=what)


_PUSH_STATES: Final = (
    "PENDING",
    "DELIVERED",
    "SUPERSEDED",
    "REJECTED",
    "OUTCOME_UNKNOWN",
    "DEAD",
    "DISCARDED",
)


def _states(text: str) -> list[str]:
    states = [name.upper() for name in _names(text)]
    if unknown := [name for name in states if name not in _PUSH_STATES]:
        raise ArgumentTypeError(f"expected {', '.join(_PUSH_STATES)}, not {', '.join(unknown)}")
    return states


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"expected a whole number from 1 up, not {text!r}")
    return int(text)


_SCOPES: Final = """\
scopes:
  catalog:read   catalog:write   products, categories, groups, shelves, delivery templates
  orders:read    orders:write    orders, after-sales, wanted items
                 refunds:write   agreeing to after-sales: what pays money out
  pii:read                       buyer, shipping address, invoice, open ids, notes; filters by them
  pii:reveal                     asking a platform for the whole of a masked address
  raw:read                       documents as the platform gave them
  ops:read       ops:write       health in detail, pushes and their retry, metrics
  audit:read                     the audit log
"""

COMMANDS: Final = (
    CliCommand(
        "run",
        "run:run",
        "the sandbox and the gateway together: a demo in one command",
        "Starts the sandbox platforms and the gateway on them, and prints the address of\n"
        "GraphiQL with an API key. Its state (database, keys, encryption key, the sandbox's\n"
        "state) lies in .gateway/ in the current directory. Ctrl-C ends it.",
        _run,
    ),
    CliCommand(
        "serve",
        "serve:run",
        "the gateway alone, in production",
        "Serves the gateway that the configuration describes. The store must be of this\n"
        "version: SQLite is brought to it by itself, after a copy; for PostgreSQL run\n"
        "`gateway migrate` first.",
        _serve,
    ),
    CliCommand(
        "sandbox",
        "sandbox:run",
        "the sandbox platforms alone, over HTTP",
        "Plays the platforms over HTTP: stateful, with their refusals, and with faults\n"
        "on request. Point the base_url of shops at it.",
        _sandbox,
    ),
    CliCommand(
        "migrate",
        "store:run_migrate",
        "brings the store to this version",
        "Brings the tables of the configured store to this version of the gateway. SQLite is\n"
        "copied first. Running it again changes nothing.",
        _config,
    ),
    CliCommand(
        "doctor",
        "doctor:run",
        "checks configuration, store, cache, keys and each shop's credentials",
        "Prints one line for each check, with what to do where it fails. Exit status 1 where\n"
        "anything failed.",
        _config,
    ),
    CliCommand(
        "record",
        "record:run",
        "records one masked answer of each read call of a shop",
        "Reads a shop as the API does, and writes one answer of each call of its platform into a\n"
        "new folder, masked: names, texts and ids become others of the same form. Prints for\n"
        "each call whether the answer fits what the gateway expects, and what it has besides.\n"
        "Nothing is changed on the platform.",
        _record,
    ),
    CliCommand(
        "schema",
        "schema:run",
        "prints the public schema as SDL",
        "Prints the public schema in GraphQL's schema definition language.",
        _nothing,
    ),
    CliCommand(
        "keys",
        "keys:run",
        "adds, lists, changes, rotates and revokes API keys",
        "API keys: the key itself is shown once, its hash is kept in auth.keys_file. A running\n"
        "gateway reads the file again within five seconds.",
        _keys,
    ),
    CliCommand(
        "pushes",
        "pushes:run",
        "lists what was sent or waits to be, sends it again, gives it up",
        "What was accepted for platforms that keep their own copy. A push that is sent again\n"
        "carries the order as it is now.",
        _pushes,
    ),
    CliCommand(
        "events",
        "events:run",
        "lists platforms' events that could not be processed, and replays them",
        "Events of platforms that were given up, and genuine messages that could not be read:\n"
        "kept encrypted, and for thirty days. An event that is replayed has all its attempts\n"
        "again; a message is read again, which a newer version may be able to.",
        _events,
    ),
    CliCommand(
        "store",
        "rekey:run",
        "encrypts the store with its present key",
        "`rekey` encrypts all personal data with store.encryption_key, and indexes it with that\n"
        "key, while gateways run. They and it need the keys before in\n"
        "store.former_encryption_keys. It can be interrupted and run again; exit status 1 where\n"
        "anything is left under a former key.",
        _store,
    ),
    CliCommand(
        "import",
        "bulk_import:run",
        "imports a file of orders or shipments",
        "Imports JSON lines, or CSV for shipments, into the ledger, as `bulkImport` does; running\n"
        "gateways deliver what was accepted. Interrupted, it continues when it is run again with\n"
        "the same file. Exit status 1 where lines were refused.",
        _import,
    ),
    CliCommand(
        "export",
        "export:run",
        "writes orders, after-sales, changes or products, or all of a buyer, as JSON lines",
        "Writes JSON lines, decrypted, into a new file that only its owner can read: objects of\n"
        "the ledger with the fields of --selection, as `bulkExport` does, without asking a\n"
        "platform; or all that the store holds of a buyer, found as `gateway erase buyer` finds\n"
        "it.",
        _export,
    ),
    CliCommand(
        "erase",
        "store:run_erase",
        "erases personal data, of one buyer or by age",
        "Erases who bought, where parcels go and invoices; what an order was worth and was made\n"
        "of stays. The server does the same by age, by store.retention_days.",
        _erase,
    ),
)
