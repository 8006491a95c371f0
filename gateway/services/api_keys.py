"""API keys: lists those that are valid, with their last use."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from gateway.auth.keys_file import EVERY_SHOP, KeyRecord
from gateway.services.directory import Directory
from gateway.services.viewer import Viewer
from gateway.store.store import Store
from schema.api_key import ApiKey


class ApiKeyService:
    """Lists keys. A viewer that is bound to shops sees the keys that share one of them."""

    def __init__(
        self,
        directory: Directory,
        store: Store,
        records: Callable[[], Sequence[KeyRecord]],
        now: Callable[[], float],
    ) -> None:
        """`records` are the keys that are not revoked, `now` gives unix seconds."""
        self._directory = directory
        self._store = store
        self._records = records
        self._now = now

    async def all(self, viewer: Viewer) -> list[ApiKey]:
        """The valid keys, oldest first.

        Raises:
            StoreUnavailable: their last uses cannot be read.
        """
        now = datetime.fromtimestamp(self._now(), UTC)
        valid = [record for record in self._records() if record.is_valid(now)]
        uses = await self._store.key_uses.all()
        keys = (self._key(record, uses.get(record.id), viewer) for record in valid)
        return [key for key in keys if key.shops or viewer.bound_to is None]

    def _key(self, record: KeyRecord, used: float | None, viewer: Viewer) -> ApiKey:
        visible = self._directory.all(viewer)
        everywhere = EVERY_SHOP in record.shops
        return ApiKey(
            name=record.name,
            scopes=sorted(record.scopes),
            shops=[
                adapter.shop
                for adapter in visible
                if everywhere or adapter.shop.key_name in record.shops
            ],
            created_at=record.created_at.astimezone(UTC),
            expires_at=None if record.expires_at is None else record.expires_at.astimezone(UTC),
            last_used_at=None if used is None else datetime.fromtimestamp(used, UTC),
        )
