"""Links between open ids of one buyer in two shops, as a list."""

from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from gateway.errors import BadUserInput, LedgerUnreadable
from gateway.services.cursor import NO_CURSOR
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.buyer_links import BuyerLinks, LinkPosition, StoredLink
from schema import base64url
from schema.buyer_link import BuyerLink, BuyerLinkConnection
from schema.connection import Cursors

_CURSOR: Final = msgspec.json.Decoder(tuple[float, bytes])

_log = structlog.stdlib.get_logger(__name__)


class BuyerLinkService:
    """Lists the links of two shops that a viewer sees."""

    def __init__(self, directory: Directory, links: BuyerLinks) -> None:
        self._directory = directory
        self._links = links

    async def page(
        self, shop: str, to_shop: str, after: str | None, first: int, viewer: Viewer
    ) -> BuyerLinkConnection:
        """The links from one shop to another, the last imported first.

        One that cannot be decrypted is logged and left out.

        Raises:
            BadUserInput: an unknown shop, or a malformed cursor.
            StoreUnavailable: the ledger cannot be read.
        """
        for key in (shop, to_shop):
            self._directory.get(key, viewer)
        place = None if after is None else _read_cursor(after)
        found = await self._links.page(shop, to_shop, after=place, limit=first + 1)
        page = found[:first]
        rows = [(one.position, link) for one in page if (link := _link(one, shop, to_shop))]
        more, begun = len(found) > first, after is not None
        return BuyerLinkConnection(
            nodes=[link for _, link in rows],
            total_count=None if more or begun else len(rows),
            cursors=Cursors(
                at=lambda index: _write_cursor(rows[index][0]),
                has_next_page=more,
                has_previous_page=begun,
                resume=_write_cursor(page[-1].position) if more and not rows else None,
            ),
        )


def _link(stored: StoredLink, shop: str, to_shop: str) -> BuyerLink | None:
    for found in (stored.open_id, stored.to_open_id):
        if isinstance(found, LedgerUnreadable):
            _log.warning(
                "mirroring.link.unreadable",
                message="A buyer link cannot be read: import it again with buyerLinksImport.",
                shop=shop,
                to=to_shop,
                reason=found.message,
            )
            return None
    return BuyerLink(
        open_id_data=str(stored.open_id),
        to_open_id_data=str(stored.to_open_id),
        linked_at=datetime.fromtimestamp(stored.position.written_at, UTC),
    )


def _write_cursor(position: LinkPosition) -> str:
    return base64url.encode(msgspec.json.encode(tuple(position)))


def _read_cursor(text: str) -> LinkPosition:
    try:
        return LinkPosition(*_CURSOR.decode(base64url.decode(text)))
    except (ValueError, msgspec.DecodeError):
        raise BadUserInput(NO_CURSOR) from None
