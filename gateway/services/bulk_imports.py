"""Bulk imports: begins the import of a file that the store has received."""

from typing import Final

from gateway.mutation_progress import begin_step
from gateway.ports.writing.problems import InputRefused
from gateway.services.bulk_operations import BulkOperationService, BulkResult
from gateway.services.directory import Directory, unsupported
from gateway.services.viewer import Viewer
from gateway.store.bulk_operations import LeaseLost
from gateway.store.store import Store
from schema.bulk_operation import BulkKind
from schema.errors import ErrorCode
from schema.scalars import BulkUpload, UploadedFile

ORDERS: Final = BulkKind.ORDERS_IMPORT
SHIPMENTS: Final = BulkKind.SHIPMENTS_IMPORT
#: Seconds that a part of a file may take to arrive before the rest is no longer waited for.
RECEIVE_LEASE: Final = 600.0


class BulkImportService:
    """Queues imports of files."""

    def __init__(
        self, directory: Directory, store: Store, operations: BulkOperationService
    ) -> None:
        self._directory = directory
        self._store = store
        self._operations = operations

    def check(self, shop: str, kind: BulkKind, viewer: Viewer) -> None:
        """Refuses what can be refused without the file.

        Raises:
            InputRefused: the kind is an export, there is no such shop, or it takes no such import.
        """
        if kind not in {ORDERS, SHIPMENTS}:
            message = "Give ORDERS_IMPORT or SHIPMENTS_IMPORT; exports begin with bulkExport."
            raise InputRefused.of(ErrorCode.INVALID, message, "kind")
        adapter = self._directory.find(shop, viewer)
        if adapter is None:
            known = ", ".join(one.shop.key_name for one in self._directory.all(viewer)) or "none"
            message = f'There is no shop "{shop}". Shops of this API key: {known}.'
            raise InputRefused.of(ErrorCode.NOT_FOUND, message, "shop")
        if adapter.accepts_orders is None and (kind is ORDERS or adapter.ships_orders is None):
            what = (
                "order list that orders are pushed to" if kind is ORDERS else "way to ship orders"
            )
            message = unsupported([adapter], what)
            raise InputRefused.of(ErrorCode.UNSUPPORTED_BY_PLATFORM, message, "shop")

    async def begin(
        self, shop: str, kind: BulkKind, file: UploadedFile | BulkUpload, viewer: Viewer
    ) -> BulkResult:
        """Queues the import of a file that was received whole.

        Raises:
            StoreUnavailable: nothing was begun.
        """
        if (before := await self._operations.begun_before()) is not None:
            return before
        try:
            self.check(shop, kind, viewer)
            number = _number_of(file)
            assert isinstance(file, BulkUpload)  # noqa: S101 - `_number_of` refuses others
            async with self._store.transaction() as transaction:
                await self._store.bulk_operations.received(transaction, number, file.lines)
                key = self._operations.key_of(number, shop)
                await self._operations.write_receipt(transaction, number, key)
        except LeaseLost:
            message = "The file took too long to arrive: send it again."
            refused = InputRefused.of(ErrorCode.CONFLICT, message, "file")
            return BulkResult(errors=refused.errors)
        except InputRefused as refused:
            return BulkResult(errors=refused.errors)
        begin_step()
        return await self._operations.result_of(number)


def _number_of(file: UploadedFile | BulkUpload) -> int:
    """The number of the operation that has the file; raises InputRefused."""
    if not isinstance(file, BulkUpload):
        message = (
            "Send bulkImport as the only field of its operation, and the file as the last part of"
            " the form: it is stored while it arrives."
        )
        raise InputRefused.of(ErrorCode.INVALID, message, "file")
    if file.problem is not None or file.number is None:
        message = file.problem or "The file was not received: send it again."
        raise InputRefused.of(ErrorCode.INVALID, message, "file")
    return file.number
