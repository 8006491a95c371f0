"""The commands and their arguments, as `--help` shows them."""

from typing import Final

import click

from gateway.cli import option_types
from gateway.cli.lazy_command import (
    FILE,
    CliCommand,
    CommandGroup,
    argument,
    config_option,
    host_option,
    json_option,
    most_option,
    option,
    out_option,
    shops_option,
)


def command_line() -> CommandGroup:
    """The commands; parsing raises click.UsageError on wrong use."""
    group = CommandGroup(
        "gateway",
        "",
        "One GraphQL schema over the WeChat Store, the Mini Program's shopping list "
        "and Baidu's order centre.",
        [
            _run(),
            _init(),
            _serve(),
            _sandbox(),
            _migrate(),
            _doctor(),
            _status(),
            _record(),
            _schema(),
            _keys(),
            _pushes(),
            _events(),
            _store(),
            _import(),
            _export(),
            _erase(),
            _completion(),
        ],
        epilog="Exit status: 0 done, 1 refused or failed, 2 wrong use.",
    )
    # Reads the package's metadata only when it is asked for.
    return click.version_option(
        package_name="commerce-gateway", prog_name="gateway", message="%(prog)s %(version)s"
    )(group)


def _run() -> CliCommand:
    return CliCommand(
        "run",
        "run:run",
        "the sandbox and the gateway together: a demo in one command",
        [
            host_option(),
            option("--port", type=option_types.port, default="8000", help="port (default: 8000)"),
            option(
                "--sandbox-port",
                type=option_types.port,
                help="the sandbox platforms' port (default: the next free one above --port)",
            ),
            option("--reset", is_flag=True, help="forget the state in .gateway/ and start again"),
            option("--no-browser", is_flag=True, help="do not open a browser"),
        ],
        description="Starts the sandbox platforms and the gateway on them, and prints the address "
        "of GraphiQL with an API key. Its state (database, keys, encryption key, the sandbox's "
        "state) lies in .gateway/ in the current directory. Ctrl-C ends it.",
    )


def _init() -> CliCommand:
    return CliCommand(
        "init",
        "init:run",
        "writes a commented configuration",
        [
            option(
                "--config",
                type=FILE,
                default="gateway.toml",
                metavar="FILE",
                help="a new file (default: gateway.toml)",
            )
        ],
        description="Writes a configuration with every key, its default and its meaning, and a new "
        "encryption key into a file beside it, which only its owner can read. Prints what is to be "
        "filled in. Nothing that is there is overwritten.",
    )


def _serve() -> CliCommand:
    return CliCommand(
        "serve",
        "serve:run",
        "the gateway alone, in production",
        [
            config_option(),
            option("--host", help="address to listen on, instead of server.host"),
            option(
                "--port", type=option_types.port, help="port to listen on, instead of server.port"
            ),
            option(
                "--workers",
                type=option_types.workers,
                help="number of processes, instead of server.workers",
            ),
        ],
        description="Serves the gateway that the configuration describes. The store must be of "
        "this version: SQLite is brought to it by itself, after a copy; for PostgreSQL run "
        "`gateway migrate` first.",
    )


def _sandbox() -> CliCommand:
    return CliCommand(
        "sandbox",
        "sandbox:run",
        "the sandbox platforms alone, over HTTP",
        [
            host_option(),
            option("--port", type=option_types.port, default="8001", help="port (default: 8001)"),
            option(
                "--state",
                type=FILE,
                metavar="FILE",
                help="keep the state in this file between runs",
            ),
            option(
                "--events-to",
                metavar="URL",
                help="push paid orders there, as in http://127.0.0.1:8000/webhooks/wechat/flagship",
            ),
        ],
        description="Plays the platforms over HTTP: stateful, with their refusals, and with faults "
        "on request. Point the base_url of shops at it.",
    )


def _migrate() -> CliCommand:
    return CliCommand(
        "migrate",
        "store:run_migrate",
        "brings the store to this version",
        [config_option()],
        description="Brings the tables of the configured store to this version of the gateway. "
        "SQLite is copied first. Running it again changes nothing.",
    )


def _doctor() -> CliCommand:
    return CliCommand(
        "doctor",
        "doctor:run",
        "checks configuration, store, cache, keys and each shop's credentials",
        [json_option(), config_option()],
        description="Prints one line for each check, with what to do where it fails. Exit status 1 "
        "where anything failed.",
    )


def _status() -> CliCommand:
    return CliCommand(
        "status",
        "status:run",
        "shows shops, index, backlog and last errors",
        [json_option(), config_option()],
        description="Shows what the store holds and what the running gateway of this machine says: "
        "the health and token of each shop, how far its index reaches, what waits or failed, the "
        "webhooks, and the last errors. Nothing is changed, and no platform is asked.",
    )


def _record() -> CliCommand:
    return CliCommand(
        "record",
        "record:run",
        "records one masked answer of each read call of a shop",
        [
            argument("shop", metavar="SHOP", help="the shop's key"),
            out_option("a new folder, for the files", "FOLDER"),
            config_option(),
        ],
        description="Reads a shop as the API does, and writes one answer of each call of its "
        "platform into a new folder, masked: names, texts and ids become others of the same form. "
        "Prints for each call whether the answer fits what the gateway expects, and what it has "
        "besides. Nothing is changed on the platform.",
    )


def _schema() -> CliCommand:
    return CliCommand(
        "schema",
        "schema:run",
        "prints the public schema as SDL",
        [],
        description="Prints the public schema in GraphQL's schema definition language.",
    )


def _keys() -> CommandGroup:
    return CommandGroup(
        "keys",
        "adds, lists, changes, rotates and revokes API keys",
        "API keys: the key itself is shown once, its hash is kept in auth.keys_file. A running "
        "gateway reads the file again within five seconds.",
        [
            _keys_add(),
            CliCommand(
                "list", "keys:run", "show the keys there are", [json_option(), config_option()]
            ),
            _keys_rotate(),
            CliCommand(
                "scopes",
                "keys:run",
                "change what a key may do",
                [
                    argument("name", metavar="NAME"),
                    argument(
                        "scopes",
                        type=option_types.names,
                        metavar="a,b",
                        help="in place of those it has",
                        shell_complete=option_types.completed_from(_SCOPES),
                    ),
                    config_option(),
                ],
                epilog=_SCOPE_TABLE,
            ),
            CliCommand(
                "revoke",
                "keys:run",
                "make a key useless for good",
                [argument("name", metavar="NAME"), config_option()],
            ),
        ],
    )


def _keys_add() -> CliCommand:
    return CliCommand(
        "add",
        "keys:run",
        "make a key, and show it once",
        [
            argument("name", metavar="NAME", help="what the key is for: letters, digits, . - _"),
            option(
                "--scopes",
                type=option_types.names,
                required=True,
                metavar="a,b",
                help="what it may do, see below",
                shell_complete=option_types.completed_from(_SCOPES),
            ),
            option(
                "--shops",
                type=option_types.names,
                required=True,
                metavar="x,y",
                help="keys of shops, or * for all",
            ),
            option(
                "--from",
                "networks",
                type=option_types.networks,
                default="",
                metavar="CIDR,...",
                help="networks of the clients that may use it, such as 10.0.0.0/8 (default: all)",
            ),
            option(
                "--refund-limit",
                type=option_types.refund_limit,
                metavar="YUAN/call,YUAN/day",
                help="most that a call and a day's calls may refund, such as 200/call,5000/day",
            ),
            _expires("never"),
            config_option(),
        ],
        epilog=_SCOPE_TABLE,
    )


def _keys_rotate() -> CliCommand:
    return CliCommand(
        "rotate",
        "keys:run",
        "make a key in place of another, which works on for a while",
        [
            argument("name", metavar="NAME"),
            option(
                "--overlap",
                type=option_types.duration,
                default="24h",
                metavar="DURATION",
                help="how long the old key works on, as for --expires (default: 24h)",
            ),
            _expires("as long as the old one was to last"),
            config_option(),
        ],
    )


def _expires(default: str) -> click.Option:
    return option(
        "--expires",
        type=option_types.duration,
        metavar="DURATION",
        help=f"when it ends, such as 90d, 12h, 30m (default: {default})",
    )


def _pushes() -> CommandGroup:
    which = argument("id", metavar="ID", help="as list shows it, or an id of the API")
    return CommandGroup(
        "pushes",
        "lists what was sent or waits to be, sends it again, gives it up",
        "What was accepted for platforms that keep their own copy. A push that is sent again "
        "carries the order as it is now.",
        [
            CliCommand(
                "list",
                "pushes:run",
                "show pushes, newest first",
                [
                    option(
                        "--states",
                        type=option_types.push_states,
                        metavar="a,b",
                        help=f"only in these states: {', '.join(option_types.PUSH_STATES)}",
                        shell_complete=option_types.completed_from(option_types.PUSH_STATES),
                    ),
                    shops_option(),
                    most_option(),
                    json_option(),
                    config_option(),
                ],
            ),
            CliCommand("retry", "pushes:run", "send a push again", [which, config_option()]),
            CliCommand("discard", "pushes:run", "give a push up", [which, config_option()]),
        ],
    )


def _events() -> CommandGroup:
    return CommandGroup(
        "events",
        "lists platforms' events that could not be processed, and replays them",
        "Events of platforms that were given up, and genuine messages that could not be read: kept "
        "encrypted, and for thirty days. An event that is replayed has all its attempts again; a "
        "message is read again, which a newer version may be able to.",
        [
            CliCommand(
                "list",
                "events:run",
                "show events, latest first",
                [shops_option(), most_option(), json_option(), config_option()],
            ),
            _ReplayCommand(
                "replay",
                "events:run",
                "process an event again",
                [
                    argument("id", required=False, metavar="[ID]", help="as list shows it"),
                    option("--all", is_flag=True, help="all of them, the oldest first"),
                    config_option(),
                ],
            ),
        ],
    )


class _ReplayCommand(CliCommand):
    """`events replay`: of one event, or of all."""

    def invoke(self, ctx: click.Context) -> None:
        """Refuse an ID beside --all, and neither of the two."""
        if ctx.params["all"] == (ctx.params["id"] is not None):
            raise click.UsageError("expected either an ID or --all", ctx)
        super().invoke(ctx)


def _store() -> CommandGroup:
    return CommandGroup(
        "store",
        "encrypts the store with its present key",
        "`rekey` encrypts all personal data with store.encryption_key, and indexes it with that "
        "key, while gateways run. They and it need the keys before in "
        "store.former_encryption_keys. It can be interrupted and run again; exit status 1 where "
        "anything is left under a former key.",
        [
            CliCommand(
                "rekey",
                "rekey:run",
                "encrypt everything with store.encryption_key, while gateways run",
                [config_option()],
            )
        ],
    )


def _import() -> CliCommand:
    return CliCommand(
        "import",
        "bulk_import:run",
        "imports a file of orders or shipments",
        [
            argument("file", type=FILE, metavar="FILE", help="JSON lines, or CSV of shipments"),
            option("--shop", required=True, metavar="KEY", help="the shop of all lines"),
            option(
                "--kind",
                type=click.Choice(["orders", "shipments"]),
                default="orders",
                help="what the lines are (default: orders)",
            ),
            option(
                "--refused",
                type=FILE,
                metavar="FILE",
                help="writes the refused lines with their reasons",
            ),
            json_option("progress and result as JSON"),
            config_option(),
        ],
        description="Imports JSON lines, or CSV for shipments, into the ledger, as `bulkImport` "
        "does; running gateways deliver what was accepted. Interrupted, it continues when it is "
        "run again with the same file. Exit status 1 where lines were refused.",
    )


def _of_buyer() -> list[click.Parameter]:
    return [
        argument("shop", metavar="SHOP", help="the shop's key"),
        argument(
            "buyer_id",
            metavar="OPEN_ID",
            help="the buyer's open id in its app; on Baidu also the swan id",
        ),
    ]


_EXPORTED: Final = {
    "orders": "the orders of shops that keep their copies in the ledger",
    "after-sales": "the after-sales of these shops",
    "changes": "the changes of orders of all shops, as long as they are kept",
    "products": "the products of shops that keep their copies in the ledger",
}


def _export() -> CommandGroup:
    buyer = CliCommand(
        "buyer",
        "export:run",
        "all of one buyer of a shop",
        [*_of_buyer(), out_option("a new file, for JSON lines"), config_option()],
    )
    return CommandGroup(
        "export",
        "writes orders, after-sales, changes or products, or all of a buyer, as JSON lines",
        "Writes JSON lines, decrypted, into a new file that only its owner can read: objects of "
        "the ledger with the fields of --selection, as `bulkExport` does, without asking a "
        "platform; or all that the store holds of a buyer, found as `gateway erase buyer` finds "
        "it.",
        [buyer, *(_export_of(what, summary) for what, summary in _EXPORTED.items())],
    )


def _export_of(what: str, summary: str) -> CliCommand:
    times = [
        option(
            "--from",
            "begin",
            type=option_types.moment,
            metavar="TIME",
            help="created at or after this time, such as 2026-11-30 (midnight in China) or "
            "2026-11-30T08:00Z",
        ),
        option(
            "--to", "end", type=option_types.moment, metavar="TIME", help="created before this time"
        ),
    ]
    return CliCommand(
        what,
        "export:run",
        summary,
        [
            out_option("a new file, for JSON lines; - for standard output"),
            option(
                "--selection",
                metavar="'{ … }'",
                help="the fields, as a query selects them (default: all that the ledger has)",
            ),
            shops_option("--shop"),
            option(
                "--statuses",
                type=option_types.upper_names,
                metavar="a,b",
                help="only in these statuses",
            ),
            *(times if what != "products" else ()),
            json_option("progress and result as JSON"),
            config_option(),
        ],
    )


def _erase() -> CommandGroup:
    return CommandGroup(
        "erase",
        "erases personal data, of one buyer or by age",
        "Erases who bought, where parcels go and invoices; what an order was worth and was made of "
        "stays. The server does the same by age, by store.retention_days.",
        [
            CliCommand(
                "buyer",
                "store:run_erase",
                "all of one buyer of a shop",
                [*_of_buyer(), config_option()],
            ),
            CliCommand(
                "older",
                "store:run_erase",
                "all that is older than so many days",
                [argument("days", type=option_types.count, metavar="DAYS"), config_option()],
            ),
        ],
    )


def _completion() -> CliCommand:
    return CliCommand(
        "completion",
        "completion:run",
        "prints the script that completes commands in a shell",
        [
            argument(
                "shell",
                type=click.Choice(["bash", "zsh", "fish"]),
                metavar="SHELL",
                help="bash, zsh or fish",
            )
        ],
        description="Prints a script for the shell; load it in the shell's start-up file: "
        '`eval "$(gateway completion bash)"` in ~/.bashrc, the same with zsh in ~/.zshrc, '
        "`gateway completion fish | source` in ~/.config/fish/config.fish.",
    )


_SCOPES: Final = (
    "catalog:read",
    "catalog:write",
    "orders:read",
    "orders:write",
    "refunds:write",
    "pii:read",
    "pii:reveal",
    "raw:read",
    "ops:read",
    "ops:write",
    "audit:read",
)
#: \b keeps click from joining the lines.
_SCOPE_TABLE: Final = """\
\b
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
